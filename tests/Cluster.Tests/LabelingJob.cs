using System.Globalization;
using System.Text;
using System.Text.Json;
using Amazon.S3.Model;
using Amazon.SQS.Model;
using BulkQA.Core;
using BulkQA.Emulators;

namespace BulkQA.Cluster.Tests;

/// <summary>Does what Ground Truth does: manifest, pre-labeling, workers' answers, payloads, post-labeling.</summary>
internal sealed class LabelingJob(TestCluster cluster, string job)
{
    private const int ObjectsPerPayload = 4;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Answers every task of the job with the golden votes; they end in the queue given.</summary>
    public async Task AnswerAllAsync(string queueUrl)
    {
        await using var pre = await LambdaRuntime.StartAsync("pre-labeling", cluster.FunctionSettings(queueUrl));
        await using var post = await LambdaRuntime.StartAsync("post-labeling", cluster.FunctionSettings(queueUrl));
        var manifest = await cluster.Http.GetStringAsync($"/v1/jobs/{job}/export?format=manifest", Cancellation);
        var lines = manifest.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("source-ref").GetString()!).ToList();
        var verdicts = Golden.Images().ToDictionary(image => image.Url.Value, image => image.Verdict);
        var objects = new List<object>();
        foreach (var (number, inputs) in lines.Index())
        {
            var shown = await pre.InvokeAsync(JsonSerializer.Serialize(new { version = "2018-10-16", labelingJobArn = Arn, dataObject = new Dictionary<string, string> { ["source-ref"] = inputs } }));
            Assert.True(shown.Kind == "response", shown.Body);
            var images = JsonDocument.Parse(shown.Body).RootElement.GetProperty("taskInput").GetProperty("sourceRef").EnumerateArray()
                .Select(image => (Url: image.GetProperty("s3_image_url").GetString()!, Label: image.GetProperty("label").GetString()!)).ToList();
            objects.Add(new
            {
                datasetObjectId = $"{number}",
                dataObject = new { s3Uri = inputs },
                annotations = Enumerable.Range(0, 3).Select(worker => new { workerId = "abc"[worker].ToString(), annotationData = new { content = Answer(images, verdicts, worker) } }),
            });
        }
        foreach (var (number, payload) in objects.Chunk(ObjectsPerPayload).Index())
        {
            var key = $"output/{job}/payload-{number}.json";
            await cluster.S3.PutObjectAsync(new PutObjectRequest { BucketName = cluster.Bucket, Key = key, ContentBody = JsonSerializer.Serialize(payload) }, Cancellation);
            var result = await post.InvokeAsync(JsonSerializer.Serialize(new
            {
                version = "2018-10-06",
                labelingJobArn = Arn,
                labelAttributeName = "shellfish",
                payload = new { s3Uri = $"s3://{cluster.Bucket}/{key}" },
            }));
            Assert.True(result.Kind == "response", result.Body);
            Assert.DoesNotContain("\"problems\"", result.Body, StringComparison.Ordinal);
            Assert.Equal(payload.Length, JsonDocument.Parse(result.Body).RootElement.GetArrayLength());
        }
    }

    /// <summary>Takes all messages out of a queue.</summary>
    public async Task<List<string>> TakeAllAsync(string queueUrl)
    {
        var bodies = new List<string>();
        while ((await cluster.Sqs.ReceiveMessageAsync(new ReceiveMessageRequest(queueUrl) { MaxNumberOfMessages = 10 }, Cancellation)).Messages is { Count: > 0 } messages)
        {
            foreach (var message in messages)
            {
                bodies.Add(message.Body);
                await cluster.Sqs.DeleteMessageAsync(queueUrl, message.ReceiptHandle, Cancellation);
            }
        }
        return bodies;
    }

    /// <summary>Keys sorted as text, so that "Crab-10" comes before "Crab-2".</summary>
    private static string Answer(List<(string Url, string Label)> images, Dictionary<string, Verdict> verdicts, int worker)
    {
        var json = new StringBuilder("{");
        foreach (var (index, image) in images.Index().OrderBy(entry => $"{entry.Item.Label}-{entry.Index}", StringComparer.Ordinal))
            json.Append(json.Length > 1 ? "," : "").Append(CultureInfo.InvariantCulture, $$"""{{JsonSerializer.Serialize($"{image.Label}-{index}")}}:{"Confirmed":{{(Golden.VotesFor(verdicts[image.Url])[worker].Kind == BulkQA.Core.AnswerKind.Confirm ? "true" : "false")}}}""");
        return json.Append('}').ToString();
    }

    private string Arn => $"arn:aws:sagemaker:us-east-1:123456789012:labeling-job/{job}";
}
