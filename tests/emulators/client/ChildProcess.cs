using System.Collections.Concurrent;
using System.Diagnostics;

namespace BulkQA.Emulators;

/// <summary>A process that prints a line once it can be used, and that ends with whoever started it.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan _startTimeout = TimeSpan.FromSeconds(180);

    private readonly ConcurrentQueue<string> _output = [];

    private ChildProcess(Process process) => Process = process;

    public Process Process { get; }

    public string Output => string.Join('\n', _output);

    /// <summary>Starts it and waits for the first line that <paramref name="ready"/> takes something from.</summary>
    public static async Task<(ChildProcess Child, T Ready)> StartAsync<T>(
        string program, IEnumerable<string> arguments, Func<string, T?> ready, IReadOnlyDictionary<string, string>? environment = null)
        where T : class
    {
        var found = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var child = Start(program, arguments, environment, line =>
        {
            if (ready(line) is { } value) found.TrySetResult(value);
        });
        var first = await Task.WhenAny(found.Task, child.Process.WaitForExitAsync(), Task.Delay(_startTimeout, TimeProvider.System));
        if (first == found.Task) return (child, await found.Task);
        await child.DisposeAsync();
        throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} did not get ready:\n{child.Output}");
    }

    /// <summary>Starts it and waits for nothing.</summary>
    public static ChildProcess Start(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, Action<string>? onLine = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        var child = new ChildProcess(Process.Start(start)!);
        void Take(object _, DataReceivedEventArgs line)
        {
            if (line.Data is null) return;
            child._output.Enqueue(line.Data);
            onLine?.Invoke(line.Data);
        }
        child.Process.OutputDataReceived += Take;
        child.Process.ErrorDataReceived += Take;
        child.Process.BeginOutputReadLine();
        child.Process.BeginErrorReadLine();
        return child;
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        Process.Kill();
        await Process.WaitForExitAsync();
    }

    /// <summary>Any signal, such as <c>STOP</c> and <c>CONT</c>.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{Process.Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and what it exits with.</summary>
    public async Task<int> TerminateAsync(TimeSpan limit)
    {
        await SignalAsync("TERM");
        await Process.WaitForExitAsync().WaitAsync(limit);
        return Process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!Process.HasExited) await KillAsync();
        Process.Dispose();
    }
}
