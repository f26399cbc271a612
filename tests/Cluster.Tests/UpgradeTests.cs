namespace BulkQA.Cluster.Tests;

/// <summary>
/// A rolling deployment from the release before: <c>tests/previous-release</c> names its commit, and <c>./test.sh</c> builds
/// it into <c>tests/previous</c>.
/// </summary>
public sealed class UpgradeTests(SharedApi aws)
{
    private static readonly string _previous = Path.GetFullPath(Path.Combine(TestCluster.Metadata("RepositoryRoot"), "tests", "previous"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SilosAndApi_OfTheReleaseBefore_ReplacedOneByOneUnderLoad_CountEveryVoteOnce()
    {
        Assert.SkipUnless(Directory.Exists(_previous), $"{_previous} is not built: the history lacks the commit in tests/previous-release");
        await using var cluster = await TestCluster.StartAsync(aws, silos: 2, build: _previous);
        using var load = await ChaosLoad.StartAsync(cluster);
        cluster.Upgrade();
        for (var step = 0; step < 2; step++)
        {
            var old = cluster.Silos[0];
            await cluster.AddSiloAsync();
            // Both releases at once, with the client of the old one and then of the new one.
            await load.WaitForMoreAsync(votes: 500);
            Assert.Equal(0, await old.Child.TerminateAsync(TimeSpan.FromSeconds(120)));
            cluster.Remove(old);
            if (step == 0) await cluster.RestartApiAsync();
            await load.WaitForMoreAsync(votes: 500);
        }
        await load.EndAsync();
        await cluster.WaitUntilEmptyAsync(TimeSpan.FromMinutes(3));
        TestContext.Current.SendDiagnosticMessage($"{load}");
        Assert.Equal((0, 0), await load.CompareAsync());
        Assert.Equal(load.Expected, (await cluster.Http.GetJsonAsync($"/v1/jobs/{load.Job}")).Int("votes"));
        var audit = await (await cluster.Http.PostAsync($"/v1/jobs/{load.Job}/audit", null, Cancellation)).JsonAsync();
        Assert.Equal(0, audit.Int("differences"));
        Assert.Equal(0, await cluster.CountMessagesAsync(cluster.DeadLetterUrl));
    }
}
