using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains.Tests;

public sealed class LabelingBoxesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Each task's inputs say what the job says of that task, and those of a plain job nothing.</summary>
    [Theory]
    [InlineData("ticked")]
    [InlineData("unticked")]
    [InlineData("random(7)")]
    public async Task LabelingJob_JobThatSaysWhatBoxesStartWith_HasItInTheInputs(string boxes)
    {
        await using var cluster = await TestCluster.StartAsync();
        var settings = new JobDraft { BatchSize = 1, Boxes = StartingBoxes.Parse(boxes), BoxesByClass = boxes == "ticked" ? null : ClassBoxes.Parse("neither\tCat") };
        var job = await cluster.CreateJobAsync(draft: settings);
        await cluster.ImportAsync(job, "Dog", 8);
        await cluster.ImportAsync(job, "Cat", 1);
        var started = await cluster.Operations(job).StartAsync(OperationKind.LabelingJob, job.Incarnation, "{}");
        await cluster.Operations(job).WaitAsync(started, TimeSpan.FromSeconds(30), TimeProvider.System, Cancellation);
        var root = cluster.Service<JobObjects>().Root(job.Incarnation).ToString();
        var found = new List<(string Label, BoxesAtStart Start)>();
        for (var number = 0; number < 9; number++)
        {
            Assert.True(ObjectUri.TryParse(Manifest.InputsUri(root, new TaskNumber(number)), out var place));
            using var content = new MemoryStream();
            await (await cluster.Objects.OpenReadAsync(place, Cancellation))!.CopyToAsync(content, Cancellation);
            var inputs = LabelingInput.ReadArray(content.ToArray());
            found.Add((inputs[0].Label, LabelingInput.StartOf(inputs)));
        }
        Assert.Equal(
            Enumerable.Range(0, 8).Select(number => ("Dog", boxes == "ticked" ? BoxesAtStart.Unknown : settings.Boxes!.For(new TaskNumber(number))))
                .Append(("Cat", boxes == "ticked" ? BoxesAtStart.Unknown : BoxesAtStart.Unticked)),
            found);
    }
}
