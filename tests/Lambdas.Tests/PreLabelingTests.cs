using System.Diagnostics;
using System.Text.Json;
using BulkQA.Emulators;

namespace BulkQA.Lambdas.Tests;

public sealed class PreLabelingTests(LambdaFixture aws)
{
    private const string Inputs = """[{"s3_image_url":"s3://b/1","label":"Dog","confidence":"87.27"}]""";

    [Fact]
    public async Task Invoke_ObjectByReferenceAndAsText_GivesItsImagesToTheTemplate()
    {
        await using var lambda = await aws.StartAsync("pre-labeling");
        var uri = await aws.PutAsync($"{Guid.NewGuid()}/0.json", Inputs);
        foreach (var data in (object[])[new Dictionary<string, string> { ["source-ref"] = uri }, new { source = Inputs }])
        {
            var result = await lambda.InvokeAsync(Request(data));
            Assert.Equal(("response", $$"""{"taskInput":{"sourceRef":{{Inputs}}},"isHumanAnnotationRequired":true}"""), (result.Kind, result.Body));
            Assert.StartsWith("invocation-", result.Headers["Lambda-Runtime-Invocation-Id"], StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{"source-ref":"s3://lambda-bucket/no-such.json"}""", "s3://lambda-bucket/no-such.json can't be read")]
    [InlineData("""{"source-ref":"https://elsewhere"}""", "not of the form s3://bucket/key")]
    [InlineData("""{"source":"{}"}""", "not a JSON array")]
    [InlineData("""{}""", "neither source-ref nor source")]
    public async Task Invoke_BadObject_IsAnErrorWithAReasonAndTheNextWorks(string data, string reason)
    {
        await using var lambda = await aws.StartAsync("pre-labeling");
        var result = await lambda.InvokeAsync(Request(JsonDocument.Parse(data).RootElement));
        Assert.Equal(("error", "BadInputException"), (result.Kind, result.Headers["Lambda-Runtime-Function-Error-Type"]));
        var error = JsonDocument.Parse(result.Body).RootElement;
        Assert.Equal(["errorMessage", "errorType", "stackTrace"], error.EnumerateObject().Select(property => property.Name));
        Assert.Contains(reason, error.GetProperty("errorMessage").GetString(), StringComparison.Ordinal);
        Assert.Equal("response", (await lambda.InvokeAsync(Request(new { source = Inputs }))).Kind);
    }

    [Fact]
    public async Task Invoke_StorageThatHangs_IsAnErrorBeforeTheDeadline()
    {
        await using var lambda = await aws.StartAsync("pre-labeling");
        lambda.Limit = TimeSpan.FromSeconds(3);
        var uri = await aws.PutAsync($"hanging-{Guid.NewGuid()}/0.json", Inputs);
        using var _ = aws.Queues.When(request => uri.EndsWith(request.Path, StringComparison.Ordinal) ? new Fault.Hang() : null);
        var result = await lambda.InvokeAsync(Request(new Dictionary<string, string> { ["source-ref"] = uri }));
        Assert.Equal(("error", "TimeoutException"), (result.Kind, result.Headers["Lambda-Runtime-Function-Error-Type"]));
    }

    [Theory]
    [InlineData("something-else", "the handler is 'something-else'")]
    [InlineData("post-labeling", "BULKQA_QUEUE_URL is ''")]
    public async Task Start_WrongSettings_IsAnInitErrorAndAnExit(string handler, string reason)
    {
        await using var lambda = await aws.StartAsync(handler);
        var error = await lambda.InitError.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Contains(reason, JsonDocument.Parse(error.Body).RootElement.GetProperty("errorMessage").GetString(), StringComparison.Ordinal);
        await lambda.Function.Process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, lambda.Function.Process.ExitCode);
    }

    /// <summary>Lambda gave the invocation up meanwhile, or no longer knows it: that concerns this invocation alone.</summary>
    [Theory]
    [InlineData(410)]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(413)]
    public async Task Invoke_AnswerIsRefused_GoesOnWithTheNextEvent(int status)
    {
        await using var lambda = await aws.StartAsync("pre-labeling");
        foreach (var source in (string[])[Inputs, "{}"])
        {
            // A response that is too large is followed by an error, which is refused as well.
            for (var refusal = 0; refusal < 2; refusal++) lambda.Refusals.Enqueue(status);
            await lambda.InvokeAsync(Request(new { source }));
            Assert.Equal("response", (await lambda.InvokeAsync(Request(new { source = Inputs }))).Kind);
            lambda.Refusals.Clear();
        }
        await lambda.Function.KillAsync();
        Assert.Contains($"{status}", lambda.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invoke_RuntimeApiInTrouble_EndsTheProcess()
    {
        await using var lambda = await aws.StartAsync("pre-labeling");
        lambda.Refusals.Enqueue(500);
        await lambda.InvokeAsync(Request(new { source = Inputs }));
        await lambda.Function.Process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(1, lambda.Function.Process.ExitCode);
    }

    [Fact]
    public async Task Invoke_InputsThatNameAPolicy_StillHaveAllThatTheTemplateReads()
    {
        await using var lambda = await aws.StartAsync("pre-labeling");
        const string source = """[{"s3_image_url":"s3://b/1","label":"Dog","confidence":"87.27","policy":"quorum(2)","policyRevision":3,"later":{"more":1}}]""";
        var result = await lambda.InvokeAsync(Request(new { source }));
        var image = Assert.Single(JsonDocument.Parse(result.Body).RootElement.GetProperty("taskInput").GetProperty("sourceRef").EnumerateArray());
        Assert.Equal(("s3://b/1", "Dog", "87.27"), (image.GetProperty("s3_image_url").GetString(), image.GetProperty("label").GetString(), image.GetProperty("confidence").GetString()));
    }

    /// <summary>Measures, decides nothing: run with <c>--xunit-diagnostics on --output Detailed</c>.</summary>
    [Fact]
    public async Task Start_NativeExecutable_IsMeasured()
    {
        var (toFirstPoll, toFirstResponse, peaks) = (new List<double>(), new List<double>(), new List<long>());
        for (var run = 0; run < 10; run++)
        {
            var began = Stopwatch.GetTimestamp();
            await using var lambda = await aws.StartAsync("pre-labeling");
            var answer = lambda.InvokeAsync(Request(new { source = Inputs }));
            await lambda.Ready;
            toFirstPoll.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            Assert.Equal("response", (await answer).Kind);
            toFirstResponse.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            lambda.Function.Process.Refresh();
            peaks.Add(lambda.Function.Process.PeakWorkingSet64);
        }
        TestContext.Current.SendDiagnosticMessage(
            $"native Lambda: {LambdaRuntime.ProgramBytes / 1e6:F1} MB; process start to first poll {toFirstPoll.Order().ElementAt(5):F0} ms, to first response {toFirstResponse.Order().ElementAt(5):F0} ms, resident {peaks.Order().ElementAt(5) / 1e6:F0} MB at most (medians of 10, the runtime API's start included)");
    }

    private static string Request(object dataObject) => JsonSerializer.Serialize(new
    {
        version = "2018-10-16",
        labelingJobArn = "arn:aws:sagemaker:us-east-1:123456789012:labeling-job/Dogs",
        dataObject,
    });
}
