using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>What one worker has been given of a job under limits, and how much of it is known to be answered.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.WorkerQuota")]
public sealed record WorkerQuota
{
    /// <summary>Tasks that are remembered as given and not answered. An answer to one that is older counts for no limit.</summary>
    public const int MaxGiven = 8;

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

    /// <summary>Tasks that were given and are not known to be answered, the earliest first: held, passed over, or too late. No two the same.</summary>
    [Id(5)] public ImmutableArray<GivenTask> Given { get => field.IsDefault ? [] : field; init => field = value.IsDefaultOrEmpty ? default : value; }

    /// <summary>Tasks of the job that the worker has answered beside these, as far as is known: before there were limits.</summary>
    [Id(6)] public int AnsweredBeside { get; init; }

    /// <summary>For which teams the worker answers and answered; null for none ever.</summary>
    [Id(7)] public WorkerTeams? Teams { get; init; }

    /// <summary>Takes note that a task is given.</summary>
    /// <param name="task">Which.</param>
    /// <param name="answered">How many tasks of the job the worker has answered at least.</param>
    public WorkerQuota Give(GivenTask task, int answered)
    {
        var given = Given.RemoveAll(other => other.Task == task.Task).Add(task);
        // The job hears of answers later than what is counted here: then it knows of none beside.
        return this with { Given = given.Length > MaxGiven ? given.RemoveAt(0) : given, AnsweredBeside = Math.Max(AnsweredBeside, answered - Answered) };
    }

    /// <summary>Counts a task that was given as answered; once.</summary>
    /// <param name="task">One of <see cref="Given"/>.</param>
    /// <param name="at">When, as whoever answered says; never before it was given, or after <paramref name="now"/>.</param>
    /// <param name="now">The time.</param>
    /// <param name="portion">Of the job; null where sittings don't matter.</param>
    public WorkerQuota Count(GivenTask task, DateTimeOffset at, DateTimeOffset now, WorkPortion? portion)
    {
        if (!Given.Contains(task)) return this;
        if (at < task.At) at = task.At;
        if (at > now) at = now;
        var day = DateOnly.FromDateTime(at.UtcDateTime);
        // Working slowly is no pause: it lies between an answer and the next task.
        var isSameSitting = portion is not null && LastAt is { } last && task.At - last < portion.Pause;
        return this with
        {
            Given = Given.Remove(task),
            Answered = Answered + 1,
            Day = day > Day ? day : Day,
            AnsweredOnDay = day > Day ? 1 : day == Day ? AnsweredOnDay + 1 : AnsweredOnDay,
            AnsweredInSitting = portion is null ? 0 : isSameSitting ? AnsweredInSitting + 1 : 1,
            LastAt = LastAt > at ? LastAt : at,
        };
    }

    /// <summary>Why the worker gets no other task now; null where it does. Of several reasons the one that ends last.</summary>
    /// <param name="limits">Of the job.</param>
    /// <param name="answered">How many tasks of the job the worker has answered at least.</param>
    /// <param name="now">The time.</param>
    public WorkRefusal? RefusalBy(JobAssignment limits, int answered, DateTimeOffset now)
    {
        if (limits.MaxTasksPerWorker is { } most && Math.Max(answered, AnsweredBeside + Answered) is var all && all >= most) return new WorkRefusal(WorkRefusalReason.PerWorker, all, most);
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var tomorrow = new DateTimeOffset(today.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        var byDay = limits.MaxTasksPerDay is { } perDay && Day == today && AnsweredOnDay >= perDay ? new WorkRefusal(WorkRefusalReason.PerDay, AnsweredOnDay, perDay, tomorrow) : null;
        var byPortion = limits.Portion is { } portion && AnsweredInSitting >= portion.Tasks && LastAt + portion.Pause is { } until && until > now
            ? new WorkRefusal(WorkRefusalReason.Portion, AnsweredInSitting, portion.Tasks, until) : null;
        return byDay is null || byPortion?.Until > byDay.Until ? byPortion : byDay;
    }
}

/// <summary>A task that was given to a worker.</summary>
/// <param name="Partition">The key of the partition that knows whether it is answered.</param>
/// <param name="At">When.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.GivenTask")]
public sealed record GivenTask([property: Id(0)] TaskNumber Task, [property: Id(1)] string Partition, [property: Id(2)] DateTimeOffset At);
