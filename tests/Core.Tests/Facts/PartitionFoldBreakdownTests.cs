namespace BulkQA.Core.Tests;

/// <summary>What is counted by model version and day; that it is right after any steps is part of <see cref="PartitionFoldTests"/>.</summary>
public sealed class PartitionFoldBreakdownTests : FoldTest
{
    private static readonly TaskVersions _mixed = TaskVersions.Of([ModelVersion.Create("v1"), null, ModelVersion.Create("v2")]);

    /// <summary>The release before packed no versions: nothing it says of them can differ, and they are not told on as if they were known.</summary>
    [Fact]
    public void Unpack_OfAReleaseWithoutVersions_KnowsNoneAndDiffersInNothing()
    {
        var fold = Versioned();
        var before = PartitionFold.Unpack(fold.Pack()[..^(BytesOf("1 0 2\nv1\nv2") + sizeof(int))], new JobSettings());
        Assert.True(fold is { KnowsVersions: true, PacksVersions: true });
        Assert.True(before is { KnowsVersions: false, PacksVersions: false });
        Assert.Empty(before.DifferencesFrom(fold));
        Assert.Empty(fold.DifferencesFrom(before));
        Assert.False(PartitionFold.Unpack(before.Pack(), new JobSettings()).KnowsVersions);
        before.HadNoVersions();
        Assert.Contains("other model versions", Assert.Single(before.DifferencesFrom(fold), difference => difference.StartsWith("task", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public void BreakDown_LaterVote_MovesItsImageToTheLaterDay()
    {
        var fold = Versioned();
        fold.Apply(Submission(0, "ann", Day(3), "ccd"));
        fold.Apply(Submission(0, "bob", Day(5), "-d-"));
        Assert.Equal([(3, "v1", 1L), (3, "v2", 0L), (5, "", 0L)], Days(fold));
        // The same answer again is of a later day, too.
        fold.Apply(Submission(0, "ann", Day(7), "c--"));
        Assert.Equal([(3, "v2", 0L), (5, "", 0L), (7, "v1", 1L)], Days(fold));
        // Set aside, a worker's votes make no day.
        fold.ChangeRules(new VerdictRules(1, VerdictPolicy.Unanimous, [WorkerId.Create("bob")]));
        Assert.Equal([(3, "", 1L), (3, "v2", 0L), (7, "v1", 1L)], Days(fold));
    }

    /// <summary>Two of three votes are a tie where the third decides: no day counts what is not answered to the end.</summary>
    [Fact]
    public void BreakDown_ImageThatLacksAnswers_IsOfNoDay()
    {
        var fold = Versioned(workersPerTask: 2);
        fold.Apply(Submission(0, "ann", Day(3), "cc-"));
        Assert.Empty(Days(fold));
        fold.Apply(Submission(0, "bob", Day(5), "c--"));
        Assert.Equal([(5, "v1", 1L)], Days(fold));
        fold.ChangeRules(new VerdictRules(1, VerdictPolicy.Unanimous, [WorkerId.Create("bob")]));
        Assert.Empty(Days(fold));
    }

    [Fact]
    public void BreakDown_VotesWithoutATime_AreUndated()
    {
        var fold = Versioned();
        fold.Apply(Submission(0, "ann", 0, "c--"));
        Assert.Equal(ReviewBreakdown.Undated, Assert.Single(fold.BreakDown().Days).Day);
        Assert.Empty(fold.BreakDown().DatedBetween(new DateOnly(1, 1, 2), DateOnly.MaxValue));
    }

    [Fact]
    public void Breakdown_PackedAndSummed_IsTheSame()
    {
        var fold = Versioned();
        fold.Apply(Submission(0, "ann", Day(3), "ccd"));
        fold.Apply(Submission(0, "bob", Day(5), "-d-"));
        var one = fold.BreakDown();
        Assert.Equal(one, ReviewBreakdown.Unpack(one.Pack()));
        var twice = ReviewBreakdown.Sum([one, ReviewBreakdown.Empty, one]);
        Assert.Equal(one.Days.Select(day => day with { Counts = day.Counts + day.Counts }), twice.Days);
        Assert.Equal(one.Versions.Select(version => version + version), twice.Versions);
        Assert.Equal(one.TallyOf(ModelVersion.Create("v1"), BucketEdges.Default).All, new BucketTally(1, 1, 0, 0));
        Assert.Equal(0, one.TallyOf(ModelVersion.Create("v3"), BucketEdges.Default).All.Total);
    }

    private static PartitionFold Versioned(int workersPerTask = 1)
    {
        var fold = new PartitionFold(new JobSettings { WorkersPerTask = workersPerTask });
        fold.AddTask(new TaskNumber(0), [90, 91, 92], default, _mixed);
        return fold;
    }

    private static IEnumerable<(int Day, string Version, long Confirmed)> Days(PartitionFold fold) =>
        fold.BreakDown().Days.Select(day => (day.Day.DayNumber, day.Version?.Value ?? "", day.Counts.Confirmed));

    private static long Day(int day) => (day * TimeSpan.TicksPerDay) + 5;

    /// <summary>A count, a number, and a text with its length.</summary>
    private static int BytesOf(string text) => sizeof(int) + sizeof(int) + 1 + text.Length;
}
