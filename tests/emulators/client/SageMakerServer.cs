using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Amazon.Runtime.Internal.Auth;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace BulkQA.Emulators;

/// <summary>
/// As much of SageMaker's JSON API as labeling jobs take. Checks each request's signature with the AWS SDK's own signer,
/// over what arrived.
/// </summary>
public sealed class SageMakerServer : IAsyncDisposable
{
    private const string Secret = "test";

    private readonly WebApplication _app;

    private SageMakerServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost("/", AnswerAsync);
    }

    public string Url => _app.Urls.Single();

    /// <summary>The labeling jobs, as they were created.</summary>
    public ConcurrentDictionary<string, JsonObject> Jobs { get; } = [];

    /// <summary>What each job is at that has no <c>LabelingJobStatus</c> of its own.</summary>
    public string Status { get; set; } = "InProgress";

    /// <summary>Creations still to be throttled; the mirror's descriptions, which come at any time, take none of them away.</summary>
    public int Throttles { get; set; }

    /// <summary>Creations still to be done and answered with a failure, as if the answer had got lost.</summary>
    public int LostAnswers { get; set; }

    public static async Task<SageMakerServer> StartAsync()
    {
        var server = new SageMakerServer();
        await server._app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> AnswerAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        if (!IsSigned(request, body)) return Error(403, "InvalidSignatureException", "The request signature we calculated does not match the signature you provided.");
        var call = JsonNode.Parse(body)!.AsObject();
        var name = (string?)call["LabelingJobName"];
        switch (request.Headers["X-Amz-Target"].ToString())
        {
            case "SageMaker.CreateLabelingJob":
                if (Throttles-- > 0) return Error(400, "ThrottlingException", "Rate exceeded");
                if (((string?)call["HumanTaskConfig"]?["WorkteamArn"])?.Contains("no-such", StringComparison.Ordinal) is true)
                    return Error(400, "ValidationException", "1 validation error detected: Value at 'humanTaskConfig.workteamArn' failed to satisfy constraint");
                call["CreationTime"] = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
                var free = Jobs.TryAdd(name!, call);
                if (LostAnswers-- > 0) return Error(500, "InternalFailure", "");
                return free
                    ? Json(new JsonObject { ["LabelingJobArn"] = $"arn:aws:sagemaker:us-east-1:123456789012:labeling-job/{name}" })
                    : Error(400, "com.amazonaws.sagemaker#ResourceInUse", $"Labeling job name must be unique; {name} exists");
            case "SageMaker.DescribeLabelingJob":
                return Jobs.TryGetValue(name!, out var job)
                    ? Json(new JsonObject { ["InputConfig"] = job["InputConfig"]!.DeepClone(), ["LabelingJobArn"] = $"arn:aws:sagemaker:us-east-1:123456789012:labeling-job/{name}", ["LabelingJobStatus"] = (string?)job["LabelingJobStatus"] ?? Status, ["CreationTime"] = job["CreationTime"]!.DeepClone(), ["LabelCounters"] = new JsonObject { ["TotalLabeled"] = 3, ["Unlabeled"] = 7, ["FailedNonRetryableError"] = 1 } })
                    : Error(400, "ResourceNotFound", $"no labeling job {name}");
            case "SageMaker.StopLabelingJob":
                Status = "Stopped";
                return Results.Ok();
            case "SageMaker.ListLabelingJobs":
                return Json(new JsonObject
                {
                    ["LabelingJobSummaryList"] = new JsonArray([.. Jobs.Keys.Select(key => new JsonObject { ["LabelingJobName"] = key, ["LabelingJobArn"] = "arn", ["LabelingJobStatus"] = Status })]),
                });
            default:
                return Error(400, "UnknownOperationException", "");
        }
    }

    private static bool IsSigned(HttpRequest request, string body)
    {
        var parts = request.Headers.Authorization.ToString().Split(' ', ',', '=');
        var (credential, signed, signature) = (parts[2].Split('/'), parts[5], parts[8]);
        var headers = string.Concat(signed.Split(';').Select(name => $"{name}:{request.Headers[name]}\n"));
        var canonical = $"{request.Method}\n{request.Path}\n\n{headers}\n{signed}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)))}";
        var at = DateTime.ParseExact(
            request.Headers["X-Amz-Date"].ToString(), "yyyyMMdd'T'HHmmss'Z'", System.Globalization.CultureInfo.InvariantCulture,
            System.Globalization.DateTimeStyles.AssumeUniversal | System.Globalization.DateTimeStyles.AdjustToUniversal);
        return AWS4Signer.ComputeSignature(credential[0], Secret, credential[2], at, credential[3], signed, canonical).Signature == signature;
    }

    private static IResult Json(JsonObject answer) => Results.Text(answer.ToJsonString(), "application/x-amz-json-1.1");

    private static IResult Error(int status, string type, string message) => Results.Text(
        new JsonObject { ["__type"] = type, ["message"] = message }.ToJsonString(), "application/x-amz-json-1.1", statusCode: status);
}
