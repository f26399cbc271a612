using BulkQA.Core;

namespace BulkQA.Grains.Tests;

/// <summary>What limits allow, by what was given and answered when.</summary>
public sealed class WorkerQuotaTests
{
    private static readonly DateTimeOffset _noon = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly WorkPortion _portion = new(3, 30);

    [Fact]
    public void Portion_AnsweredInARow_IsOverUntilThePauseIs()
    {
        var limits = new JobAssignment { Portion = _portion };
        var quota = new WorkerQuota();
        for (var number = 0; number < 3; number++)
        {
            Assert.Null(quota.RefusalBy(limits, 0, At(10 * number)));
            quota = Answer(quota, number, given: 10 * number, answered: (10 * number) + 9);
        }
        var until = At(29 + 30);
        Assert.Equal(new WorkRefusal(WorkRefusalReason.Portion, 3, 3, until), quota.RefusalBy(limits, 0, At(30)));
        Assert.NotNull(quota.RefusalBy(limits, 0, until - TimeSpan.FromTicks(1)));
        Assert.Null(quota.RefusalBy(limits, 0, until));
        // A new sitting, of which that is the first.
        quota = Answer(quota, 3, given: 29 + 30, answered: 100);
        Assert.Equal((1, 4), (quota.AnsweredInSitting, quota.Answered));
    }

    [Fact]
    public void Portion_WithAPauseBefore_BeginsAnewAndSlowWorkIsNoPause()
    {
        var quota = Answer(new WorkerQuota(), 0, given: 0, answered: 1);
        quota = Answer(quota, 1, given: 31, answered: 32);
        Assert.Equal(1, quota.AnsweredInSitting);
        // An hour at one batch.
        quota = Answer(quota, 2, given: 33, answered: 93);
        Assert.Equal(2, quota.AnsweredInSitting);
        Assert.Equal(3, Answer(quota, 3, given: 93 + 29, answered: 93 + 30).AnsweredInSitting);
    }

    [Fact]
    public void Day_AnsweredAroundMidnight_CountsToTheDayOfTheAnswer()
    {
        var limits = new JobAssignment { MaxTasksPerDay = 2 };
        var quota = Answer(new WorkerQuota(), 0, given: 0, answered: 1);
        quota = Answer(quota, 1, given: 11 * 60, answered: (12 * 60) + 5);
        Assert.Equal((new DateOnly(2026, 11, 2), 1, 2), (quota.Day, quota.AnsweredOnDay, quota.Answered));
        quota = Answer(quota, 2, given: 13 * 60, answered: 13 * 60);
        Assert.Equal(new WorkRefusal(WorkRefusalReason.PerDay, 2, 2, new DateTimeOffset(2026, 11, 3, 0, 0, 0, TimeSpan.Zero)), quota.RefusalBy(limits, 0, At(14 * 60)));
        Assert.Null(quota.RefusalBy(limits, 0, At(36 * 60)));
    }

    [Fact]
    public void Refusal_ForSeveralReasons_IsTheOneThatEndsLast()
    {
        var limits = new JobAssignment { MaxTasksPerDay = 1, Portion = new WorkPortion(1, 24 * 60) };
        var quota = Answer(new WorkerQuota(), 0, given: 0, answered: 1, portion: limits.Portion);
        Assert.Equal((WorkRefusalReason.Portion, At(1 + (24 * 60))), (quota.RefusalBy(limits, 0, At(2))!.Reason, quota.RefusalBy(limits, 0, At(2))!.Until!.Value));
        Assert.Equal(WorkRefusalReason.PerDay, quota.RefusalBy(limits with { Portion = new WorkPortion(1, 5) }, 0, At(2))!.Reason);
        Assert.Equal(new WorkRefusal(WorkRefusalReason.PerWorker, 1, 1), quota.RefusalBy(limits with { MaxTasksPerWorker = 1 }, 0, At(2)));
        // Of what was answered before there were limits the job knows.
        Assert.Equal(new WorkRefusal(WorkRefusalReason.PerWorker, 9, 7), quota.RefusalBy(limits with { MaxTasksPerWorker = 7 }, 9, At(2)));
    }

    [Fact]
    public void Refusal_WithAnswersOfBefore_CountsThemThoughTheJobHearsLate()
    {
        var limits = new JobAssignment { MaxTasksPerWorker = 4 };
        var batch = new GivenTask(new TaskNumber(7), "p", At(0));
        var quota = new WorkerQuota().Give(batch, answered: 2).Count(batch, At(1), At(1), null);
        Assert.Null(quota.RefusalBy(limits, answered: 2, At(1)));
        batch = batch with { Task = new TaskNumber(8), At = At(2) };
        // Still two, though it is three.
        quota = quota.Give(batch, answered: 2).Count(batch, At(3), At(3), null);
        Assert.Equal(new WorkRefusal(WorkRefusalReason.PerWorker, 4, 4), quota.RefusalBy(limits, answered: 2, At(3)));
        Assert.Equal(new WorkRefusal(WorkRefusalReason.PerWorker, 4, 4), quota.RefusalBy(limits, answered: 4, At(3)));
    }

