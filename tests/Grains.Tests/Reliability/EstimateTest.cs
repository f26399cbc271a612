using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains.Tests;

/// <summary>Tests of models of a job whose workers are known.</summary>
public abstract class EstimateTest
{
    private const int Batch = 25;

    protected static readonly string[] Workers = ["ann", "bob", "carl", "dan", "eve"];

    protected static IReliabilityGrain Reliability(TestCluster cluster, JobInfo job) => cluster.Grains.GetGrain<IReliabilityGrain>(job.Incarnation.Value);

    protected static async Task<ModelInfo> EstimatedAsync(TestCluster cluster, JobInfo job, ReliabilitySettings? settings = null) =>
        await EndAsync(cluster, job, (await Reliability(cluster, job).StartAsync(settings ?? new ReliabilitySettings()))!.Number);

    protected static async Task<ModelInfo> EndAsync(TestCluster cluster, JobInfo job, int number)
    {
        ModelInfo? model = null;
        await TestCluster.EventuallyAsync(async () => (model = await Reliability(cluster, job).GetAsync(number)) is not { State: ModelState.Running }, $"model {number} ends");
        return model!;
    }

    /// <summary>Half of the images are dogs and half cats, a fifth of the labels wrong; eve confirms almost everything.</summary>
    protected static async Task<(JobInfo Job, ImmutableArray<Submission> Submissions)> VotedAsync(TestCluster cluster, int images)
    {
        var random = new Random(images);
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = Batch, WorkersPerTask = Workers.Length, Policy = VerdictPolicy.Majority });
        var submissions = ImmutableArray.CreateBuilder<Submission>();
        foreach (var (label, count) in ((string, int)[])[("Dog", images / 2), ("Cat", images - (images / 2))]) submissions.AddRange(await AnswerAsync(cluster, job, label, count, random));
        return (job, submissions.ToImmutable());
    }

    /// <summary>Images of a new class, answered by workers who are as they always are.</summary>
    protected static async Task<List<Submission>> AnswerAsync(TestCluster cluster, JobInfo job, string label, int count, Random random)
    {
        var submissions = new List<Submission>();
        var address = TestCluster.ClassOf(job, label);
        await cluster.Classes(job).AddAsync([address.Label]);
        foreach (var some in TestCluster.Images(count).Chunk(100)) await cluster.ImportAsync(address, [.. some]);
        foreach (var task in await cluster.TasksAsync(address))
        {
            var isRight = task.Images.Select(_ => random.Next(5) > 0).ToList();
            foreach (var (index, worker) in Workers.Index())
            {
                var (confirmsRight, catchesWrong) = worker == "eve" ? (0.97, 0.1) : (0.95 - (0.02 * index), 0.85 - (0.05 * index));
                var answers = string.Concat(isRight.Select(right => random.NextDouble() < (right ? confirmsRight : 1 - catchesWrong) ? 'c' : 'd'));
                var submission = TestCluster.Answer(task.Number.Value, worker, answers);
                submissions.Add(submission);
                await cluster.Router.SubmitAsync(job.Incarnation, [submission]);
            }
        }
        return submissions;
    }

    /// <summary>Images of a new class, which everybody confirms.</summary>
    protected static async Task VoteAsync(TestCluster cluster, JobInfo job, string label, int images)
    {
        var address = await cluster.ImportAsync(job, label, images);
        foreach (var task in await cluster.TasksAsync(address))
            foreach (var worker in Workers) await cluster.SubmitAsync(address, TestCluster.Answer(task.Number.Value, worker, new string('c', task.Images.Length)));
    }

    protected static Task<ReliabilityEstimate> DirectAsync(ImmutableArray<Submission> submissions, ReliabilitySettings settings)
    {
        var workers = submissions.Select(submission => submission.Worker.Value).Distinct().Order(StringComparer.Ordinal).ToList();
        var builder = new VoteBlockBuilder(new ulong[workers.Count]);
        foreach (var task in submissions.GroupBy(submission => submission.Task))
            for (var image = 0; image < task.First().Answers.Count; image++)
                builder.Add(0, [.. task.Select(submission => (workers.IndexOf(submission.Worker.Value), submission.Answers[image] == AnswerKind.Disconfirm))]);
        var votes = builder.Build();
        return ReliabilityEstimator.RunAsync(
            settings, workers.Count, null, parameters => Task.FromResult(parameters is null ? votes.ExpectByMajority() : votes.Expect(parameters)), TestContext.Current.CancellationToken);
    }
}
