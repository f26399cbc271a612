using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;

[assembly: AssemblyFixture(typeof(BulkQA.Api.Tests.SharedApi))]

namespace BulkQA.Api.Tests;

/// <summary>The service as a process of its own, on a free port, with the data folder given.</summary>
public sealed class ApiProcess : IAsyncDisposable
{
    private static readonly TimeSpan _startTimeout = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = [];

    private ApiProcess(Process process) => _process = process;

    public HttpClient Http { get; private set; } = null!;

    public int Id => _process.Id;

    public string Output => string.Join('\n', _output);

    public static string RepositoryRoot => Path.GetFullPath(Metadata("RepositoryRoot"));

    public static async Task<ApiProcess> StartAsync(string dataDirectory, params string[] arguments)
    {
        var api = new ApiProcess(Launch(["--urls", "http://127.0.0.1:0", "--data", dataDirectory, .. arguments]));
        var ready = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        api.Read(line =>
        {
            if (line.StartsWith("BulkQA is ready: ", StringComparison.Ordinal)) ready.TrySetResult(line.Split(' ')[3]);
        });
        var first = await Task.WhenAny(ready.Task, api._process.WaitForExitAsync(), Task.Delay(_startTimeout, TimeProvider.System));
        if (first != ready.Task)
        {
            await api.DisposeAsync();
            throw new InvalidOperationException($"the service did not start:\n{api.Output}");
        }
        api.Http = new HttpClient { BaseAddress = new Uri(await ready.Task), Timeout = TimeSpan.FromMinutes(10) };
        return api;
    }

    /// <summary>Runs the service with settings that it should refuse; gives its exit code and what it printed.</summary>
    public static async Task<(int ExitCode, string Output)> RunToExitAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        await using var api = new ApiProcess(Launch(arguments, environment));
        api.Read(_ => { });
        await api._process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(_startTimeout);
        return (api._process.ExitCode, api.Output);
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and what it exits with.</summary>
    public async Task<int> TerminateAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"])) await kill.WaitForExitAsync();
        await _process.WaitForExitAsync().WaitAsync(_startTimeout);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }

    private static Process Launch(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        // A file-size limit stands for a full disk in one test: its signal is ignored, so that the write fails instead.
        var start = new ProcessStartInfo("bash", ["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", "dotnet", Metadata("ApiProgram"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private void Read(Action<string> onLine)
    {
        void Take(object _, DataReceivedEventArgs line)
        {
            if (line.Data is null) return;
            _output.Enqueue(line.Data);
            onLine(line.Data);
        }
        _process.OutputDataReceived += Take;
        _process.ErrorDataReceived += Take;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private static string Metadata(string key) =>
        typeof(ApiProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}

/// <summary>One process for all tests that need nothing of their own; each test has jobs of its own.</summary>
public sealed class SharedApi : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private ApiProcess _api = null!;

    public HttpClient Http => _api.Http;

    public string DataDirectory => _folder.Path;

    public Task<string> ReadObjectAsync(string uri) => File.ReadAllTextAsync(PathOf(uri), TestContext.Current.CancellationToken);

    public Task WriteObjectAsync(string uri, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(uri))!);
        return File.WriteAllTextAsync(PathOf(uri), content, TestContext.Current.CancellationToken);
    }

    public async ValueTask InitializeAsync() => _api = await ApiProcess.StartAsync(_folder.Path);

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        _folder.Dispose();
    }

    private string PathOf(string uri) => Path.Combine(DataDirectory, "objects", uri["s3://".Length..]);
}
