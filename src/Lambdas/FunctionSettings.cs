namespace BulkQA.Lambdas;

/// <summary>What the environment of a function says.</summary>
/// <param name="RuntimeApi">Host and port of the Lambda Runtime API (<c>AWS_LAMBDA_RUNTIME_API</c>, set by Lambda).</param>
/// <param name="Handler"><see cref="PreLabeling"/> or <see cref="PostLabeling"/> (<c>_HANDLER</c>: the function's handler name).</param>
/// <param name="QueueUrl">Where answers go (<c>BULKQA_QUEUE_URL</c>); only post-labeling needs it.</param>
/// <param name="PathStyle">Whether buckets are addressed by path (<c>BULKQA_S3_PATH_STYLE</c>, for emulators).</param>
internal sealed record FunctionSettings(string RuntimeApi, string Handler, string QueueUrl, bool PathStyle)
{
    public const string PreLabeling = "pre-labeling";
    public const string PostLabeling = "post-labeling";

    /// <exception cref="FormatException">A setting is missing or wrong.</exception>
    public static FunctionSettings Read(string runtimeApi)
    {
        var handler = Environment.GetEnvironmentVariable("_HANDLER") ?? "";
        if (handler is not (PreLabeling or PostLabeling))
            throw new FormatException($"the handler is '{handler}'; set the function's handler to {PreLabeling} or {PostLabeling}");
        var queue = Environment.GetEnvironmentVariable("BULKQA_QUEUE_URL") ?? "";
        if (handler == PostLabeling && !Uri.TryCreate(queue, UriKind.Absolute, out _))
            throw new FormatException($"BULKQA_QUEUE_URL is '{queue}'; give the URL of the queue that answers go to");
        return new FunctionSettings(runtimeApi, handler, queue, Environment.GetEnvironmentVariable("BULKQA_S3_PATH_STYLE") == "true");
    }
}
