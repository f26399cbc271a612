using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains.Tests;

/// <summary>Of the answers to a task each team gives as many as the job says, whatever restarts, moves or runs out.</summary>
public sealed class TeamAnswersTests
{
    private static readonly TimeSpan _duration = new GrainsOptions().LeaseDuration;
    private static readonly TeamName _dogs = TeamName.Create("dogs");
    private static readonly TeamName _vets = TeamName.Create("vets");

    [Theory]
    [InlineData(null)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Lease_OfATeamThatHasGivenItsAnswers_IsNoneWhateverRestarts(bool? gracefully)
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await JobAsync(cluster, tasks: 1);
        var (dogs, vet) = (await JoinAsync(cluster, _dogs, 3), (await JoinAsync(cluster, _vets, 1))[0]);
        foreach (var dog in dogs[..2]) await AnswerAsync(cluster, job, dog);
        if (gracefully is { } how) await cluster.RestartAsync(how);
        Assert.Null(await LeaseAsync(cluster, job, dogs[2]));
        Assert.Null(await cluster.Dispatch(job).FindRefusalAsync(dogs[2]));
        Assert.Equal((0, _vets), (await LeaseAsync(cluster, job, vet) is { } lease ? (lease.Task.Value, lease.Team) : default));
        await AnswerAsync(cluster, job, vet);
        Assert.Null(await LeaseAsync(cluster, job, (await JoinAsync(cluster, _vets, 1))[0]));
    }

    [Fact]
    public async Task Progress_OfATeamThatHasGivenItsAnswers_HasNothingLeftForIt()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await JobAsync(cluster, tasks: 1);
        var (dogs, vet, both, operators) = (await JoinAsync(cluster, _dogs, 3), (await JoinAsync(cluster, _vets, 1))[0], await JoinAsync(cluster, _dogs, 1, new Grant(PersonRole.Worker, _vets)), WorkerId.Create("key"));
        Assert.All(await IsWantedAsync([.. dogs, vet, both[0], operators]), Assert.True);
        Assert.NotNull(await LeaseAsync(cluster, job, dogs[0]));
        await AnswerAsync(cluster, job, dogs[1]);
        // Who holds it has it; of the others of the team nobody gets any.
        await TestCluster.EventuallyAsync(async () => (await IsWantedAsync([dogs[0], dogs[2], vet, both[0], operators])).SequenceEqual([true, false, true, true, true]), "one team has nothing left");
        await AnswerAsync(cluster, job, dogs[0]);
        await TestCluster.EventuallyAsync(async () => (await IsWantedAsync([dogs[0], dogs[2], vet])).SequenceEqual([false, false, true]), "what was held is answered");
        // More of them are asked for.
        await cluster.Job(job).ChangeAsync(new JobChanges { Assignment = new JobAssignment { Teams = [_dogs, _vets], Answers = [new TeamQuota(_dogs, 3), new TeamQuota(_vets, 1)] } });
        Assert.All(await IsWantedAsync([dogs[2], vet]), Assert.True);

