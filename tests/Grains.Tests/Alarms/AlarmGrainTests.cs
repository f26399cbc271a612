using BulkQA.Core;
using Orleans.Core.Internal;

namespace BulkQA.Grains.Tests;

public sealed class AlarmGrainTests : JobAlarmTest
{
    /// <summary>After every day somebody looks: an alarm begins and ends where the detector says so of the days until then, once.</summary>
    [Fact]
    public async Task Look_EveryDayOfAFallAndARecovery_RaisesOnceAndEndsOnce()
    {
        await using var cluster = await StartAsync();
        var job = await CreateAsync(cluster, Draft);
        int[] wrong = [1, 2, 1, 2, 12, 14, 12, .. Enumerable.Repeat(0, 23)];
        ClassAlarm? raised = null;
        for (var day = 0; day < wrong.Length; day++)
        {
            await ReviewAsync(cluster, job, "Cat", day, wrong[day]);
            var alarms = await LookAsync(cluster, job);
            var expected = Expected(wrong[..(day + 1)]);
            Assert.Equal(expected is not null, alarms.Any(alarm => alarm.Stands));
            Assert.Equal(expected is null ? 0 : 1, await Alarms(cluster, job).CountAsync());
            if (expected is not null && raised is null)
            {
                raised = Assert.Single(alarms);
                Assert.Equal(
                    (1, "Cat", 90, expected.RaisedOn, expected.Since, new BucketTally(Batch, Batch - wrong[day], wrong[day], 0), First.AddDays(day), AlarmDelivery.NotWanted),
                    (raised.Number, raised.Label.Value, raised.MinCorrectPercent, raised.RaisedOn, raised.Since, raised.Counts, raised.RaisedBy, raised.Raised.State));
            }
            // As it was raised, also after another activation has taken over.
            await Alarms(cluster, job).Cast<IGrainManagementExtension>().DeactivateOnIdle(TestContext.Current.CancellationToken);
            Assert.Equal(alarms, await LookAsync(cluster, job));
            if (raised is not null) Assert.Equal(raised, alarms.Single() with { Ending = AlarmEnding.None, EndedAt = null, EndedOn = null, EndCounts = default });
        }
        var ended = Assert.Single(await LookAsync(cluster, job));
        Assert.Equal(AlarmEnding.Recovered, ended.Ending);
        Assert.InRange(ended.EndedOn!.Value, First.AddDays(7), First.AddDays(29));
        Assert.Equal(new BucketTally(Batch, Batch, 0, 0), ended.EndCounts);
    }

    /// <summary>Morning and evening of one day: what goes within it is told tomorrow.</summary>
    [Fact]
    public async Task Look_DeclineGoesOnTheDayThatRaisedIt_StandsUntilTheNext()
    {
        await using var cluster = await StartAsync();
        var job = await CreateAsync(cluster, Draft);
        await ReviewAsync(cluster, job, "Cat", 0, 20);
        Assert.True(Assert.Single(await LookAsync(cluster, job)).Stands);
        // The worker says of all of them that they are right, a minute later.
        var address = TestCluster.ClassOf(job, "Cat");
        var task = (await cluster.TasksAsync(address)).Min(found => found.Number.Value);
        await cluster.SubmitAsync(address, TestCluster.Answer(task, "ann", new string('c', Batch), First.ToDateTime(new TimeOnly(12, 1)).Ticks));
        Assert.True(Assert.Single(await LookAsync(cluster, job)).Stands);
        cluster.Time.Ahead += TimeSpan.FromDays(1);
        Assert.Equal(AlarmEnding.Recovered, Assert.Single(await LookAsync(cluster, job)).Ending);
    }

