using BulkQA.Core;

namespace BulkQA.Grains.Tests;

/// <summary>A worker gets as much of a job as its assignment allows, whoever asks how often, and nothing of it stays behind.</summary>
public sealed class WorkerQuotaGrainTests
{
    private static readonly TimeSpan _duration = new GrainsOptions().LeaseDuration;
    private static readonly WorkerId _ann = WorkerId.Create("ann");

    [Theory]
    [InlineData(null)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Lease_UpToTheLimit_EndsThereWhateverRestarts(bool? gracefully)
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await JobAsync(cluster, new JobAssignment { MaxTasksPerWorker = 4 }, tasks: 10);
        var tasks = new HashSet<TaskNumber>();
        for (var batch = 0; batch < 4; batch++)
        {
            if (batch == 2 && gracefully is { } how) await cluster.RestartAsync(how);
            var lease = (await cluster.Dispatch(job).LeaseAsync(_ann))!;
            Assert.True(tasks.Add(lease.Task));
            Assert.Null(await cluster.Dispatch(job).FindRefusalAsync(_ann));
            await AnswerAsync(cluster, job, lease.Task, _ann);
        }
        if (gracefully is { } last) await cluster.RestartAsync(last);
        Assert.Null(await cluster.Dispatch(job).LeaseAsync(_ann));
        Assert.Equal(new WorkRefusal(WorkRefusalReason.PerWorker, 4, 4), await cluster.Dispatch(job).FindRefusalAsync(_ann));
        Assert.NotNull(await cluster.Dispatch(job).LeaseAsync(WorkerId.Create("bob")));
    }

