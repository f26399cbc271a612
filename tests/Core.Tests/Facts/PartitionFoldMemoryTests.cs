namespace BulkQA.Core.Tests;

/// <summary>Alone in its process while it runs: it measures the heap.</summary>
[CollectionDefinition(nameof(PartitionFoldMemoryTests), DisableParallelization = true)]
[Collection(nameof(PartitionFoldMemoryTests))]
public sealed class PartitionFoldMemoryTests
{
    private const int Tasks = 40_000;
    private const int Images = 25;

    /// <summary>A million images that three workers answered whole, at once or after an image alone, as a partition's grain holds them.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fold_MillionImagesByThreeWorkers_TakesAtMost32BytesAnImage(bool oneAlone)
    {
        var workers = Enumerable.Range(0, 300).Select(number => WorkerId.Create($"private.us-east-1.{number:D16}")).ToArray();
        var answers = Enumerable.Range(0, 50).Select(number => TaskAnswers.Parse(string.Concat(Enumerable.Range(0, Images).Select(image => "ccccccdt"[(image + number) % 8])))).ToArray();
        var alone = TaskAnswers.Parse(new string('-', Images - 1) + 'd');
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var fold = new PartitionFold(new JobSettings());
        for (var task = 0; task < Tasks; task++)
        {
            fold.AddTask(new TaskNumber(task), [.. Enumerable.Range(0, Images).Select(image => 75.0 + image)]);
            for (var number = 0; number < 3; number++)
            {
                var worker = workers[(task + (number * 7)) % workers.Length];
                if (oneAlone) fold.Apply(new Submission(new TaskNumber(task), worker, new SubmissionTime(task), alone));
                fold.Apply(new Submission(new TaskNumber(task), worker, new SubmissionTime(1_000L + task), answers[(task + number) % answers.Length]));
            }
        }
        var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)(Tasks * Images);
        Assert.Equal((Tasks, Tasks), (fold.TaskCount, (int)fold.Tally().TasksDone));
        TestContext.Current.SendDiagnosticMessage($"{bytes:F2} bytes an image");
        // No lower bound: pools of tests before may give up what they held meanwhile.
        Assert.True(bytes <= 32, $"{bytes:F2} bytes an image");
    }
}