        async Task<IReadOnlyList<bool>> IsWantedAsync(IEnumerable<WorkerId> workers) => await Task.WhenAll(workers.Select(async worker => (await cluster.Dispatch(job).GetProgressAsync(worker)).IsWanted));
    }

    [Fact]
    public async Task Lease_ManyOfOneTeamAtOnce_IsForAsManyAsTheTeamGives()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        var job = await JobAsync(cluster, tasks: 2);
        var (dogs, vets) = (await JoinAsync(cluster, _dogs, 8), await JoinAsync(cluster, _vets, 4));
        var leases = await Task.WhenAll(dogs.Concat(vets).Select(worker => LeaseAsync(cluster, job, worker)));
        Assert.Equal([(0, _dogs, 2), (0, _vets, 1), (1, _dogs, 2), (1, _vets, 1)],
            leases.OfType<TaskLease>().GroupBy(lease => (lease.Task.Value, lease.Team!.Value)).Select(group => (group.Key.Item1, group.Key.Item2, group.Count())).OrderBy(entry => (entry.Item1, entry.Item2.Key)));
        // They answer all at once, and ask all at once again.
        await Task.WhenAll(dogs.Concat(vets).Zip(leases).Where(entry => entry.Second is not null).Select(entry => AnswerAsync(cluster, job, entry.First)));
        Assert.All(await Task.WhenAll(dogs.Concat(vets).Select(worker => LeaseAsync(cluster, job, worker))), Assert.Null);
    }

    [Fact]
    public async Task SiloEnds_LeasesGoOnForTheirTeams()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2);
        var job = await JobAsync(cluster, tasks: 1);
        var (dogs, vet) = (await JoinAsync(cluster, _dogs, 3), (await JoinAsync(cluster, _vets, 1))[0]);
        foreach (var dog in dogs[..2]) Assert.NotNull(await LeaseAsync(cluster, job, dog));
        var folds = cluster.Store.Folds;
        await cluster.StopSiloOfAsync(cluster.Grains.GetGrain<IPartitionGrain>(Partition(job, "Dog")));
        Assert.Null(await LeaseAsync(cluster, job, dogs[2]));
        Assert.Equal(folds, cluster.Store.Folds);
        Assert.NotNull(await LeaseAsync(cluster, job, vet));
        foreach (var worker in (WorkerId[])[.. dogs[..2], vet]) await AnswerAsync(cluster, job, worker);
        Assert.Equal(0, (await cluster.AuditAsync(job)).Differences);
    }

    [Fact]
    public async Task Lease_ThatRanOut_IsForAnotherOfTheTeam()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.Time.Stop();
        var job = await JobAsync(cluster, tasks: 1);
        var dogs = await JoinAsync(cluster, _dogs, 4);
        await AnswerAsync(cluster, job, dogs[0]);
        Assert.NotNull(await LeaseAsync(cluster, job, dogs[1]));
        Assert.Null(await LeaseAsync(cluster, job, dogs[2]));
        cluster.Time.Ahead += _duration;
        Assert.NotNull(await LeaseAsync(cluster, job, dogs[2]));
        Assert.Null(await LeaseAsync(cluster, job, dogs[3]));
    }

    [Fact]
    public async Task Lease_AfterOneOfTheTeamIsSetAside_IsForAnotherOfIt()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await JobAsync(cluster, tasks: 1);
        var dogs = await JoinAsync(cluster, _dogs, 4);
        foreach (var dog in dogs[..2]) await AnswerAsync(cluster, job, dog);
        Assert.Null(await LeaseAsync(cluster, job, dogs[2]));
        await cluster.Job(job).SetAsideAsync(job.Incarnation, dogs[0], new SetAsideWorker(dogs[0], "asleep", "lead", DateTimeOffset.UnixEpoch));
        await TestCluster.EventuallyAsync(async () => await LeaseAsync(cluster, job, dogs[2]) is not null, "another of the team is asked");
        Assert.Null(await LeaseAsync(cluster, job, dogs[3]));
    }

    [Fact]
    public async Task Lease_OfSomebodyInBothTeams_IsForTheOneThatIsWantedAndForNoOtherLater()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await JobAsync(cluster, tasks: 1);
        var (dogs, both) = (await JoinAsync(cluster, _dogs, 2), (await JoinAsync(cluster, _dogs, 1, new Grant(PersonRole.Lead, _vets)))[0]);
        foreach (var dog in dogs) Assert.NotNull(await LeaseAsync(cluster, job, dog));
        Assert.Equal(_vets, (await LeaseAsync(cluster, job, both))!.Team);
        await AnswerAsync(cluster, job, both);
        await cluster.ImportAsync(job, "Cat", 1);
        var vet = (await JoinAsync(cluster, _vets, 1))[0];
        Assert.NotNull(await LeaseAsync(cluster, job, vet));
        // The place of the vets is taken in the other task, and the worker does not become a dog for it.
        Assert.Null(await LeaseAsync(cluster, job, both));
        // Whoever has left the team answers for the other one.
        await cluster.Grains.GetGrain<IPersonGrain>(both.Value).ChangeAsync(new PersonChange { Remove = [new Grant(PersonRole.Lead, _vets)] });
        Assert.Equal(_dogs, (await LeaseAsync(cluster, job, both))!.Team);
        // What was answered for the first goes on to count for that.
        Assert.Null((await cluster.Grains.GetGrain<IPartitionGrain>(Partition(job, "Dog")).LeaseAsync(WorkerId.Create("x"), WorkerTeams.None.Then(_vets, SubmissionTime.From(cluster.Time.GetUtcNow())), 1, null)).Task);
    }

    [Fact]
    public async Task Lease_OfSomebodyInNoTeam_CountsForNone()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await JobAsync(cluster, tasks: 1);
        var (dogs, reader) = (await JoinAsync(cluster, _dogs, 2), (await JoinAsync(cluster, null, 1, new Grant(PersonRole.Worker), new Grant(PersonRole.Viewer, _dogs)))[0]);
        Assert.Null((await LeaseAsync(cluster, job, reader))!.Team);
        await AnswerAsync(cluster, job, reader);
        foreach (var dog in dogs) Assert.Equal(_dogs, (await LeaseAsync(cluster, job, dog))!.Team);
        Assert.Null(await LeaseAsync(cluster, job, WorkerId.Create("key")));
    }

    [Fact]
    public async Task Lease_AfterTheNumbersChanged_GoesByTheNewOnes()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await JobAsync(cluster, tasks: 1);
        var dogs = await JoinAsync(cluster, _dogs, 4);
        foreach (var dog in dogs[..2]) await AnswerAsync(cluster, job, dog);
        Assert.Null(await LeaseAsync(cluster, job, dogs[2]));
        await cluster.Job(job).ChangeAsync(new JobChanges { Assignment = job.Settings.Assignment with { Answers = [new(_dogs, 3), new(_vets, 1)] } });
        Assert.NotNull(await LeaseAsync(cluster, job, dogs[2]));
        await AnswerAsync(cluster, job, dogs[2]);
        Assert.Null(await LeaseAsync(cluster, job, dogs[3]));
        await Assert.ThrowsAsync<BadInputException>(() => cluster.Job(job).ChangeAsync(new JobChanges { Assignment = job.Settings.Assignment with { Answers = [new(_dogs, 1), new(_vets, 1)] } }));
    }

    [Fact]
    public async Task Lease_WhoseTeamCouldNotBeStored_IsGivenAgainForTheSameTeam()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await JobAsync(cluster, tasks: 1);
        var dogs = await JoinAsync(cluster, _dogs, 3);
        await AnswerAsync(cluster, job, dogs[0]);
        var fails = true;
        cluster.BeforeStateWrite = state => state == "quota" && fails ? throw new Storage.StorageException("not now") : Task.CompletedTask;
        await Assert.ThrowsAnyAsync<Exception>(() => LeaseAsync(cluster, job, dogs[1]));
        fails = false;
        await TestCluster.EventuallyAsync(async () => await TryLeaseAsync(dogs[1]) is { Team: { } team } && team == _dogs, "the batch is given");
        await AnswerAsync(cluster, job, dogs[1]);
        Assert.Null(await LeaseAsync(cluster, job, dogs[2]));

        async Task<TaskLease?> TryLeaseAsync(WorkerId worker)
        {
            try
            {
                return await LeaseAsync(cluster, job, worker);
            }
            catch (Exception e) when (Storage.FailureClassifier.Classify(e) == Storage.FailureKind.Transient)
            {
                return null;
            }
        }
    }

    private static string Partition(JobInfo job, string label) => new PartitionAddress(new ClassAddress(job.Incarnation, Label.Create(label)), 0).Key;

    private static Task<TaskLease?> LeaseAsync(TestCluster cluster, JobInfo job, WorkerId worker) => cluster.Dispatch(job).LeaseAsync(worker);

    private static async Task AnswerAsync(TestCluster cluster, JobInfo job, WorkerId worker)
    {
        var lease = (await LeaseAsync(cluster, job, worker))!;
        Assert.Equal([SubmissionOutcome.Accepted], (await cluster.Router.SubmitAsync(job.Incarnation, [new Submission(lease.Task, worker, SubmissionTime.From(cluster.Time.GetUtcNow()), TaskAnswers.Parse("c"))]))!.Value);
    }

    private static async Task<WorkerId[]> JoinAsync(TestCluster cluster, TeamName? team, int count, params Grant[] more)
    {
        var people = Enumerable.Range(0, count).Select(_ => PersonId.New()).ToList();
        foreach (var person in people)
            await cluster.Grains.GetGrain<IPersonGrain>(person.Value).CreateAsync(new PersonDraft("Ann", null, [.. team is null ? ImmutableArray<Grant>.Empty : [new Grant(PersonRole.Worker, team)], .. more]));
        return [.. people.Select(person => WorkerId.Create(person.Value))];
    }

    private static async Task<JobInfo> JobAsync(TestCluster cluster, int tasks)
    {
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 1, WorkersPerTask = 3, Assignment = new JobAssignment { Teams = [_dogs, _vets], Answers = [new(_dogs, 2), new(_vets, 1)] } });
        await cluster.ImportAsync(job, "Dog", tasks);
        return job;
    }
}
