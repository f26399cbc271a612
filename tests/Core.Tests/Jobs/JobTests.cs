namespace BulkQA.Core.Tests;

public sealed class JobTests
{
    [Theory]
    [InlineData("a", true)]
    [InlineData("Shell-Fish--2", true)]
    [InlineData("-a", false)]
    [InlineData("a-", false)]
    [InlineData("a_b", false)]
    [InlineData("é", false)]
    [InlineData("", false)]
    [InlineData("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff123", true)]
    [InlineData("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff1234", false)]
    public void JobName_FollowsGroundTruthsRule(string name, bool valid) => Assert.Equal(valid, JobName.TryCreate(name, out _, out _));

    [Fact]
    public void JobName_IgnoresCase() => Assert.Equal(JobName.Create("Crabs"), JobName.Create("cRABS"));

    [Fact]
    public void Incarnation_New_ParsesBackAndIsUnique()
    {
        var job = JobName.Create("Crabs-1");
        var (one, two) = (Incarnation.New(job), Incarnation.New(job));
        Assert.NotEqual(one, two);
        Assert.Equal(one, Incarnation.Parse(one.Value));
        Assert.Equal(job, one.Job);
    }

    [Theory]
    [InlineData("crabs")]
    [InlineData("crabs~123")]
    [InlineData("crabs~0123456789aZ")]
    [InlineData("Crabs~0123456789ab")]
    [InlineData("a/b~0123456789ab")]
    public void Incarnation_Malformed_IsRefused(string text) => Assert.Throws<BadInputException>(() => Incarnation.Parse(text));

    [Fact]
    public void Draft_OnlyGivenSettings_AreCompared()
    {
        var existing = new JobDraft { BatchSize = 10, MinConfidence = Percent.Create(80) }.ToSettings(new JobSettings());
        Assert.Empty(new JobDraft().DifferencesFrom(existing));
        Assert.Empty(new JobDraft { BatchSize = 10, BucketEdges = BucketEdges.Create([80, 85, 90, 95, 100]) }.DifferencesFrom(existing));
        Assert.Equal(
            ["batchSize is 10", "policy is unanimous"],
            new JobDraft { BatchSize = 25, Policy = VerdictPolicy.Majority }.DifferencesFrom(existing));
    }

    [Fact]
    public void Draft_OrderAndLabelTable_AreTakenOverAndCompared()
    {
        var defaults = new JobDraft().ToSettings(new JobSettings { Order = TaskOrder.MostErrorsFirst, LabelTable = LabelTableMode.OnDone });
        Assert.Equal((TaskOrder.MostErrorsFirst, LabelTableMode.OnDone), (defaults.Order, defaults.LabelTable));
        var existing = new JobDraft { Order = TaskOrder.Random(7), LabelTable = LabelTableMode.Off }.ToSettings(defaults);
        Assert.Equal((TaskOrder.Random(7), LabelTableMode.Off), (existing.Order, existing.LabelTable));
        Assert.Empty(new JobDraft().DifferencesFrom(existing));
        Assert.Empty(new JobDraft { Order = TaskOrder.Random(7), LabelTable = LabelTableMode.Off }.DifferencesFrom(existing));
        Assert.Equal(
            ["order is random(7)", "labelTable is off"],
            new JobDraft { Order = TaskOrder.Random(8), LabelTable = LabelTableMode.OnDone }.DifferencesFrom(existing));
        Assert.Equal(["order is byValue", "labelTable is onDone"], new JobDraft { Order = TaskOrder.AsCut, LabelTable = LabelTableMode.Off }.DifferencesFrom(defaults));
    }

    [Fact]
    public void Draft_PictureHosts_AreTakenOverAndCompared()
    {
        Assert.True(PictureHosts.TryCreate(["a.example.org"], out var hosts, out _));
        var existing = new JobDraft { PictureHosts = hosts }.ToSettings(new JobSettings());
        Assert.Equal(hosts, existing.PictureHosts);
        Assert.Empty(new JobDraft().DifferencesFrom(existing));
        Assert.Empty(new JobDraft { PictureHosts = PictureHosts.Parse("a.example.org") }.DifferencesFrom(existing));
        Assert.Equal(["pictureHosts is [a.example.org]"], new JobDraft { PictureHosts = PictureHosts.None }.DifferencesFrom(existing));
    }

    [Fact]
    public void Settings_Default_HandOutAsCutAndKeepNoLabelTable() =>
        Assert.Equal((TaskOrder.AsCut, LabelTableMode.Off), (new JobSettings().Order, new JobSettings().LabelTable));

    [Theory]
    [InlineData(3, 5, "majority", null)]
    [InlineData(1, 9, "weighted(0.95)", null)]
    [InlineData(3, 5, "quorum(5)", null)]
    [InlineData(3, 5, "quorum(6)", "policy")]
    [InlineData(3, 3, "majority", "maxWorkersPerTask")]
    [InlineData(3, 10, "majority", "maxWorkersPerTask")]
    [InlineData(3, 0, "majority", "maxWorkersPerTask")]
    [InlineData(3, 5, "unanimous", "maxWorkersPerTask")]
    public void Settings_MaxWorkers_HaveToBeMoreAndOfAPolicyThatCanUseThem(int workers, int most, string policy, string? wrong)
    {
        Assert.True(VerdictPolicy.TryParse(policy, out var parsed));
        var settings = new JobDraft { WorkersPerTask = workers, MaxWorkersPerTask = most, Policy = parsed }.ToSettings(new JobSettings());
        Assert.Equal(wrong is null ? [] : [wrong], settings.Problems().Select(problem => problem.Field));
        Assert.Equal(["maxWorkersPerTask is " + most], new JobDraft { MaxWorkersPerTask = most + 1 }.DifferencesFrom(settings));
    }

    [Fact]
    public void Settings_MaxWorkers_GoWithNeitherSampleNorTarget()
    {
        var settings = new JobSettings { Policy = VerdictPolicy.Majority, MaxWorkersPerTask = 5, Order = TaskOrder.Random(1) };
        Assert.Empty(settings.Problems());
        Assert.Equal("maxWorkersPerTask", Assert.Single((settings with { Sample = SampleDesign.OfSize(10) }).Problems()).Field);
        Assert.Contains("maxWorkersPerTask", JobTarget.RefusalOf(settings), StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_SeveralWrong_AreAllReported() => Assert.Equal(
        ["batchSize", "workersPerTask", "imageBase"],
        new JobSettings { BatchSize = 0, WorkersPerTask = 10, ImageBase = "http://x/" }.Problems().Select(problem => problem.Field));
}
