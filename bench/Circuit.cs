using System.Buffers;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.RegularExpressions;
using MessagePack;

namespace BulkQA.Bench;

/// <summary>
/// An open page of the console, as its server sees one: a circuit over a WebSocket, which acknowledges what is rendered and answers what is asked
/// of the browser's scripts. It shows nothing, so that what is measured is the server alone.
/// </summary>
internal sealed partial class Circuit : IAsyncDisposable
{
    private const byte EndOfHandshake = 0x1e;

    /// <summary>Until a page is shown, with hundreds of others.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    private readonly ClientWebSocket _socket = new();
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _shown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _root;
    private readonly SemaphoreSlim _turn = new(1);
    private Task _reading = Task.CompletedTask;
    private Task _pinging = Task.CompletedTask;

    private Circuit(string root) => _root = root;

    /// <summary>What was rendered so far.</summary>
    public int Batches { get; private set; }

    /// <param name="http">The service.</param>
    /// <param name="path">The page.</param>
    /// <param name="shown">Stands in what is rendered once the page shows what it is for.</param>
    public static async Task<Circuit> OpenAsync(HttpClient http, string path, string shown)
    {
        var page = await http.GetStringAsync(path);
        var operations = string.Join(',', Marker().Matches(page).Select((marker, index) => string.Create(CultureInfo.InvariantCulture, $$"""{"type":"add","ssrComponentId":{{index + 1}},"marker":{{marker.Groups[1].Value}}}""")));
        var circuit = new Circuit($$"""{"batchId":1,"operations":[{{operations}}]}""");
        var origin = http.BaseAddress!;
        circuit._socket.Options.SetRequestHeader("Origin", origin.GetLeftPart(UriPartial.Authority));
        await circuit._socket.ConnectAsync(new UriBuilder(origin) { Scheme = "ws", Path = "/_blazor" }.Uri, CancellationToken.None);
        await circuit._socket.SendAsync((byte[])[.. "{\"protocol\":\"blazorpack\",\"version\":1}"u8, EndOfHandshake], WebSocketMessageType.Text, true, CancellationToken.None);
        circuit._reading = circuit.ReadAsync(Encoding.UTF8.GetBytes(shown));
        await circuit.SendAsync("StartCircuit", "0", (ref MessagePackWriter writer) =>
        {
            writer.WriteArrayHeader(4);
            writer.Write(origin.ToString());
            writer.Write(new Uri(origin, path).ToString());
            writer.Write("[]");
            writer.Write(State().Match(page).Groups[1].Value);
        });
        circuit._pinging = circuit.PingAsync();
        await await Task.WhenAny(circuit._shown.Task, circuit._reading).WaitAsync(_patience);
        return circuit;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        try
        {
            await Task.WhenAll(_reading, _pinging);
        }
        catch (OperationCanceledException)
        {
            // As wanted.
        }
        _socket.Dispose();
        _turn.Dispose();
        _end.Dispose();
    }

    private async Task ReadAsync(byte[] shown)
    {
        var received = new List<byte>();
        var buffer = new byte[16 * 1024];
        var isFirst = true;
        while (true)
        {
            var part = await _socket.ReceiveAsync(buffer.AsMemory(), _end.Token);
            if (part.MessageType == WebSocketMessageType.Close) throw new InvalidOperationException("the service ended the circuit");
            received.AddRange(buffer.AsSpan(0, part.Count));
            // The first answers the choice of a protocol; what follows may come in the same frame.
            if (isFirst && received.IndexOf(EndOfHandshake) is >= 0 and var end)
            {
                received.RemoveRange(0, end + 1);
                isFirst = false;
            }
            // Messages stand behind each other, each behind its length; wherever a frame ends.
            while (!isFirst && TryTake(received) is { } message) await TakeAsync(message, shown);
        }
    }

    /// <summary>The next message, where all of it is there.</summary>
    private static byte[]? TryTake(List<byte> received)
    {
        var (length, read) = (0, 0);
        byte next;
        do
        {
            if (read == received.Count) return null;
            next = received[read];
            length |= (next & 0x7f) << (7 * read++);
        }
        while ((next & 0x80) != 0);
        if (received.Count < read + length) return null;
        var message = received.GetRange(read, length).ToArray();
        received.RemoveRange(0, read + length);
        return message;
    }

