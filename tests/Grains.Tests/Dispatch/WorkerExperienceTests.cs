using BulkQA.Core;

namespace BulkQA.Grains.Tests;

/// <summary>Jobs for those who have answered enough of others.</summary>
public sealed class WorkerExperienceTests
{
    private static readonly WorkerId _ann = WorkerId.Create("ann");

    [Theory]
    [InlineData(null)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Lease_WithTooLittleExperience_IsRefusedUntilThereIsEnough(bool? gracefully)
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync("hard", new JobDraft { BatchSize = 1, Assignment = new JobAssignment { MinExperience = 3 } });
        await cluster.ImportAsync(job, "Dog", 2);
        var easy = new List<JobInfo>();
        foreach (var name in (string[])["easy-1", "easy-2"])
        {
            easy.Add(await cluster.CreateJobAsync(name, new JobDraft { BatchSize = 2 }));
            await cluster.ImportAsync(easy[^1], "Dog", 6);
        }
        Assert.Equal(new WorkRefusal(WorkRefusalReason.Experience, 0, 3), await cluster.Dispatch(job).FindRefusalAsync(_ann));
        Assert.Null(await cluster.Dispatch(job).LeaseAsync(_ann));
        await AnswerAsync(cluster, easy[0], 0, "cc");
        await AnswerAsync(cluster, easy[1], 0, "cd");
        // In part, and a second time, it is no other batch.
        await AnswerAsync(cluster, easy[1], 1, "c-");
        await AnswerAsync(cluster, easy[1], 0, "cc");
        if (gracefully is { } how) await cluster.RestartAsync(how);
        await TestCluster.EventuallyAsync(async () => await cluster.Dispatch(job).FindRefusalAsync(_ann) == new WorkRefusal(WorkRefusalReason.Experience, 2, 3), "two batches of two jobs are known");
        Assert.Null(await cluster.Dispatch(job).LeaseAsync(_ann));
        await AnswerAsync(cluster, easy[1], 1, "-d");
        await TestCluster.EventuallyAsync(async () => await cluster.Dispatch(job).FindRefusalAsync(_ann) is null, "three batches are known");
        Assert.NotNull(await cluster.Dispatch(job).LeaseAsync(_ann));
        Assert.Null(await cluster.Dispatch(job).LeaseAsync(WorkerId.Create("bob")));
    }

    [Fact]
    public async Task Lease_WithoutExperienceAndQualification_IsRefusedBeforeGoldIsUsedUp()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 1, PassMark = Percent.Create(50), Assignment = new JobAssignment { MinExperience = 1 } });
        var address = await cluster.ImportAsync(job, "Dog", 2);
        await cluster.ImportGoldAsync(address, 2);
        Assert.Null(await cluster.Dispatch(job).LeaseAsync(_ann));
        await cluster.Job(job).ChangeAsync(new JobChanges { Assignment = JobAssignment.None });
        Assert.NotNull(await cluster.Dispatch(job).LeaseAsync(_ann));
    }

    /// <summary>As when somebody looks at a list of such jobs.</summary>
    [Fact]
    public async Task Refusals_OfManyJobsAtOnce_CountTheWorkersJobsOnce()
    {
        await using var cluster = await TestCluster.StartAsync();
        var easy = new List<JobInfo>();
        foreach (var name in (string[])["easy-1", "easy-2", "easy-3"])
        {
            easy.Add(await cluster.CreateJobAsync(name, new JobDraft { BatchSize = 1 }));
            await cluster.ImportAsync(easy[^1], "Dog", 2);
            await AnswerAsync(cluster, easy[^1], 0, "c");
        }
        var hard = new List<JobInfo>();
        for (var least = 1; least <= 6; least++) hard.Add(await cluster.CreateJobAsync($"hard-{least}", new JobDraft { BatchSize = 1, Assignment = new JobAssignment { MinExperience = least } }));
        await TestCluster.EventuallyAsync(async () => (await Task.WhenAll(easy.Select(job => cluster.Dispatch(job).GetProgressAsync(_ann)))).All(progress => progress.Answered == 1), "all three are known");
        var (asked, counts, all) = (0, 0, new TaskCompletionSource());
        cluster.BeforeCall = context =>
        {
            if (context.InterfaceMethod.Name == nameof(IDispatchGrain.FindRefusalAsync) && Interlocked.Increment(ref asked) == hard.Count) all.SetResult();
            if (context.InterfaceMethod.Name != nameof(IDispatchGrain.GetProgressAsync)) return Task.CompletedTask;
            Interlocked.Increment(ref counts);
            // Nobody has counted before all have asked.
            return all.Task;
        };
        var refusals = await Task.WhenAll(hard.Select(job => cluster.Dispatch(job).FindRefusalAsync(_ann)));
        IEnumerable<WorkRefusal?> expected = [null, null, null, .. Enumerable.Range(4, 3).Select(least => new WorkRefusal(WorkRefusalReason.Experience, 3, least))];
        Assert.Equal(expected, refusals);
        Assert.Equal(easy.Count, counts);
    }

    private static async Task AnswerAsync(TestCluster cluster, JobInfo job, int task, string answers)
    {
        // The first tasks of a job are its first numbers.
        var outcomes = await cluster.Router.SubmitAsync(job.Incarnation, [new Submission(new TaskNumber(task), _ann, SubmissionTime.From(cluster.Time.GetUtcNow()), TaskAnswers.Parse(answers))]);
        Assert.Equal([SubmissionOutcome.Accepted], outcomes!.Value);
    }
}