    [Fact]
    public async Task Change_OfThePercentage_WithdrawsAndBeginsAnew()
    {
        await using var cluster = await StartAsync();
        var job = await CreateAsync(cluster, Draft, labels: ["Cat", "Dog"]);
        await ReviewAsync(cluster, job, "Cat", 0, 16, 16);
        await ReviewAsync(cluster, job, "Dog", 0, 7, 7, 7);
        Assert.Equal(["Cat", "Dog"], (await LookAsync(cluster, job)).Select(alarm => alarm.Label.Value).Order(StringComparer.Ordinal));
        Assert.NotNull(await cluster.Job(job).ChangeAsync(new JobChanges { Alarm = new AlarmChange(new JobAlarm(50, 30)) }));
        var alarms = await LookAsync(cluster, job);
        Assert.Equal(("Cat", 50.0, 3), (alarms[0].Label.Value, alarms[0].MinCorrectPercent, alarms[0].Number));
        Assert.Equal([AlarmEnding.None, AlarmEnding.Withdrawn, AlarmEnding.Withdrawn], alarms.Select(alarm => alarm.Ending));
        Assert.NotNull(await cluster.Job(job).ChangeAsync(new JobChanges { Alarm = new AlarmChange(null) }));
        Assert.Equal((0, 3), ((await Alarms(cluster, job).LookAsync())!.Standing, (await Alarms(cluster, job).ListAsync()).Length));
    }

    [Fact]
    public async Task Look_ClosedJob_RaisesNothingUntilItIsOpenAgain()
    {
        await using var cluster = await StartAsync();
        var job = await CreateAsync(cluster, Draft);
        await ReviewAsync(cluster, job, "Cat", 0, 20, 20);
        await cluster.Job(job).ChangeAsync(new JobChanges(State: JobState.Closed));
        // Whoever watched may have looked before it was closed.
        var before = (await LookAsync(cluster, job)).Length;
        await cluster.EndOfAsync(job, OperationKind.Watch);
        Assert.Equal(before, (await LookAsync(cluster, job)).Length);
        await cluster.Job(job).ChangeAsync(new JobChanges(State: JobState.Open));
        Assert.True(Assert.Single(await LookAsync(cluster, job)).Stands);
    }

    [Fact]
    public async Task Change_OfAClosedJob_WithdrawsWithoutAnybodyLooking()
    {
        await using var cluster = await StartAsync();
        var job = await CreateAsync(cluster, Draft);
        await ReviewAsync(cluster, job, "Cat", 0, 20, 20);
        Assert.True(Assert.Single(await LookAsync(cluster, job)).Stands);
        await cluster.Job(job).ChangeAsync(new JobChanges(State: JobState.Closed));
        await cluster.EndOfAsync(job, OperationKind.Watch);
        Assert.Equal(1, await Alarms(cluster, job).CountAsync());
        await cluster.Job(job).ChangeAsync(new JobChanges { Alarm = new AlarmChange(new JobAlarm(80, 30)) });
        await TestCluster.EventuallyAsync(async () => await Alarms(cluster, job).CountAsync() == 0, "what stood under another alarm has ended");
        // It looked once for that change, and no other change has anybody look.
        await cluster.EndOfAsync(job, OperationKind.Watch);
        var watches = await CountWatchesAsync();
        await cluster.Job(job).ChangeAsync(new JobChanges { Certainty = new CertaintyChange(0.9, SetsLevel: true, null) });
        Assert.Equal(watches, await CountWatchesAsync());

        async Task<int> CountWatchesAsync() => (await cluster.Operations(job).ListAsync()).Count(operation => operation.Kind == OperationKind.Watch);
    }

    [Fact]
    public async Task Change_OfThePercentageAlone_KeepsDaysAndWebhook()
    {
        await using var cluster = await TestCluster.StartAsync(alarms: options => options.WebhookHosts.Add("hooks.example.org"));
        Assert.True(Webhook.TryCreate("https://hooks.example.org/a", out var webhook, out _));
        var job = await cluster.CreateJobAsync(draft: Draft with { Alarm = new JobAlarm(90, 30, webhook) });
        var kept = await cluster.Job(job).ChangeAsync(new JobChanges { Alarm = new AlarmChange(new JobAlarm(80)) { KeepsFalseAlarmDays = true, KeepsWebhook = true } });
        Assert.Equal(new JobAlarm(80, 30, webhook), kept!.Settings.Alarm);
        var given = await cluster.Job(job).ChangeAsync(new JobChanges { Alarm = new AlarmChange(new JobAlarm(80)) });
        Assert.Equal(new JobAlarm(80), given!.Settings.Alarm);
    }

