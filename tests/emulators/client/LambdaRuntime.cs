using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace BulkQA.Emulators;

/// <summary>How an invocation ended.</summary>
/// <param name="Kind"><c>response</c> or <c>error</c>; <c>init/error</c> where the function could not start.</param>
public sealed record InvocationResult(string Kind, string Body, IReadOnlyDictionary<string, string> Headers);

/// <summary>
/// A Lambda Runtime API with the native executable of our functions under it. One invocation at a time, as in Lambda.
/// </summary>
public sealed class LambdaRuntime : IAsyncDisposable
{
    private static readonly string _program = Path.GetFullPath(Path.Combine(
        Folder(), "..", "..", "..", "src", "Lambdas", "bin", "Release", "net10.0",
        RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "linux-arm64" : "linux-x64", "publish", "bootstrap"));

    /// <summary>The largest response that Lambda takes.</summary>
    public const int MaxResponseBytes = 6_291_556;

    private readonly Channel<(string Id, byte[] Event)> _events = Channel.CreateUnbounded<(string, byte[])>();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<InvocationResult>> _results = [];
    private readonly TaskCompletionSource<InvocationResult> _init = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _polled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WebApplication _app;
    private ChildProcess? _function;

    private LambdaRuntime()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        _app = builder.Build();
        _app.MapGet("/2018-06-01/runtime/invocation/next", NextAsync);
        _app.MapPost("/2018-06-01/runtime/invocation/{id}/{kind}", EndAsync);
        _app.MapPost("/2018-06-01/runtime/init/error", async (HttpRequest request) =>
        {
            _init.TrySetResult(await ReadAsync("init/error", request));
            return Results.Accepted();
        });
    }

    /// <summary>How long one invocation may take, as the function is told.</summary>
    public TimeSpan Limit { get; set; } = TimeSpan.FromMinutes(1);

    public static long ProgramBytes => new FileInfo(_program).Length;

    /// <summary>Statuses for the function's next responses and errors, in turn, instead of 202.</summary>
    public ConcurrentQueue<int> Refusals { get; } = [];

    /// <summary>What the function says where it can't start.</summary>
    public Task<InvocationResult> InitError => _init.Task;

    /// <summary>Done once the function has asked for its first event.</summary>
    public Task Ready => _polled.Task;

    public string Output => _function?.Output ?? "";

    public ChildProcess Function => _function!;

    public static async Task<LambdaRuntime> StartAsync(string handler, IReadOnlyDictionary<string, string> environment)
    {
        if (!File.Exists(_program)) throw new InvalidOperationException($"{_program} is missing; ./test.sh makes it (dotnet publish src/Lambdas)");
        var runtime = new LambdaRuntime();
        await runtime._app.StartAsync();
        var variables = new Dictionary<string, string>(environment)
        {
            ["AWS_LAMBDA_RUNTIME_API"] = runtime._app.Urls.Single()["http://".Length..],
            ["_HANDLER"] = handler,
        };
        runtime._function = ChildProcess.Start(_program, [], variables);
        return runtime;
    }

    public async Task<InvocationResult> InvokeAsync(string json)
    {
        var id = Guid.NewGuid().ToString();
        var result = _results[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await _events.Writer.WriteAsync((id, Encoding.UTF8.GetBytes(json)));
        await Task.WhenAny(result.Task, Function.Process.WaitForExitAsync()).WaitAsync(TimeSpan.FromMinutes(2));
        return result.Task.IsCompleted
            ? await result.Task : throw new InvalidOperationException($"the function ended without an answer:\n{Output}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_function is not null) await _function.DisposeAsync();
        await _app.DisposeAsync();
    }

    private async Task NextAsync(HttpContext context)
    {
        _polled.TrySetResult();
        var (id, content) = await _events.Reader.ReadAsync(context.RequestAborted);
        var headers = context.Response.Headers;
        headers["Lambda-Runtime-Aws-Request-Id"] = id;
        headers["Lambda-Runtime-Deadline-Ms"] = $"{(TimeProvider.System.GetUtcNow() + Limit).ToUnixTimeMilliseconds()}";
        headers["Lambda-Runtime-Invoked-Function-Arn"] = "arn:aws:lambda:us-east-1:123456789012:function:LabelingFunction";
        headers["Lambda-Runtime-Trace-Id"] = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1";
        headers["Lambda-Runtime-Invocation-Id"] = $"invocation-{id}";
        await context.Response.Body.WriteAsync(content);
    }

    private async Task<IResult> EndAsync(string id, string kind, HttpRequest request)
    {
        var result = await ReadAsync(kind, request);
        if (kind == "response" && Encoding.UTF8.GetByteCount(result.Body) > MaxResponseBytes) return Results.StatusCode(StatusCodes.Status413PayloadTooLarge);
        _results[id].TrySetResult(result);
        return Refusals.TryDequeue(out var status) ? Results.StatusCode(status) : Results.Accepted();
    }

    private static async Task<InvocationResult> ReadAsync(string kind, HttpRequest request)
    {
        using var reader = new StreamReader(request.Body, Encoding.UTF8);
        return new InvocationResult(kind, await reader.ReadToEndAsync(), request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase));
    }

    private static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