    private async Task TakeAsync(byte[] message, byte[] shown)
    {
        if (message.AsSpan().IndexOf(shown) >= 0) _shown.TrySetResult();
        var (target, first, second) = Parse(message);
        switch (target)
        {
            case "JS.RenderBatch":
                Batches++;
                await SendAsync("OnRenderCompleted", null, (ref MessagePackWriter writer) =>
                {
                    writer.WriteArrayHeader(2);
                    writer.Write(first);
                    writer.WriteNil();
                });
                break;
            case "JS.BeginInvokeJS" when second == "Blazor._internal.attachWebRendererInterop":
                await SendAsync("UpdateRootComponents", null, (ref MessagePackWriter writer) =>
                {
                    writer.WriteArrayHeader(2);
                    writer.Write(_root);
                    writer.Write("");
                });
                break;
            case "JS.BeginInvokeJS":
                await SendAsync("EndInvokeJSFromDotNet", null, (ref MessagePackWriter writer) =>
                {
                    writer.WriteArrayHeader(3);
                    writer.Write(first);
                    writer.Write(true);
                    writer.Write(string.Create(CultureInfo.InvariantCulture, $"[{first},true,{AnswerTo(second)}]"));
                });
                break;
            case "JS.Error":
                throw new InvalidOperationException($"the circuit failed: {Encoding.UTF8.GetString(message)}");
        }
    }

    /// <summary>As every client says now and then that it is there.</summary>
    private async Task PingAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(10));
        while (await timer.WaitForNextTickAsync(_end.Token)) await SendAsync([2, 0x91, 6]);
    }

    /// <summary>What a browser would answer; most scripts have nothing to say.</summary>
    private static string AnswerTo(string? script) => script switch
    {
        "import" => """{"__jsObjectId":1}""",
        "mudThemeProvider.isDarkMode" => "false",
        "mudResizeListener.getBrowserWindowSize" => """{"height":900,"width":1440}""",
        "mudElementRef.getBoundingClientRect" => """{"x":0,"y":0,"width":208,"height":672,"top":0,"right":208,"bottom":672,"left":0,"scrollY":0,"scrollX":0,"windowHeight":900,"windowWidth":1440}""",
        "mudResizeListener.matchMedia" => "true",
        _ => "null",
    };

    /// <summary>Of an invocation: what is called, and its first argument, and the second where that is a text.</summary>
    private static (string? Target, long First, string? Second) Parse(ReadOnlyMemory<byte> message)
    {
        var reader = new MessagePackReader(message);
        var count = reader.ReadArrayHeader();
        if (count < 5 || reader.ReadInt32() != 1) return default;
        reader.Skip();
        reader.Skip();
        var target = reader.ReadString();
        var arguments = reader.ReadArrayHeader();
        var first = arguments > 0 && reader.NextMessagePackType == MessagePackType.Integer ? reader.ReadInt64() : 0;
        return (target, first, arguments > 1 && reader.NextMessagePackType == MessagePackType.String ? reader.ReadString() : null);
    }

    private delegate void Write(ref MessagePackWriter writer);

    private async Task SendAsync(string target, string? invocation, Write arguments)
    {
        var message = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(message);
        writer.WriteArrayHeader(5);
        writer.Write(1);
        writer.WriteMapHeader(0);
        writer.Write(invocation);
        writer.Write(target);
        arguments(ref writer);
        writer.Flush();
        var framed = new List<byte>(message.WrittenCount + 5);
        for (var rest = message.WrittenCount; ; rest >>= 7)
        {
            framed.Add((byte)(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest));
            if (rest <= 0x7f) break;
        }
        framed.AddRange(message.WrittenSpan);
        await SendAsync([.. framed]);
    }

    private async Task SendAsync(byte[] framed)
    {
        await _turn.WaitAsync(_end.Token);
        try
        {
            await _socket.SendAsync(framed.AsMemory(), WebSocketMessageType.Binary, true, _end.Token);
        }
        finally
        {
            _turn.Release();
        }
    }

    [GeneratedRegex("<!--Blazor:(\\{\"type\":\"server\".*?\\})-->")]
    private static partial Regex Marker();

    [GeneratedRegex("<!--Blazor-Server-Component-State:(.*?)-->")]
    private static partial Regex State();
}