    [Fact]
    public async Task Watch_JobWithAnAlarm_LooksByItselfAndGoesOnAfterACrash()
    {
        await using var cluster = await TestCluster.StartAsync(alarms: options => options.Interval = TimeSpan.FromMilliseconds(20));
        var job = await CreateAsync(cluster, Draft, labels: ["Cat", "Dog"]);
        await ReviewAsync(cluster, job, "Cat", 0, 20, 20);
        await TestCluster.EventuallyAsync(async () => await Alarms(cluster, job).CountAsync() == 1, "the first class has an alarm");
        await cluster.RestartAsync(gracefully: false);
        await cluster.Operations(job).ResumeAsync();
        await ReviewAsync(cluster, job, "Dog", 0, 20, 20);
        await TestCluster.EventuallyAsync(async () => await Alarms(cluster, job).CountAsync() == 2, "the second class has one, too");
        Assert.Equal([2, 1], (await Alarms(cluster, job).ListAsync()).Select(alarm => alarm.Number));
        // Taken away: nobody watches any more.
        await cluster.Job(job).ChangeAsync(new JobChanges { Alarm = new AlarmChange(null) });
        Assert.Equal(OperationState.Done, (await cluster.EndOfAsync(job, OperationKind.Watch)).State);
        Assert.Equal(0, await Alarms(cluster, job).CountAsync());
    }

    /// <summary>Once it has looked at what was changed it rests: it asks now and then whether there is another change, and looks no more.</summary>
    [Fact]
    public async Task Watch_AfterAChange_LooksOnceAndRests()
    {
        await using var cluster = await StartAsync();
        var (looks, asked) = (0, 0);
        cluster.BeforeCall = call =>
        {
            if (call.InterfaceMethod.DeclaringType == typeof(IAlarmGrain) && call.MethodName == nameof(IAlarmGrain.LookAsync)) Interlocked.Increment(ref looks);
            if (call.MethodName == nameof(IOperationsGrain.IsOutdatedAsync)) Interlocked.Increment(ref asked);
            return Task.CompletedTask;
        };
        var job = await CreateAsync(cluster, Draft);
        Task AskedAsync(int more)
        {
            var enough = Volatile.Read(ref asked) + more;
            return TestCluster.EventuallyAsync(() => Task.FromResult(Volatile.Read(ref asked) >= enough), "it has asked whether there is a change");
        }
        await AskedAsync(2);
        var before = Volatile.Read(ref looks);
        await cluster.Job(job).ChangeAsync(new JobChanges { Alarm = new AlarmChange(new JobAlarm(50, 30)) });
        await TestCluster.EventuallyAsync(() => Task.FromResult(Volatile.Read(ref looks) > before), "it looks at what was changed");
        await AskedAsync(3);
        var after = Volatile.Read(ref looks);
        await AskedAsync(10);
        Assert.Equal(after, Volatile.Read(ref looks));
    }

    /// <summary>A class whose facts can't be read, and one whose days can't.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Look_OneClassCanNotBeRead_RaisesTheOthersAndThisOneLater(bool facts)
    {
        await using var cluster = await StartAsync();
        var job = await CreateAsync(cluster, Draft, labels: ["Cat", "Dog"]);
        await ReviewAsync(cluster, job, "Cat", 0, 20, 20);
        await ReviewAsync(cluster, job, "Dog", 0, 20, 20);
        await cluster.RestartAsync(gracefully: false);
        var (fails, cat) = (true, new PartitionAddress(TestCluster.ClassOf(job, "Cat"), 0));
        cluster.Store.BeforeFold = partition => facts && fails && partition == cat ? throw new InvalidDataException("torn") : Task.CompletedTask;
        cluster.BeforeCall = call => !facts && fails && call.MethodName == nameof(IClassGrain.BreakDownAsync) && call.TargetId.Key.ToString()!.Contains("Cat", StringComparison.Ordinal)
            ? throw new InvalidDataException("torn") : Task.CompletedTask;
        Assert.Equal(["Dog"], (await LookAsync(cluster, job)).Select(alarm => alarm.Label.Value));
        fails = false;
        Assert.Equal(["Cat", "Dog"], (await LookAsync(cluster, job)).Select(alarm => alarm.Label.Value));
    }

