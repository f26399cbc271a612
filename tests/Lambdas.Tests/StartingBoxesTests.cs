using System.Text.Json;
using BulkQA.Core;

namespace BulkQA.Lambdas.Tests;

/// <summary>What a task's inputs say of its boxes reaches the template, and comes back with the answers.</summary>
public sealed class StartingBoxesTests(LambdaFixture aws)
{
    private static readonly TaskPolicy _policy = new(VerdictPolicy.Unanimous, 0);

    private readonly string _run = Guid.NewGuid().ToString("N");

    [Theory]
    [InlineData(null, BoxesAtStart.Unknown)]
    [InlineData(BoxesAtStart.Ticked, BoxesAtStart.Ticked)]
    [InlineData(BoxesAtStart.Unticked, BoxesAtStart.Unticked)]
    public async Task PostLabeling_InputsOfEachStart_SendsItWithEachWorkersAnswers(BoxesAtStart? inputs, BoxesAtStart sent)
    {
        var queue = await aws.CreateQueueAsync();
        await using var lambda = await aws.StartAsync("post-labeling", queue);
        object[] workers = [Worker("ann"), Worker("bob")];
        var payload = await aws.PutAsync($"{_run}/payload.json", JsonSerializer.Serialize(
            new[] { new { datasetObjectId = "0", dataObject = new { s3Uri = await InputsAsync(inputs) }, annotations = workers } }));
        var result = await lambda.InvokeAsync(LambdaFixture.PostRequest(payload));
        Assert.True(result.Kind == "response", result.Body + lambda.Output);
        var message = Assert.Single(await aws.ReceiveAllAsync(queue));
        Assert.Equal([("ann", "cd", sent), ("bob", "cd", sent)], message.Workers.Select(worker => (worker.Worker.Value, worker.Answers.Text, worker.Start)));
    }

    private Task<string> InputsAsync(BoxesAtStart? start) => aws.PutAsync(
        $"{_run}/jobs/dogs~0123456789ab/custom-labeling-inputs/7.json",
        System.Text.Encoding.UTF8.GetString(LabelingInput.WriteArray(
            [.. Enumerable.Range(0, 2).Select(index => LabelingInput.Of(ImageUrl.Create($"s3://images/{index}.jpg"), Label.Create("Dog"), null, _policy, start))])));

    private static object Worker(string id) => new { workerId = id, annotationData = new { content = """{"Dog-0":{"Confirmed":true},"Dog-1":{"Confirmed":false}}""" } };
}
