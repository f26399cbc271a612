using BulkQA.Core;

namespace BulkQA.Grains.Tests;

/// <summary>Answers under worker ids of other paths are those of the people whose ids they are.</summary>
public sealed class LinkedWorkersTests : IAsyncLifetime
{
    private static readonly WorkerId _sub = WorkerId.Create("private.eu-west-1.0123");

    private readonly PersonId _ann = PersonId.New();

    private TestCluster _cluster = null!;
    private JobInfo _job = null!;
    private ClassAddress _class;

    public async ValueTask InitializeAsync()
    {
        _cluster = await TestCluster.StartAsync();
        _cluster.Time.Stop();
        await Person(_ann).CreateAsync(new PersonDraft("Ann", null, []));
        _job = await _cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 2, WorkersPerTask = 3 });
        _class = await _cluster.ImportAsync(_job, "Dog", 6);
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Submit_UnderALinkedId_IsThePersonsAndCountsOnceWithTheOtherPath()
    {
        await LinkAsync(_ann, _sub);
        await SubmitAsync(0, _sub.Value, "cc", 1);
        // By the other path, later: the person's last word.
        await SubmitAsync(0, _ann.Value, "cd", 2);
        await SubmitAsync(1, _ann.Value, "cc", 1);
        await SubmitAsync(1, _sub.Value, "dd", 2);
        Assert.Equal([_ann.Value], await WorkersAsync());
        var tally = await _cluster.TallyAsync(_class);
        Assert.Equal((4, 3), (tally.Votes, tally.All.Disconfirmed));
        // A message with both is one answer.
        await _cluster.SubmitAsync(_class, TestCluster.Answer(2, _sub.Value, "cc", 5), TestCluster.Answer(2, _ann.Value, "cc", 5));
        Assert.Equal(6, (await _cluster.TallyAsync(_class)).Votes);
        Assert.Equal(0, (await _cluster.AuditAsync(_job)).Differences);
    }

    /// <summary>What the queue delivers once more after the link is what was counted before it, after a crash, too; and so is a correction of it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Submit_TheSameBeforeAndAfterTheLink_CountsOnce(bool crashes)
    {
        await SubmitAsync(0, _sub.Value, "cc", 1);
        if (crashes) await _cluster.RestartAsync(gracefully: false);
        await LinkAsync(_ann, _sub);
        await SubmitAsync(0, _sub.Value, "cc", 1);
        await SubmitAsync(0, _sub.Value, "cd", 2);
        await SubmitAsync(1, _sub.Value, "cc", 3);
        Assert.Equal([_ann.Value, _sub.Value], await WorkersAsync());
        Assert.Equal(4, (await _cluster.TallyAsync(_class)).Votes);
    }

    /// <summary>A write that ended without an answer may be stored: what comes again under the link must not be another worker's.</summary>
    [Fact]
    public async Task Submit_AgainAfterTheLinkWhileTheFirstIsInDoubt_CountsOnce()
    {
        _cluster.Store.OnAppend = _ => Fault.LoseAnswer;
        await Assert.ThrowsAsync<Storage.StorageException>(() => SubmitAsync(0, _sub.Value, "cc", 1));
        _cluster.Store.OnAppend = _ => Fault.None;
        await LinkAsync(_ann, _sub);
        await SubmitAsync(0, _sub.Value, "cc", 1);
        Assert.Equal([_sub.Value], await WorkersAsync());
        Assert.Equal(2, (await _cluster.TallyAsync(_class)).Votes);
    }

    [Fact]
    public async Task Link_WhatAnotherHas_IsRefusedAndExactlyOneOfTwoAtOnceHasIt()
    {
        var bob = PersonId.New();
        await Person(bob).CreateAsync(new PersonDraft("Bob", null, []));
        var receipts = await Task.WhenAll(new[] { _ann, bob }.Select(person => Person(person).ChangeAsync(new PersonChange { Link = _sub })));
        Assert.Equal([PersonRefusal.None, PersonRefusal.NameTaken], receipts.Select(receipt => receipt.Refusal).Order());
        var (has, lacks) = receipts[0].Refusal == PersonRefusal.None ? (_ann, bob) : (bob, _ann);
        Assert.Equal([_sub], (await Person(has).GetAsync())!.WorkerIds);
        Assert.Empty((await Person(lacks).GetAsync())!.WorkerIds);
        // Again is no change; and what it gives up another may have.
        Assert.Equal(1, (await Person(has).ChangeAsync(new PersonChange { Link = _sub })).Person!.Revision);
        await Person(has).ChangeAsync(new PersonChange { Unlink = _sub });
        await LinkAsync(lacks, _sub);
        await SubmitAsync(0, _sub.Value, "cc", 1);
        Assert.Equal([lacks.Value], await WorkersAsync());
    }

    [Fact]
    public async Task Link_MoreThanMayBe_IsRefused()
    {
        for (var number = 0; number < Grains.Person.MaxWorkerIds; number++)
            Assert.Equal(PersonRefusal.None, (await Person(_ann).ChangeAsync(new PersonChange { Link = WorkerId.Create($"sub-{number}") })).Refusal);
        Assert.Equal(PersonRefusal.TooManyWorkerIds, (await Person(_ann).ChangeAsync(new PersonChange { Link = _sub })).Refusal);
        Assert.Null(await Name(_sub).FindAsync());
    }

    [Fact]
    public async Task Erase_FreesTheIdAndAnswersUnderItAreItsAgain()
    {
        await LinkAsync(_ann, _sub);
        await SubmitAsync(0, _sub.Value, "cc", 1);
        await Person(_ann).EraseAsync();
        Assert.Null(await Name(_sub).FindAsync());
        Assert.Empty((await Person(_ann).GetAsync())!.WorkerIds);
        _cluster.Time.Ahead += LinkedWorkers.MaxAge;
        await SubmitAsync(1, _sub.Value, "cc", 2);
        Assert.Equal([_ann.Value, _sub.Value], await WorkersAsync());
    }

    /// <summary>Answers must not wait for what nobody uses: one look in half a minute says that there are no links.</summary>
    [Fact]
    public async Task Submit_WhereNobodyIsLinked_AsksNobodyOfAnyWorker()
    {
        var asked = 0;
        _cluster.BeforeCall = context =>
        {
            if (context.InterfaceMethod.DeclaringType == typeof(IPersonNameGrain)) Interlocked.Increment(ref asked);
            return Task.CompletedTask;
        };
        for (var task = 0; task < 3; task++) await SubmitAsync(task, $"worker-{task}", "cc", 1);
        Assert.Equal(0, asked);
        await LinkAsync(_ann, _sub);
        for (var time = 0; time < 3; time++) await SubmitAsync(0, "worker-9", "cc", 2 + time);
        // Once by whoever made the link, and once for this worker.
        Assert.Equal(2, asked);
    }

    /// <summary>Links, and waits until every silo goes by it.</summary>
    private async Task LinkAsync(PersonId person, WorkerId worker)
    {
        Assert.Equal(PersonRefusal.None, (await Person(person).ChangeAsync(new PersonChange { Link = worker })).Refusal);
        _cluster.Time.Ahead += LinkedWorkers.MaxAge;
    }

    private async Task SubmitAsync(int task, string worker, string answers, long ticks) =>
        Assert.Equal([SubmissionOutcome.Accepted], await _cluster.SubmitAsync(_class, TestCluster.Answer(task, worker, answers, ticks)));

    private async Task<IEnumerable<string>> WorkersAsync() => (await _cluster.Partition(_class).GetWorkersAsync()).Workers.Select(worker => worker.Key.Value).Order(StringComparer.Ordinal);

    private IPersonGrain Person(PersonId id) => _cluster.Grains.GetGrain<IPersonGrain>(id.Value);

    private IPersonNameGrain Name(WorkerId worker) => _cluster.Grains.GetGrain<IPersonNameGrain>(IPersonNameGrain.Keys.Of(worker));
}