    [Fact]
    public async Task Lease_FromTwoWindowsAtOnce_IsOneBatchAndNeverOneTooMany()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        var job = await JobAsync(cluster, new JobAssignment { MaxTasksPerWorker = 5 }, tasks: 12);
        var answered = new HashSet<TaskNumber>();
        while (true)
        {
            var leases = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => cluster.Dispatch(job).LeaseAsync(_ann)));
            if (leases.All(lease => lease is null)) break;
            var task = Assert.Single(leases.Select(lease => lease!.Task).Distinct());
            // Both windows answer, and one of them twice.
            await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => AnswerAsync(cluster, job, task, _ann)));
            Assert.True(answered.Add(task));
        }
        Assert.Equal(5, answered.Count);
    }

    [Fact]
    public async Task Lease_SkippedOrTooLate_CountsForNothingAndALateAnswerCountsOnce()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.Time.Stop();
        var job = await JobAsync(cluster, new JobAssignment { MaxTasksPerDay = 2 }, tasks: 10);
        var skipped = (await cluster.Dispatch(job).LeaseAsync(_ann))!.Task;
        Assert.True(await cluster.Service<TaskListing>().PassAsync(job, skipped, _ann));
        var late = (await cluster.Dispatch(job).LeaseAsync(_ann))!.Task;
        Assert.NotEqual(skipped, late);
        Assert.Equal(late, (await cluster.Dispatch(job).LeaseAsync(_ann))!.Task);
        cluster.Time.Ahead += _duration;
        // Somebody else has it by now, and ann another.
        var others = await Task.WhenAll(Enumerable.Range(0, 5).Select(number => cluster.Dispatch(job).LeaseAsync(WorkerId.Create($"w{number}"))));
        Assert.Contains(others, lease => lease!.Task == late);
        var next = (await cluster.Dispatch(job).LeaseAsync(_ann))!.Task;
        await AnswerAsync(cluster, job, next, _ann);
        Assert.Null(await cluster.Dispatch(job).FindRefusalAsync(_ann));
        await AnswerAsync(cluster, job, late, _ann);
        await AnswerAsync(cluster, job, late, _ann, "d");
        var refusal = (await cluster.Dispatch(job).FindRefusalAsync(_ann))!;
        Assert.Equal((WorkRefusalReason.PerDay, 2, 2), (refusal.Reason, refusal.Answered, refusal.Limit));
        Assert.Null(await cluster.Dispatch(job).LeaseAsync(_ann));
        cluster.Time.Ahead += refusal.Until!.Value - cluster.Time.GetUtcNow();
        Assert.Null(await cluster.Dispatch(job).FindRefusalAsync(_ann));
        Assert.NotNull(await cluster.Dispatch(job).LeaseAsync(_ann));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LetIn_AfterHoarding_IsForAsManyAsTheLimitWhateverRestarts(bool? gracefully)
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await JobAsync(cluster, new JobAssignment { MaxTasksPerWorker = 3 }, tasks: 12);
        var skipped = await SkipAsync(cluster, job, 6);
        var held = (await cluster.Dispatch(job).LeaseAsync(_ann))!.Task;
        // Of three one is held. One is sent twice, and what nobody gave is let in no more easily.
        Assert.Null(await LetInAsync(cluster, job, skipped[0]));
        Assert.Null(await LetInAsync(cluster, job, skipped[0]));
        await AnswerAsync(cluster, job, skipped[0], _ann);
        if (gracefully is { } how) await cluster.RestartAsync(how);
        // Where the only silo ends, nobody holds anything any more.
        var isHeld = (await cluster.Grains.GetGrain<IPartitionGrain>(PartitionOf(job)).LookAtHoldAsync(held, _ann)).State == HoldState.Held;
        Assert.Equal(gracefully is null, isHeld);
        Assert.Null(await LetInAsync(cluster, job, skipped[1]));
        await AnswerAsync(cluster, job, skipped[1], _ann);
        if (gracefully is { } again) await cluster.RestartAsync(again);
        Assert.Equal(!isHeld, await LetInAsync(cluster, job, new TaskNumber(11)) is null);
        Assert.Equal(new WorkRefusal(WorkRefusalReason.PerWorker, 3, 3), await LetInAsync(cluster, job, skipped[2]));
        Assert.Equal(isHeld, await LetInAsync(cluster, job, held) is null);
        await AnswerAsync(cluster, job, isHeld ? held : new TaskNumber(11), _ann);
        // A correction is no further answer.
        Assert.Null(await LetInAsync(cluster, job, skipped[0]));
        Assert.Null(await cluster.Dispatch(job).LeaseAsync(_ann));
        Assert.Equal(new WorkRefusal(WorkRefusalReason.PerWorker, 3, 3), await cluster.Dispatch(job).FindRefusalAsync(_ann));
    }

    [Fact]
    public async Task LetIn_ManyAtOnce_IsForAsManyAsTheLimit()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        var job = await JobAsync(cluster, new JobAssignment { MaxTasksPerDay = 3 }, tasks: 12);
        var skipped = await SkipAsync(cluster, job, 7);
        var refusals = await Task.WhenAll(skipped.Select(task => LetInAsync(cluster, job, task)));
        Assert.Equal(3, refusals.Count(refusal => refusal is null));
        Assert.All(refusals.OfType<WorkRefusal>(), refusal => Assert.Equal((WorkRefusalReason.PerDay, 3, 3), (refusal.Reason, refusal.Answered, refusal.Limit)));
        // They have not arrived, and nothing is given in their place.
        Assert.Null(await cluster.Dispatch(job).LeaseAsync(_ann));
        Assert.Null(await cluster.Dispatch(job).LetInAsync(WorkerId.Create("bob"), skipped[0], PartitionOf(job)));
    }

    [Fact]
    public async Task Lease_AfterLettingAsManyGoAsADayHas_IsRefusedUntilOneIsAnsweredOrTheNextDay()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.Time.Stop();
        var job = await JobAsync(cluster, new JobAssignment { MaxTasksPerWorker = 1_000 }, tasks: WorkerQuota.MaxLetGo + 5);
        var skipped = await SkipAsync(cluster, job, WorkerQuota.MaxLetGo);
        Assert.Null(await cluster.Dispatch(job).LeaseAsync(_ann));
        var refusal = (await cluster.Dispatch(job).FindRefusalAsync(_ann))!;
        Assert.Equal((WorkRefusalReason.LetGo, WorkerQuota.MaxLetGo, WorkerQuota.MaxLetGo), (refusal.Reason, refusal.Answered, refusal.Limit));
        Assert.Null(await LetInAsync(cluster, job, skipped[4]));
        await AnswerAsync(cluster, job, skipped[4], _ann);
        skipped = [.. skipped, .. await SkipAsync(cluster, job, 1)];
        Assert.Null(await cluster.Dispatch(job).LeaseAsync(_ann));
        cluster.Time.Ahead += refusal.Until!.Value - cluster.Time.GetUtcNow();
        Assert.NotNull(await cluster.Dispatch(job).LeaseAsync(_ann));
    }

    [Fact]
    public async Task LetIn_WithoutTheExperience_IsRefusedUnlessItIsHeldOrACorrection()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await JobAsync(cluster, JobAssignment.None, tasks: 4);
        var held = (await cluster.Dispatch(job).LeaseAsync(_ann))!.Task;
        await cluster.Job(job).ChangeAsync(new JobChanges { Assignment = new JobAssignment { MinExperience = 5 } });
        Assert.Equal(new WorkRefusal(WorkRefusalReason.Experience, 0, 5), await LetInAsync(cluster, job, new TaskNumber(3)));
        Assert.Null(await LetInAsync(cluster, job, held));
        await AnswerAsync(cluster, job, held, _ann);
        Assert.Null(await LetInAsync(cluster, job, held));
    }

    [Fact]
    public async Task Lease_OfAPortion_PausesThenGoesOn()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.Time.Stop();
        var job = await JobAsync(cluster, new JobAssignment { Portion = new WorkPortion(2, 15) }, tasks: 10);
        for (var sitting = 0; sitting < 2; sitting++)
        {
            for (var batch = 0; batch < 2; batch++) await AnswerAsync(cluster, job, (await cluster.Dispatch(job).LeaseAsync(_ann))!.Task, _ann);
            var until = cluster.Time.GetUtcNow() + TimeSpan.FromMinutes(15);
            Assert.Null(await cluster.Dispatch(job).LeaseAsync(_ann));
            Assert.Equal(new WorkRefusal(WorkRefusalReason.Portion, 2, 2, until), await cluster.Dispatch(job).FindRefusalAsync(_ann));
            cluster.Time.Ahead += TimeSpan.FromMinutes(15);
        }
    }

    [Fact]
    public async Task Lease_AfterALimitCame_CountsWhatWasAnsweredBefore()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await JobAsync(cluster, JobAssignment.None, tasks: 10);
        for (var batch = 0; batch < 3; batch++) await AnswerAsync(cluster, job, (await cluster.Dispatch(job).LeaseAsync(_ann))!.Task, _ann);
        // What partitions have told: a lease tells at once.
        Assert.NotNull(await cluster.Dispatch(job).LeaseAsync(_ann));
        await cluster.Job(job).ChangeAsync(new JobChanges { Assignment = new JobAssignment { MaxTasksPerWorker = 3 } });
        Assert.Equal(new WorkRefusal(WorkRefusalReason.PerWorker, 3, 3), await cluster.Dispatch(job).FindRefusalAsync(_ann));
        Assert.Null(await cluster.Dispatch(job).LeaseAsync(_ann));
    }

    [Fact]
    public async Task Lease_OfFollowUps_CountsThemAsBatches()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 4, WorkersPerTask = 2, MaxWorkersPerTask = 5, Policy = VerdictPolicy.Majority, Assignment = new JobAssignment { MaxTasksPerDay = 1 } });
        var address = await cluster.ImportAsync(job, "Dog", 4);
        await cluster.SubmitAsync(address, TestCluster.Answer(0, "bob", "cccc"), TestCluster.Answer(0, "carl", "ddcc"));
        var lease = (await cluster.Dispatch(job).LeaseAsync(_ann))!;
        Assert.NotEqual(0, lease.Task.Value);
        Assert.Null(await cluster.Dispatch(job).FindRefusalAsync(_ann));
        await AnswerAsync(cluster, job, lease.Task, _ann, "cd");
        Assert.Equal(WorkRefusalReason.PerDay, (await cluster.Dispatch(job).FindRefusalAsync(_ann))!.Reason);
    }

    [Fact]
    public async Task Lease_WithoutLimits_AsksAndStoresNothingMore()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await JobAsync(cluster, new JobAssignment { Priority = 7 }, tasks: 2);
        await AnswerAsync(cluster, job, (await cluster.Dispatch(job).LeaseAsync(_ann))!.Task, _ann);
        Assert.Null(await cluster.Dispatch(job).FindRefusalAsync(_ann));
        Assert.DoesNotContain(await cluster.ActiveGrainTypesAsync(), type => type.Contains("WorkerQuota", StringComparison.Ordinal));
        Assert.DoesNotContain(cluster.GrainStates(), state => state.Contains("quota", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Lease_WhoseNoteCouldNotBeStored_IsGivenAgainAndCountsOnce()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await JobAsync(cluster, new JobAssignment { MaxTasksPerDay = 2 }, tasks: 4);
        var fails = true;
        cluster.BeforeStateWrite = state => state == "quota" && fails ? throw new Storage.StorageException("not now") : Task.CompletedTask;
        await Assert.ThrowsAnyAsync<Exception>(() => cluster.Dispatch(job).LeaseAsync(_ann));
        fails = false;
        TaskLease? lease = null;
        await TestCluster.EventuallyAsync(async () => (lease = await TryLeaseAsync()) is not null, "the batch is given");
        Assert.Equal(0, lease!.Task.Value);
        await AnswerAsync(cluster, job, lease.Task, _ann);
        await AnswerAsync(cluster, job, (await cluster.Dispatch(job).LeaseAsync(_ann))!.Task, _ann);
        Assert.Null(await cluster.Dispatch(job).LeaseAsync(_ann));

        async Task<TaskLease?> TryLeaseAsync()
        {
            try
            {
                return await cluster.Dispatch(job).LeaseAsync(_ann);
            }
            catch (Exception e) when (Storage.FailureClassifier.Classify(e) == Storage.FailureKind.Transient)
            {
                return null;
            }
        }
    }

    [Fact]
    public async Task Delete_Job_LeavesNothingOfIt()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await JobAsync(cluster, new JobAssignment { MaxTasksPerWorker = 2 }, tasks: 4);
        var other = await JobAsync(cluster, new JobAssignment { MaxTasksPerWorker = 2 }, tasks: 4, "other");
        foreach (var worker in (WorkerId[])[_ann, WorkerId.Create("bob"), WorkerId.Create("carl/#é")]) Assert.NotNull(await cluster.Dispatch(job).LeaseAsync(worker));
        Assert.NotNull(await cluster.Dispatch(other).LeaseAsync(_ann));
        Assert.Equal(4, QuotasOf(cluster));
        Assert.True(await cluster.Job(job).DeleteAsync(job.Incarnation));
        Assert.Equal(OperationState.Done, (await cluster.EndOfAsync(job, OperationKind.Delete)).State);
        Assert.Equal(1, QuotasOf(cluster));
        Assert.Empty(await ListedAsync(cluster, $"quotas/job/{job.Incarnation}"));
        Assert.Equal([other.Incarnation.Value], await ListedAsync(cluster, "quotas/worker/ann"));
        // Whoever comes late begins nothing.
        Assert.Null(await cluster.Dispatch(job).LeaseAsync(_ann));
        Assert.Null(await cluster.Grains.GetGrain<IWorkerQuotaGrain>(IWorkerQuotaGrain.Keys.Of(job.Incarnation, _ann)).LeaseAsync(job.Settings.Assignment, 0));
        Assert.Equal(1, QuotasOf(cluster));
    }

    [Fact]
    public async Task Erase_Person_LeavesNothingOfItsQuotas()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (person, job) = (PersonId.New(), await JobAsync(cluster, new JobAssignment { MaxTasksPerWorker = 2 }, tasks: 4));
        var grain = cluster.Grains.GetGrain<IPersonGrain>(person.Value);
        await grain.CreateAsync(new PersonDraft("Ann", null, [new Grant(PersonRole.Worker)]));
        var worker = WorkerId.Create(person.Value);
        Assert.NotNull(await cluster.Dispatch(job).LeaseAsync(worker));
        Assert.NotNull(await cluster.Dispatch(job).LeaseAsync(_ann));
        Assert.Equal(2, QuotasOf(cluster));
        await grain.EraseAsync();
        Assert.Equal(1, QuotasOf(cluster));
        Assert.Empty(await ListedAsync(cluster, $"quotas/worker/{person}"));
        Assert.Equal(["ann"], await ListedAsync(cluster, $"quotas/job/{job.Incarnation}"));
        // A session that is not over yet gets nothing more, and leaves nothing.
        Assert.Null(await cluster.Dispatch(job).LeaseAsync(worker));
        Assert.Equal(1, QuotasOf(cluster));
        Assert.Empty(await ListedAsync(cluster, $"quotas/worker/{person}"));
    }

    [Fact]
    public async Task Erase_PersonWithALinkedId_LeavesNothingOfTheQuotasOfTheId()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (person, job) = (PersonId.New(), await JobAsync(cluster, new JobAssignment { MaxTasksPerWorker = 2 }, tasks: 4));
        var grain = cluster.Grains.GetGrain<IPersonGrain>(person.Value);
        await grain.CreateAsync(new PersonDraft("Ann", null, []));
        // Before the link, and so under the id.
        Assert.NotNull(await cluster.Dispatch(job).LeaseAsync(_ann));
        await grain.ChangeAsync(new PersonChange { Link = _ann });
        Assert.Equal(1, QuotasOf(cluster));
        await grain.EraseAsync();
        Assert.Equal(0, QuotasOf(cluster));
        Assert.Empty(await ListedAsync(cluster, $"quotas/worker/{_ann}"));
    }

    private static string PartitionOf(JobInfo job) => new PartitionAddress(new ClassAddress(job.Incarnation, Label.Create("Dog")), 0).Key;

    private static Task<WorkRefusal?> LetInAsync(TestCluster cluster, JobInfo job, TaskNumber task) => cluster.Service<TaskListing>().LetInAsync(job, task, _ann);

    private static async Task<List<TaskNumber>> SkipAsync(TestCluster cluster, JobInfo job, int count)
    {
        var skipped = new List<TaskNumber>();
        for (var batch = 0; batch < count; batch++)
        {
            skipped.Add((await cluster.Dispatch(job).LeaseAsync(_ann))!.Task);
            Assert.True(await cluster.Service<TaskListing>().PassAsync(job, skipped[^1], _ann));
        }
        return skipped;
    }

    private static int QuotasOf(TestCluster cluster) => cluster.GrainStates().Count(state => state.Contains("quota", StringComparison.OrdinalIgnoreCase));

    private static async Task<List<string>> ListedAsync(TestCluster cluster, string listing) =>
        await cluster.Listings.ReadAsync(listing, "", null, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);

    private static async Task AnswerAsync(TestCluster cluster, JobInfo job, TaskNumber task, WorkerId worker, string answer = "c")
    {
        var images = (await cluster.Service<TaskListing>().FindAsync(job, task))!.Content.Images.Length;
        var answers = TaskAnswers.Parse(answer.Length == images ? answer : new string(answer[0], images));
        Assert.Equal([SubmissionOutcome.Accepted], (await cluster.Router.SubmitAsync(job.Incarnation, [new Submission(task, worker, SubmissionTime.From(cluster.Time.GetUtcNow()), answers)]))!.Value);
    }

    private static async Task<JobInfo> JobAsync(TestCluster cluster, JobAssignment assignment, int tasks, string name = "job")
    {
        var job = await cluster.CreateJobAsync(name, new JobDraft { BatchSize = 1, WorkersPerTask = 1, Assignment = assignment });
        await cluster.ImportAsync(job, "Dog", tasks);
        return job;
    }
}
