using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>
/// What one worker has been given of a job under limits, and how much of it is known to be answered. Tasks are given, and answers let in, only as far as the limits
/// reach with all that is under way counted: so nobody answers more than they say, in whatever order what is under way ends.
/// </summary>
[GenerateSerializer, Immutable, Alias("BulkQA.WorkerQuota")]
public sealed record WorkerQuota
{
    /// <summary>Tasks that are remembered as given and not answered.</summary>
    public const int MaxGiven = MaxLetGo + 4;

    /// <summary>Tasks that were given on one day and let go without an answer, from which on no further one is given on that day.</summary>
    public const int MaxLetGo = 20;

    /// <summary>Answers of one worker that may be under way at once.</summary>
    public const int MaxUnderWay = 8;

    /// <summary>For how long an answer that was let in may still arrive: far longer than a call takes. One that comes later counts when it does.</summary>
    public static readonly TimeSpan LongestUnderWay = TimeSpan.FromMinutes(5);

    /// <summary>Tasks that were given and are known to be answered.</summary>
    [Id(0)] public int Answered { get; init; }

    /// <summary>The last day (UTC) on which one was answered.</summary>
    [Id(1)] public DateOnly Day { get; init; }

    /// <summary>How many on that day.</summary>
    [Id(2)] public int AnsweredOnDay { get; init; }

    /// <summary>How many in the last sitting.</summary>
    [Id(3)] public int AnsweredInSitting { get; init; }

    /// <summary>When the last of them was answered; null for none.</summary>
    [Id(4)] public DateTimeOffset? LastAt { get; init; }

    /// <summary>Tasks that were given and are not known to be answered, the earliest first: held, let go, or with an answer under way. No two the same.</summary>
    [Id(5)] public ImmutableArray<GivenTask> Given { get => field.IsDefault ? [] : field; init => field = value.IsDefaultOrEmpty ? default : value; }

    /// <summary>Tasks of the job that the worker has answered beside these, as far as is known: before there were limits.</summary>
    [Id(6)] public int AnsweredBeside { get; init; }

    /// <summary>For which teams the worker answers and answered; null for none ever.</summary>
    [Id(7)] public WorkerTeams? Teams { get; init; }

    /// <summary>The last day (UTC) on which a task was given.</summary>
    [Id(8)] public DateOnly GivenDay { get; init; }

    /// <summary>How many of those that were given on that day are not known to be answered, whether or not they are among <see cref="Given"/>.</summary>
    [Id(9)] public int Unanswered { get; init; }

    /// <summary>Answers that were let in and may still arrive.</summary>
    public int CountUnderWay(DateTimeOffset now) => Given.Count(task => IsUnderWay(task, now));

    /// <summary>Takes note that a task is given.</summary>
    /// <param name="task">Which.</param>
    /// <param name="answered">How many tasks of the job the worker has answered at least.</param>
    public WorkerQuota Give(GivenTask task, int answered)
    {
        var before = Given.FirstOrDefault(other => other.Task == task.Task) is { } known ? Drop(known) : this;
        var (day, given) = (DayOf(task.At), before.Given.Add(task));
        return before with
        {
            Given = given.Length > MaxGiven && given.FirstOrDefault(other => !IsUnderWay(other, task.At)) is { } first ? given.Remove(first) : given,
            // The job hears of answers later than what is counted here: then it knows of none beside.
            AnsweredBeside = Math.Max(AnsweredBeside, answered - Answered),
            GivenDay = day > GivenDay ? day : GivenDay,
            Unanswered = day > GivenDay ? 1 : day == GivenDay ? before.Unanswered + 1 : before.Unanswered,
        };
    }

    /// <summary>
    /// Lets an answer in, as far as the limits allow it: what the worker holds it may answer, and all else counts as if it were given now; so does what was let in before and
    /// did not arrive in time, since others were let in meanwhile as if it had. A correction needs no leave.
    /// </summary>
    /// <param name="limits">Of the job.</param>
    /// <param name="answered">As of <see cref="Give"/>.</param>
    /// <param name="task">Which is answered, not before as far as is known.</param>
    /// <param name="isHeld">Whether the worker holds it.</param>
    /// <param name="other">Another task that the worker holds, and may still answer; null for none.</param>
    /// <param name="refusal">Why it is not let in; null where it is.</param>
    /// <returns>The same where nothing is to be noted.</returns>
    public WorkerQuota LetIn(JobAssignment limits, int answered, GivenTask task, bool isHeld, TaskNumber? other, out WorkRefusal? refusal)
    {
        var (now, known) = (task.At, Given.FirstOrDefault(given => given.Task == task.Task));
        refusal = null;
        // Sent again, as after a lost reply.
        if (known?.AnsweringSince is { } since && now - since < LongestUnderWay / 2) return this;
        var isFirstOfHeld = isHeld && known?.AnsweringSince is null;
        if (!isFirstOfHeld) refusal = (known is null ? this : Drop(known)).EndUnderWay(other, limits.Portion, now).RefusalByLimits(limits, answered, now);
        if (refusal is not null) return this;
        return isFirstOfHeld && known is not null ? this with { Given = Given.Replace(known, known with { AnsweringSince = now }) } : Give(task with { AnsweringSince = now }, answered);
    }

