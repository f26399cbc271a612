namespace BulkQA.Core.Tests;

public sealed class PartitionFoldSampleTests
{
    private static readonly TimeSpan _duration = TimeSpan.FromMinutes(10);
    private static readonly DateTimeOffset _now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Draw_SomeImagesOfABucket_HoldsAsManyTasksOfEachBucket()
    {
        var fold = FoldOf(Settings(SampleDesign.OfSize(10)), tasksOf85: 20, tasksOf95: 20);
        // Ten images are in three tasks of four.
        Assert.Equal((3, 3), (Sampled(fold).Count(number => number % 2 == 0), Sampled(fold).Count(number => number % 2 == 1)));
        Assert.Equal(34, fold.Tally().HeldBack);
    }

    [Fact]
    public void Draw_ALargerDesign_OnlyAdds()
    {
        var fold = FoldOf(Settings(SampleDesign.OfSize(10)), 30, 30);
        var before = Sampled(fold);
        foreach (var design in (SampleDesign[])[SampleDesign.OfSize(50), SampleDesign.OfWidth(20, 0.95), SampleDesign.All])
        {
            fold.Draw(Settings(design), []);
            Assert.Empty(before.Except(Sampled(fold)));
            Assert.True(before.Count < Sampled(fold).Count);
        }
        Assert.Equal(0, fold.Tally().HeldBack);
    }

    [Fact]
    public void Draw_WithoutASample_HoldsEveryTask()
    {
        var fold = FoldOf(new JobSettings { Order = TaskOrder.Random(1) }, 5, 5);
        Assert.Equal((10, 0L, false), (Sampled(fold).Count, fold.Tally().HeldBack, fold.IsSampling));
    }

    /// <summary>Each task is drawn as often as another, over seeds: the first by number is no better than the last.</summary>
    [Fact]
    public void Draw_ManySeeds_TakesEachTaskAsOften()
    {
        const int Seeds = 4_000;
        var counts = new int[20];
        for (var seed = 0; seed < Seeds; seed++)
            foreach (var task in Sampled(FoldOf(Settings(SampleDesign.OfSize(20)) with { Order = TaskOrder.Random(seed) }, 20, 0))) counts[task / 2]++;
        // Five of twenty, and four standard deviations.
        Assert.All(counts, count => Assert.InRange(count, (Seeds / 4) - 110, (Seeds / 4) + 110));
    }

    /// <summary>The class is to review 200 of the bucket's 400 images, of which earlier partitions have 300: this one draws a quarter of them.</summary>
    [Fact]
    public void Draw_InALaterPartition_TakesItsPart()
    {
        var settings = Settings(SampleDesign.OfSize(200));
        var fold = FoldOf(settings, tasksOf85: 25, tasksOf95: 0);
        var earlier = new long[settings.BucketEdges.BucketCount];
        earlier[1] = 300;
        fold.Draw(settings, [.. earlier]);
        Assert.Equal(13, Sampled(fold).Count);
    }

    [Fact]
    public void Lease_InASampledJob_EndsWithTheSampleAndGoesOnWithALargerOne()
    {
        var fold = FoldOf(Settings(SampleDesign.OfSize(4)), 6, 6);
        var dispatch = new TaskDispatch(fold, workersPerTask: 1, TaskOrder.Random(1), _duration);
        foreach (var task in fold.Tasks) dispatch.Add(task);
        Assert.Equal(Sampled(fold), Lease(dispatch, 12));
        Assert.False(dispatch.IsWanted(_now));
        fold.Draw(Settings(SampleDesign.OfSize(8)), []);
        dispatch.LookAgain();
        Assert.True(dispatch.IsWanted(_now));
        Assert.Equal(2, Lease(dispatch, 12).Except([.. Sampled(FoldOf(Settings(SampleDesign.OfSize(4)), 6, 6))]).Count());
    }

    /// <summary>An import that goes on while tasks are handed out: a bucket that grows may want a task that came before.</summary>
    [Fact]
    public void Lease_WhileTasksCome_FindsWhatTheLargerBucketAsksFor()
    {
        var design = SampleDesign.OfWidth(40, 0.95);
        var fold = FoldOf(Settings(design), 0, 0);
        var dispatch = new TaskDispatch(fold, workersPerTask: 1, TaskOrder.Random(1), _duration);
        var leased = new HashSet<int>();
        for (var number = 0; number < 60; number++)
        {
            fold.AddTask(new TaskNumber(2 * number), [85, 86, 87, 88]);
            dispatch.Add(new TaskNumber(2 * number));
            leased.UnionWith(Lease(dispatch, 100, $"worker {number}"));
        }
        Assert.Empty(Sampled(fold).Except(leased));
    }

    [Fact]
    public void DifferencesFrom_AFoldOfAnotherSample_AreCounters()
    {
        var fold = FoldOf(Settings(SampleDesign.OfSize(4)), 6, 6);
        Assert.Empty(fold.DifferencesFrom(FoldOf(Settings(SampleDesign.OfSize(4)), 6, 6)));
        Assert.Single(fold.DifferencesFrom(FoldOf(Settings(SampleDesign.OfSize(8)), 6, 6)));
    }

    private static List<int> Lease(TaskDispatch dispatch, int workers, string name = "worker") =>
        [.. Enumerable.Range(0, workers).Select(number => dispatch.Lease(WorkerId.Create($"{name} {number}"), _now)?.Task.Value).OfType<int>()];

    private static JobSettings Settings(SampleDesign design) => new() { Sample = design, Order = TaskOrder.Random(1) };

    /// <summary>Tasks of four images each, even numbers in one bucket and odd ones in another.</summary>
    private static PartitionFold FoldOf(JobSettings settings, int tasksOf85, int tasksOf95)
    {
        var fold = new PartitionFold(settings);
        fold.Draw(settings, []);
        for (var number = 0; number < tasksOf85; number++) fold.AddTask(new TaskNumber(2 * number), [85, 86, 87, 88]);
        for (var number = 0; number < tasksOf95; number++) fold.AddTask(new TaskNumber((2 * number) + 1), [95, 96, 97, 98]);
        return fold;
    }

    private static List<int> Sampled(PartitionFold fold) => [.. fold.Tasks.Where(fold.IsSampled).Select(task => task.Value).Order()];
}
