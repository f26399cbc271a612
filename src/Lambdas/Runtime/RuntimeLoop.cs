namespace BulkQA.Lambdas;

/// <summary>Answers one event, before its token is cancelled.</summary>
internal delegate Task<byte[]> FunctionHandler(Invocation invocation, CancellationToken cancellation);

/// <summary>Takes event after event, for as long as Lambda keeps the process.</summary>
internal static class RuntimeLoop
{
    /// <summary>What is left of an invocation's time for saying that it failed.</summary>
    private static readonly TimeSpan _reserve = TimeSpan.FromSeconds(1);

    /// <returns>An exit code, and only where the function can't be started or the runtime API is gone.</returns>
    public static async Task<int> RunAsync(Func<string, FunctionSettings> read, Func<FunctionSettings, FunctionHandler> create)
    {
        if (Environment.GetEnvironmentVariable("AWS_LAMBDA_RUNTIME_API") is not { Length: > 0 } address)
        {
            await Console.Error.WriteLineAsync("AWS_LAMBDA_RUNTIME_API is not set: this program is started by AWS Lambda");
            return 1;
        }
        using var runtime = new RuntimeApi(address);
        try
        {
            FunctionHandler handler;
            try
            {
                handler = create(read(address));
            }
            catch (Exception e) when (e is FormatException or ArgumentException or Amazon.Runtime.AmazonClientException)
            {
                Log.Error("the function can't start", null, e);
                await runtime.FailInitAsync(e);
                return 1;
            }
            while (true) await AnswerAsync(runtime, handler, await runtime.NextAsync());
        }
        catch (HttpRequestException e)
        {
            // Lambda starts another process for the next event.
            Log.Error("the runtime API did not answer", null, e);
            return 1;
        }
    }

    private static async Task AnswerAsync(RuntimeApi runtime, FunctionHandler handler, Invocation invocation)
    {
        Environment.SetEnvironmentVariable("_X_AMZN_TRACE_ID", invocation.TraceId);
        using var limit = new CancellationTokenSource();
        var left = invocation.Deadline - TimeProvider.System.GetUtcNow() - _reserve;
        if (left < TimeSpan.FromDays(1)) limit.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        byte[] answer;
        try
        {
            answer = await handler(invocation, limit.Token);
        }
        // Whatever it is, Ground Truth is told and calls again; this process goes on.
        catch (Exception e)
        {
            Log.Error("the invocation failed", invocation.RequestId, e);
            await runtime.FailAsync(invocation, limit.IsCancellationRequested ? new TimeoutException("the function's time was up", e) : e);
            return;
        }
        if (!await runtime.RespondAsync(invocation, answer))
            await runtime.FailAsync(invocation, new InvalidOperationException($"the answer of {answer.Length} bytes is too large for Lambda"));
    }
}
