namespace BulkQA.Core.Tests;

/// <summary>What <see cref="TaskDispatch"/> does, by walking over all tasks each time.</summary>
internal sealed class DispatchWalk(PartitionFold fold, int workersPerTask, bool byValue, TimeSpan duration)
{
    private readonly Dictionary<(TaskNumber, WorkerId), DateTimeOffset> _passes = [];

    public List<Lease> Leases { get; } = [];

    public void Pass(TaskNumber task, WorkerId worker, DateTimeOffset until)
    {
        Leases.RemoveAll(lease => lease.Task == task && lease.Worker == worker);
        _passes[(task, worker)] = until;
    }

    public Lease? Lease(WorkerId worker, DateTimeOffset now)
    {
        Leases.RemoveAll(lease => lease.ExpiresAt <= now);
        if (Leases.FirstOrDefault(lease => lease.Worker == worker) is { Worker.Value: not null } held) return held;
        var tasks = fold.Tasks.Where(task => Wants(task) && !fold.HasAnswered(task, worker) && !(_passes.GetValueOrDefault((task, worker)) > now)).Order().ToList();
        if (tasks.Count == 0) return null;
        Leases.Add(new Lease(byValue ? tasks.MaxBy(WrongLabels) : tasks[0], worker, now + duration, now + (6 * duration)));
        return Leases[^1];
    }

    public Lease? Renew(TaskNumber task, WorkerId worker, DateTimeOffset now)
    {
        Leases.RemoveAll(lease => lease.ExpiresAt <= now);
        var at = Leases.FindIndex(lease => lease.Worker == worker && lease.Task == task);
        if (at < 0) return null;
        var until = new[] { now + duration, Leases[at].EndsAt }.Min();
        if (until >= Leases[at].ExpiresAt + (duration / 20)) Leases[at] = Leases[at] with { ExpiresAt = until };
        return Leases[at];
    }

    public bool IsWanted(DateTimeOffset now)
    {
        Leases.RemoveAll(lease => lease.ExpiresAt <= now);
        return fold.Tasks.Any(Wants);
    }

    public void Answered(int task, WorkerId worker)
    {
        if (fold.HasAnswered(new TaskNumber(task), worker)) Leases.RemoveAll(lease => lease.Task.Value == task && lease.Worker == worker);
    }

    private bool Wants(TaskNumber task) => fold.CountWhole(task) + Leases.Count(lease => lease.Task == task) < workersPerTask;

    private double WrongLabels(TaskNumber task)
    {
        var sum = 0.0;
        foreach (var confidence in fold.ConfidencesOf(task)) sum += 1 - (confidence / 100);
        return sum;
    }
}