    [Fact]
    public void Count_TwiceOrOfATimeThatCanNotBe_CountsOnceWhenItCan()
    {
        var given = new GivenTask(new TaskNumber(1), "p", At(10));
        var quota = new WorkerQuota().Give(given, 0);
        var counted = quota.Count(given, At(-500), At(20), _portion);
        Assert.Equal((1, At(10)), (counted.Answered, counted.LastAt));
        Assert.Equal(At(20), quota.Count(given, At(500), At(20), _portion).LastAt);
        Assert.Same(counted, counted.Count(given, At(11), At(20), _portion));
        // Given once more, it is one task, and the earliest of many are forgotten.
        for (var number = 0; number < 90; number++) quota = quota.Give(given with { Task = new TaskNumber(number % 27), At = At(number) }, 0);
        Assert.Equal(WorkerQuota.MaxGiven, quota.Given.Length);
        Assert.Equal(quota.Given.Length, quota.Given.Select(task => task.Task).Distinct().Count());
        Assert.Equal(At(89), quota.Given[^1].At);
    }

    [Fact]
    public void LetGo_AsManyAsADayHas_IsRefusedUntilTheNextOrUntilOneIsAnswered()
    {
        var (limits, quota) = (new JobAssignment { MaxTasksPerWorker = 1_000 }, new WorkerQuota());
        for (var number = 0; number < WorkerQuota.MaxLetGo; number++)
        {
            Assert.Null(quota.RefusalBy(limits, 0, At(number)));
            quota = quota.Give(new GivenTask(new TaskNumber(number), "p", At(number)), 0);
        }
        var midnight = new DateTimeOffset(2026, 11, 2, 0, 0, 0, TimeSpan.Zero);
        Assert.Equal(new WorkRefusal(WorkRefusalReason.LetGo, 20, 20, midnight), quota.RefusalBy(limits, 0, At(30)));
        // One that was let go and is answered late is none that was let go.
        Assert.Null(LetIn(quota, limits, 3, At(31), out var refusal).RefusalBy(limits, 0, At(31)));
        Assert.Null(refusal);
        Assert.Null(quota.RefusalBy(limits, 0, midnight));
        // Whoever answers for a team alone is under no limit.
        Assert.Null(quota.RefusalBy(new JobAssignment { Teams = [TeamName.Create("dogs")] }, 0, At(30)));
    }

    [Fact]
    public void LetIn_BeyondALimit_IsRefusedButForWhatIsHeld()
    {
        var limits = new JobAssignment { MaxTasksPerDay = 2 };
        var quota = Answer(new WorkerQuota(), 0, given: 0, answered: 1).Give(new GivenTask(new TaskNumber(1), "p", At(2)), 0).Give(new GivenTask(new TaskNumber(2), "p", At(3)), 0);
        // One is held, which is all that is left.
        LetIn(quota, limits, 1, At(4), out var refusal, other: 2);
        Assert.Equal(new WorkRefusal(WorkRefusalReason.PerDay, 2, 2, new DateTimeOffset(2026, 11, 2, 0, 0, 0, TimeSpan.Zero)), refusal);
        var held = LetIn(quota, limits, 2, At(4), out refusal, isHeld: true);
        Assert.Null(refusal);
        Assert.Equal((1, 1), (held.CountUnderWay(At(4)), held.Answered));
        Assert.NotNull(held.RefusalBy(limits, 0, At(4)));
        // Sent again it is the same, and what never arrives gives way.
        Assert.Same(held, LetIn(held, limits, 2, At(5), out refusal));
        Assert.Null(refusal);
        var later = At(4) + WorkerQuota.LongestUnderWay;
        Assert.Null(held.Settle([], later, null).RefusalBy(limits, 0, later));
    }

    private static WorkerQuota LetIn(WorkerQuota quota, JobAssignment limits, int task, DateTimeOffset now, out WorkRefusal? refusal, bool isHeld = false, int? other = null) =>
        quota.LetIn(limits, 0, new GivenTask(new TaskNumber(task), "p", now), isHeld, other is { } number ? new TaskNumber(number) : null, out refusal);

    private static DateTimeOffset At(int minutes) => _noon + TimeSpan.FromMinutes(minutes);

    private static WorkerQuota Answer(WorkerQuota quota, int task, int given, int answered, WorkPortion? portion = null)
    {
        var batch = new GivenTask(new TaskNumber(task), "p", At(given));
        return quota.Give(batch, 0).Count(batch, At(answered), At(answered), portion ?? _portion);
    }
}
