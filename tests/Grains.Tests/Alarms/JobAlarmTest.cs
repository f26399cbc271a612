using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains.Tests;

/// <summary>Jobs that are watched, and what tests of them do.</summary>
public abstract class JobAlarmTest
{
    /// <summary>Images of a task, which are the reviews of a day.</summary>
    protected const int Batch = 20;

    protected static readonly DateOnly First = new(2026, 11, 1);

    protected static readonly JobDraft Draft = new() { BatchSize = Batch, WorkersPerTask = 1, Policy = VerdictPolicy.Majority, Alarm = new JobAlarm(90, 30) };

    /// <summary>Looks by themselves come so seldom that a test is alone with its own.</summary>
    protected static Task<TestCluster> StartAsync() => TestCluster.StartAsync(alarms: options => options.Interval = TimeSpan.FromHours(1));

    /// <summary>A job with a class of so many days' images.</summary>
    protected static async Task<JobInfo> CreateAsync(TestCluster cluster, JobDraft draft, int days = 30, params string[] labels)
    {
        var job = await cluster.CreateJobAsync(draft: draft);
        foreach (var label in labels is [] ? ["Cat"] : labels) await cluster.ImportAsync(job, label, days * Batch, $"s3://b/{label}/");
        return job;
    }

    protected static IAlarmGrain Alarms(TestCluster cluster, JobInfo job) => cluster.Grains.GetGrain<IAlarmGrain>(job.Incarnation.Value);

    /// <summary>On each of these days, from the first of the month, one task is answered with so many images wrong.</summary>
    protected static async Task ReviewAsync(TestCluster cluster, JobInfo job, string label, int from, params int[] incorrect)
    {
        var address = TestCluster.ClassOf(job, label);
        var tasks = (await cluster.TasksAsync(address)).Select(task => task.Number.Value).Order().ToList();
        await cluster.SubmitAsync(address, [.. incorrect.Select((wrong, at) => TestCluster.Answer(
            tasks[from + at], "ann", new string('d', wrong) + new string('c', Batch - wrong), First.AddDays(from + at).ToDateTime(new TimeOnly(12, 0)).Ticks))]);
    }

    /// <summary>What the detector says of these days.</summary>
    protected static Decline? Expected(params int[] incorrect) =>
        DeclineDetector.Find(incorrect.Select((wrong, at) => KeyValuePair.Create(First.AddDays(at), new BucketTally(Batch, Batch - wrong, wrong, 0))), 90, 30);

    protected static async Task<ImmutableArray<ClassAlarm>> LookAsync(TestCluster cluster, JobInfo job)
    {
        Assert.NotNull(await Alarms(cluster, job).LookAsync());
        return await Alarms(cluster, job).ListAsync();
    }
}
