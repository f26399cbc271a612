using System.Reflection;
using BulkQA.Emulators;

[assembly: AssemblyFixture(typeof(BulkQA.Api.Tests.SharedApi))]

namespace BulkQA.Api.Tests;

/// <summary>The service as a process of its own, on a free port, with the data folder given.</summary>
public sealed class ApiProcess : IAsyncDisposable
{
    private const string Ready = "BulkQA is ready: ";

    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _child;

    private ApiProcess(ChildProcess child, string url) =>
        (_child, Http) = (child, new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromMinutes(10) });

    public HttpClient Http { get; }

    public int Id => _child.Process.Id;

    public string Output => _child.Output;

    public static string RepositoryRoot => Path.GetFullPath(Metadata("RepositoryRoot"));

    public static Task<ApiProcess> StartAsync(string dataDirectory, params string[] arguments) =>
        StartProgramAsync(Metadata("ApiProgram"), dataDirectory, arguments);

    /// <summary>Another build of the service.</summary>
    public static async Task<ApiProcess> StartProgramAsync(string program, string dataDirectory, params string[] arguments)
    {
        var (child, url) = await ChildProcess.StartAsync(
            "bash", Arguments(program, ["--urls", "http://127.0.0.1:0", "--data", dataDirectory, .. arguments]),
            line => line.StartsWith(Ready, StringComparison.Ordinal) ? line[Ready.Length..].Split(' ')[0] : null);
        return new ApiProcess(child, url);
    }

    /// <summary>Runs the service with settings that it should refuse; gives its exit code and what it printed.</summary>
    public static async Task<(int ExitCode, string Output)> RunToExitAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        await using var child = ChildProcess.Start("bash", Arguments(Metadata("ApiProgram"), arguments), environment);
        await child.Process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(_limit);
        return (child.Process.ExitCode, child.Output);
    }

    /// <inheritdoc cref="ChildProcess.KillAsync"/>
    public Task KillAsync() => _child.KillAsync();

    /// <inheritdoc cref="ChildProcess.TerminateAsync"/>
    public Task<int> TerminateAsync() => _child.TerminateAsync(_limit);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _child.DisposeAsync();
    }

    /// <summary>A file-size limit stands for a full disk in one test: its signal is ignored, so that the write fails instead.</summary>
    private static IEnumerable<string> Arguments(string program, IEnumerable<string> arguments) =>
        ["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", "dotnet", program, .. arguments];

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
