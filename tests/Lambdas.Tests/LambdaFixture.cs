using System.Text.Json;
using Amazon.S3;
using Amazon.S3.Model;
using Amazon.SQS;
using Amazon.SQS.Model;
using BulkQA.Core;
using BulkQA.Emulators;

[assembly: AssemblyFixture(typeof(BulkQA.Lambdas.Tests.LambdaFixture))]

namespace BulkQA.Lambdas.Tests;

/// <summary>Both functions as native processes, with a bucket and, for each test, a queue of its own.</summary>
public sealed class LambdaFixture : AwsEmulators
{
    public const string Bucket = "lambda-bucket";

    public AmazonS3Client S3 { get; private set; } = null!;

    public AmazonSQSClient Sqs { get; private set; } = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        S3 = new AmazonS3Client(new AmazonS3Config { ForcePathStyle = true });
        Sqs = new AmazonSQSClient();
        await S3.PutBucketAsync(Bucket);
    }

    public override async ValueTask DisposeAsync()
    {
        S3?.Dispose();
        Sqs?.Dispose();
        await base.DisposeAsync();
    }

    public Task<LambdaRuntime> StartAsync(string handler, string? queueUrl = null) => LambdaRuntime.StartAsync(
        handler, new Dictionary<string, string>(Environment) { ["BULKQA_S3_PATH_STYLE"] = "true", ["BULKQA_QUEUE_URL"] = queueUrl ?? "" });

    public async Task<string> CreateQueueAsync() =>
        (await Sqs.CreateQueueAsync($"answers-{Guid.NewGuid():N}", Cancellation)).QueueUrl;

    /// <summary>Writes an object; gives its URI.</summary>
    public async Task<string> PutAsync(string key, string content)
    {
        await S3.PutObjectAsync(new PutObjectRequest { BucketName = Bucket, Key = key, ContentBody = content }, Cancellation);
        return $"s3://{Bucket}/{key}";
    }

    public async Task<List<AnswersMessage>> ReceiveAllAsync(string queueUrl)
    {
        var found = new List<AnswersMessage>();
        while (true)
        {
            var page = await Sqs.ReceiveMessageAsync(new ReceiveMessageRequest(queueUrl) { MaxNumberOfMessages = 10 }, Cancellation);
            if (page.Messages is not { Count: > 0 } messages) return found;
            foreach (var message in messages)
            {
                var (read, problems) = AnswersMessage.Parse(System.Text.Encoding.UTF8.GetBytes(message.Body));
                Assert.Empty(problems);
                found.Add(read);
            }
        }
    }

    public static string PostRequest(string payloadUri, string? roleArn = null) => JsonSerializer.Serialize(new
    {
        version = "2018-10-06",
        labelingJobArn = "arn:aws:sagemaker:us-east-1:123456789012:labeling-job/Dogs",
        labelCategories = (string[]?)null,
        labelAttributeName = "dogs",
        roleArn,
        payload = new { s3Uri = payloadUri },
    });
}