    [Fact]
    public async Task Delete_Job_ForgetsItsAlarms()
    {
        await using var cluster = await StartAsync();
        var job = await CreateAsync(cluster, Draft);
        await ReviewAsync(cluster, job, "Cat", 0, 20, 20);
        Assert.NotEmpty(await LookAsync(cluster, job));
        Assert.Contains(cluster.GrainStates(), state => state.Contains("alarm", StringComparison.Ordinal));
        Assert.True(await cluster.Job(job).DeleteAsync(job.Incarnation));
        await cluster.EndOfAsync(job, OperationKind.Delete);
        Assert.DoesNotContain(cluster.GrainStates(), state => state.Contains("alarm", StringComparison.Ordinal));
        Assert.Null(await Alarms(cluster, job).LookAsync());
        await cluster.EndOfAsync(job, OperationKind.Watch);
        Assert.DoesNotContain(cluster.GrainStates(), state => state.Contains("alarm", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Look_StateNotWritten_RaisesItAtTheNextLook()
    {
        await using var cluster = await StartAsync();
        var job = await CreateAsync(cluster, Draft);
        await ReviewAsync(cluster, job, "Cat", 0, 20, 20);
        var fails = true;
        cluster.BeforeStateWrite = name => fails && name == "alarms" ? throw new Storage.StorageException("no") : Task.CompletedTask;
        await Assert.ThrowsAnyAsync<Exception>(() => Alarms(cluster, job).LookAsync());
        fails = false;
        Assert.Equal(1, Assert.Single(await LookAsync(cluster, job)).Number);
    }

    [Fact]
    public async Task Create_WithAWebhookThatIsNotCalled_IsRefusedWithWhatToDo()
    {
        await using var cluster = await TestCluster.StartAsync(alarms: options => ((string[])["hooks.example.org", "höoks.example.org"]).ToList().ForEach(options.WebhookHosts.Add));
        async Task<string> RefusalAsync(string url)
        {
            Assert.True(Webhook.TryCreate(url, out var webhook, out _));
            return (await Assert.ThrowsAsync<BadInputException>(() => cluster.CreateJobAsync(draft: Draft with { Alarm = new JobAlarm(90, 30, webhook) }))).Message;
        }
        Assert.Contains("BulkQA:Alarms:WebhookHosts", await RefusalAsync("https://hooks.example.com/a"), StringComparison.Ordinal);
        Assert.Contains("BulkQA:Alarms:WebhookHosts", await RefusalAsync("https://169.254.169.254/latest"), StringComparison.Ordinal);
        Assert.Contains("AllowLoopback", await RefusalAsync("http://127.0.0.1:5000/a"), StringComparison.Ordinal);
        Assert.True(Webhook.TryCreate("https://HOOKS.example.org/a", out var allowed, out _));
        var job = await cluster.CreateJobAsync(draft: Draft with { Alarm = new JobAlarm(90, 30, allowed) });
        Assert.Equal(allowed, job.Settings.Alarm!.Webhook);
        // A host of other letters is the same, however the deployment writes it.
        Assert.True(Webhook.TryCreate("https://xn--hoks-5qa.example.org/a", out var foreign, out _));
        await cluster.CreateJobAsync("foreign", Draft with { Alarm = new JobAlarm(90, 30, foreign) });
        Assert.True(Webhook.TryCreate("https://hooks.example.com/a", out var other, out _));
        await Assert.ThrowsAsync<BadInputException>(() => cluster.Job(job).ChangeAsync(new JobChanges { Alarm = new AlarmChange(new JobAlarm(90, 30, other)) }));
        Assert.Equal(allowed, (await cluster.Job(job).GetAsync())!.Settings.Alarm!.Webhook);
    }

    /// <summary>As where a percentage is changed while hundreds stand, or a model is taken back.</summary>
    [Fact]
    public void Record_MoreEndAtOnceThanAreKept_NoneIsLostBeforeItIsTold()
    {
        var alarm = new ClassAlarm(0, Label.Create("Cat"), 90, First, First, default, First, DateTimeOffset.UnixEpoch, new AlarmTelling(AlarmDelivery.Delivered));
        var record = new AlarmRecord { Standing = [.. Enumerable.Range(1, AlarmLimits.MaxStanding).Select(number => alarm with { Number = number })] };
        Assert.Equal(0, record.Room);
        foreach (var standing in record.Standing) record = record.End(standing with { Ending = AlarmEnding.Withdrawn, Ended = new AlarmTelling(AlarmDelivery.Pending) });
        Assert.Equal(Enumerable.Range(1, AlarmLimits.MaxStanding), record.Ended.Select(ended => ended.Number));
        // All of them fit into what is stored, whatever is raised meanwhile.
        Assert.Equal(AlarmLimits.MaxEnded, record.Room);
        foreach (var number in Enumerable.Range(1, AlarmLimits.MaxStanding))
        {
            Assert.Equal(AlarmLimits.MaxStanding - number + 1, record.Untold);
            record = record.Tell(number, isEnd: true, new AlarmTelling(AlarmDelivery.Delivered));
        }
        Assert.Equal(Enumerable.Range(AlarmLimits.MaxStanding - AlarmLimits.MaxEnded + 1, AlarmLimits.MaxEnded), record.Ended.Select(ended => ended.Number));
        Assert.Equal(AlarmLimits.MaxStanding, record.Room);
    }

    [Fact]
    public async Task Change_WhileMoreStandThanAreKept_EndsAndCountsAllOfThem()
    {
        await using var cluster = await StartAsync();
        const int Classes = AlarmLimits.MaxEnded + 5;
        var job = await CreateAsync(cluster, Draft, days: 1, [.. Enumerable.Range(0, Classes).Select(number => $"Cat {number}")]);
        foreach (var number in Enumerable.Range(0, Classes)) await ReviewAsync(cluster, job, $"Cat {number}", 0, Batch);
        Assert.Equal(Classes, (await Alarms(cluster, job).LookAsync())!.Standing);
        using var meters = new System.Diagnostics.Metrics.MeterListener();
        var ended = 0L;
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument, cluster.Service<AlarmsMetrics>().Ended)) listener.EnableMeasurementEvents(instrument);
        };
        meters.SetMeasurementEventCallback<long>((_, measurement, _, _) => Interlocked.Add(ref ended, measurement));
        meters.Start();
        Assert.NotNull(await cluster.Job(job).ChangeAsync(new JobChanges { Alarm = new AlarmChange(null) }));
        Assert.Equal(0, (await Alarms(cluster, job).LookAsync())!.Standing);
        await TestCluster.EventuallyAsync(() => Task.FromResult(Interlocked.Read(ref ended) >= Classes), "all are counted as ended");
    }

