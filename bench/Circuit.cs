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
    private readonly ClientWebSocket _socket = new();
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _shown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _root;
    private readonly SemaphoreSlim _turn = new(1);
    private Task _reading = Task.CompletedTask;

    private Circuit(string root) => _root = root;

    /// <summary>What was rendered so far.</summary>
    public int Batches { get; private set; }

    public long Bytes { get; private set; }

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
        await circuit._socket.SendAsync(Encoding.UTF8.GetBytes("{\"protocol\":\"blazorpack\",\"version\":1}\u001e"), WebSocketMessageType.Text, true, CancellationToken.None);
        circuit._reading = circuit.ReadAsync(Encoding.UTF8.GetBytes(shown));
        await circuit.SendAsync("StartCircuit", "0", (ref MessagePackWriter writer) =>
        {
            writer.WriteArrayHeader(4);
            writer.Write(origin.ToString());
            writer.Write(new Uri(origin, path).ToString());
            writer.Write("[]");
            writer.Write(State().Match(page).Groups[1].Value);
        });
        await await Task.WhenAny(circuit._shown.Task, circuit._reading);
        return circuit;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        try
        {
            await _reading;
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
        var received = new ArrayBufferWriter<byte>();
        var isFirst = true;
        while (true)
        {
            var part = await _socket.ReceiveAsync(received.GetMemory(16 * 1024), _end.Token);
            if (part.MessageType == WebSocketMessageType.Close) throw new InvalidOperationException("the service ended the circuit");
            received.Advance(part.Count);
            if (!part.EndOfMessage) continue;
            // The first answers the choice of a protocol.
            if (!isFirst) await TakeAllAsync(received.WrittenMemory, shown);
            isFirst = false;
            Bytes += received.WrittenCount;
            received.Clear();
        }
    }

    /// <summary>Messages stand behind each other, each behind its length.</summary>
    private async Task TakeAllAsync(ReadOnlyMemory<byte> received, byte[] shown)
    {
        if (received.Span.IndexOf(shown) >= 0) _shown.TrySetResult();
        while (received.Length > 0)
        {
            var (length, read) = LengthOf(received.Span);
            var message = received.Slice(read, length);
            var (target, first, second) = Parse(message);
            received = received[(read + length)..];
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
                        writer.Write(string.Create(CultureInfo.InvariantCulture, $"[{first},true,{AnswerTo(second!)}]"));
                    });
                    break;
                case "JS.Error":
                    throw new InvalidOperationException($"the circuit failed: {Encoding.UTF8.GetString(message.Span)}");
            }
        }
    }

    /// <summary>What a browser would answer; most scripts have nothing to say.</summary>
    private static string AnswerTo(string script) => script switch
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

    private static (int Length, int Read) LengthOf(ReadOnlySpan<byte> bytes)
    {
        var (length, read) = (0, 0);
        byte next;
        do
        {
            next = bytes[read];
            length |= (next & 0x7f) << (7 * read++);
        }
        while ((next & 0x80) != 0);
        return (length, read);
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
        await _turn.WaitAsync(_end.Token);
        try
        {
            await _socket.SendAsync(framed.ToArray(), WebSocketMessageType.Binary, true, _end.Token);
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