    /// <summary>Takes over what partitions say of tasks that were given.</summary>
    /// <param name="found">For some of <see cref="Given"/> what is so now.</param>
    /// <param name="now">The time.</param>
    /// <param name="portion">As of <see cref="Count"/>.</param>
    public WorkerQuota Settle(IEnumerable<(GivenTask Task, TaskHold Hold)> found, DateTimeOffset now, WorkPortion? portion)
    {
        var answered = found.Where(entry => entry.Hold.State == HoldState.Answered).Select(entry => (entry.Task, At: entry.Task.AnsweringSince ?? entry.Hold.At ?? entry.Task.At)).ToList();
        // Which sitting an answer is of is told by those before it: it waits for one that was let in earlier.
        var until = Given.Where(task => IsUnderWay(task, now) && !answered.Exists(entry => entry.Task == task)).Min(task => task.AnsweringSince);
        return answered.Where(entry => !(entry.At > until)).OrderBy(entry => entry.At).Aggregate(this, (counted, entry) => counted.Count(entry.Task, entry.At, now, portion));
    }

    /// <summary>Counts a task that was given as answered; once.</summary>
    /// <param name="task">One of <see cref="Given"/>.</param>
    /// <param name="at">When: never before it was given, or after <paramref name="now"/>.</param>
    /// <param name="now">The time.</param>
    /// <param name="portion">Of the job; null where sittings don't matter.</param>
    public WorkerQuota Count(GivenTask task, DateTimeOffset at, DateTimeOffset now, WorkPortion? portion)
    {
        if (!Given.Contains(task)) return this;
        if (at < task.At) at = task.At;
        if (at > now) at = now;
        var day = DayOf(at);
        // Working slowly is no pause: it lies between an answer and the next task.
        var isSameSitting = portion is not null && LastAt is { } last && task.At - last < portion.Pause;
        return Drop(task) with
        {
            Answered = Answered + 1,
            Day = day > Day ? day : Day,
            AnsweredOnDay = day > Day ? 1 : day == Day ? AnsweredOnDay + 1 : AnsweredOnDay,
            AnsweredInSitting = portion is null ? 0 : isSameSitting ? AnsweredInSitting + 1 : 1,
            LastAt = LastAt > at ? LastAt : at,
        };
    }

    /// <summary>Why the worker, who holds no task, gets none now; null where it does. Of several reasons the one that ends last.</summary>
    /// <param name="limits">Of the job.</param>
    /// <param name="answered">How many tasks of the job the worker has answered at least.</param>
    /// <param name="now">The time.</param>
    public WorkRefusal? RefusalBy(JobAssignment limits, int answered, DateTimeOffset now) => RefusalAfter(null, limits, answered, now);

    /// <summary>The same once the task that the worker holds is answered, as if that were now.</summary>
    public WorkRefusal? RefusalAfter(TaskNumber? held, JobAssignment limits, int answered, DateTimeOffset now)
    {
        var ended = EndUnderWay(held, limits.Portion, now);
        var byLimit = ended.RefusalByLimits(limits, answered, now);
        if (byLimit is { Until: null } || !limits.HasLimits || ended.GivenDay != DayOf(now) || ended.Unanswered < MaxLetGo) return byLimit;
        return Later(byLimit, new WorkRefusal(WorkRefusalReason.LetGo, ended.Unanswered, MaxLetGo, TomorrowOf(now)));
    }

    private WorkRefusal? RefusalByLimits(JobAssignment limits, int answered, DateTimeOffset now)
    {
        if (limits.MaxTasksPerWorker is { } most && Math.Max(answered, AnsweredBeside + Answered) is var all && all >= most) return new WorkRefusal(WorkRefusalReason.PerWorker, all, most);
        var byDay = limits.MaxTasksPerDay is { } perDay && Day == DayOf(now) && AnsweredOnDay >= perDay ? new WorkRefusal(WorkRefusalReason.PerDay, AnsweredOnDay, perDay, TomorrowOf(now)) : null;
        var byPortion = limits.Portion is { } portion && AnsweredInSitting >= portion.Tasks && LastAt + portion.Pause is { } until && until > now
            ? new WorkRefusal(WorkRefusalReason.Portion, AnsweredInSitting, portion.Tasks, until) : null;
        return Later(byDay, byPortion);
    }

    /// <summary>What it is once all that is under way has been answered, and the task that is held.</summary>
    private WorkerQuota EndUnderWay(TaskNumber? held, WorkPortion? portion, DateTimeOffset now) => Given.Where(task => task.Task == held || IsUnderWay(task, now))
        .Select(task => (Task: task, At: IsUnderWay(task, now) ? task.AnsweringSince!.Value : now)).OrderBy(entry => entry.At).Aggregate(this, (counted, entry) => counted.Count(entry.Task, entry.At, now, portion));

    private static bool IsUnderWay(GivenTask task, DateTimeOffset now) => now - task.AnsweringSince < LongestUnderWay;

    private WorkerQuota Drop(GivenTask task) => this with { Given = Given.Remove(task), Unanswered = DayOf(task.At) == GivenDay ? Math.Max(0, Unanswered - 1) : Unanswered };

    private static WorkRefusal? Later(WorkRefusal? one, WorkRefusal? other) => one is null || other?.Until > one.Until ? other : one;

    private static DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);

    private static DateTimeOffset TomorrowOf(DateTimeOffset now) => new(DayOf(now).AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
}

/// <summary>A task that was given to a worker.</summary>
/// <param name="Partition">The key of the partition that knows whether it is answered.</param>
/// <param name="At">When.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.GivenTask")]
public sealed record GivenTask([property: Id(0)] TaskNumber Task, [property: Id(1)] string Partition, [property: Id(2)] DateTimeOffset At)
{
    /// <summary>When an answer to it was let in last; null for never.</summary>
    [Id(3)]
    public DateTimeOffset? AnsweringSince { get; init; }
}