    [Fact]
    public void Record_MoreThanAreKept_LosesTheOldestOfWhichAllIsTold()
    {
        var alarm = new ClassAlarm(0, Label.Create("Cat"), 90, First, First, default, First, DateTimeOffset.UnixEpoch, new AlarmTelling(AlarmDelivery.Pending));
        var record = new AlarmRecord { Standing = [.. Enumerable.Range(1, AlarmLimits.MaxEnded + 3).Select(number => alarm with { Number = number })] };
        foreach (var standing in record.Standing) record = record.End(standing with { Ending = AlarmEnding.Recovered, Ended = new AlarmTelling(AlarmDelivery.Pending) });
        Assert.Empty(record.Standing);
        Assert.Equal(Enumerable.Range(1, AlarmLimits.MaxEnded + 3), record.Ended.Select(ended => ended.Number));
        Assert.Equal(2 * (AlarmLimits.MaxEnded + 3), record.Untold);
        Assert.Equal((2 * (AlarmLimits.MaxEnded + 3)) - 1, record.Tell(5, isEnd: false, new AlarmTelling(AlarmDelivery.Delivered)).Untold);
        var silent = record.Untell();
        Assert.Equal((0, AlarmLimits.MaxEnded), (silent.Untold, silent.Ended.Length));
        Assert.Equal(Enumerable.Range(4, AlarmLimits.MaxEnded), silent.Ended.Select(ended => ended.Number));
    }
}
