namespace BulkQA.Web;

/// <summary>How fast a job is answered, by what was seen of it in the last minutes, and when it would be done if it went on like that.</summary>
public sealed class Pace(TimeProvider time)
{
    /// <summary>What is looked back at.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    /// <summary>Less says too little.</summary>
    private static readonly TimeSpan _least = TimeSpan.FromSeconds(10);

    private readonly Queue<(DateTimeOffset At, long Votes, long TasksDone)> _seen = [];

    public void Note(JobModel job)
    {
        var now = time.GetUtcNow();
        while (_seen.TryPeek(out var oldest) && now - oldest.At > Window) _seen.Dequeue();
        _seen.Enqueue((now, job.Votes, job.TasksDone));
    }

    /// <summary>Votes a minute in the window; null where too little was seen.</summary>
    public double? VotesPerMinute(JobModel job) => Rate(job.Votes, seen => seen.Votes);

    /// <summary>How long until all tasks that are asked about are done, at the pace of the window; null where nothing says.</summary>
    public TimeSpan? Remaining(JobModel job) =>
        Rate(job.TasksDone, seen => seen.TasksDone) is > 0 and { } rate && job.TasksDone < job.TasksAsked && (job.TasksAsked - job.TasksDone) / rate is var minutes && minutes < TimeSpan.MaxValue.TotalMinutes / 2
            ? TimeSpan.FromMinutes(minutes) : null;

    public string Describe(JobModel job) => job.TasksAsked > 0 && job.TasksDone >= job.TasksAsked ? "done"
        : VotesPerMinute(job) is not { } rate ? "–"
        : rate <= 0 ? "no votes now"
        : Remaining(job) is { } rest ? $"{Words.Rate(rate)} votes/min, {Words.Span(rest)} left at this pace" : $"{Words.Rate(rate)} votes/min";

    private double? Rate(long present, Func<(DateTimeOffset, long Votes, long TasksDone), long> count)
    {
        if (!_seen.TryPeek(out var oldest) || time.GetUtcNow() - oldest.At is var span && span < _least) return null;
        return (present - count(oldest)) / span.TotalMinutes;
    }
}
