using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Bench;

/// <summary>Jobs and their images, made and audited through the grains of whichever silos there are.</summary>
internal sealed class Corpus(IGrainFactory grains)
{
    private const int ChunkImages = 2_000;

    public async Task<JobInfo> CreateJobAsync(string name)
    {
        var job = JobName.Create(name);
        // The label table is a table of its own: bench/README.md reckons it apart.
        return (await grains.GetGrain<IJobGrain>(job.Key).CreateAsync(job, new JobDraft { LabelTable = LabelTableMode.Off }))!.Job;
    }

    /// <summary>Images of one class, as the API imports them: in order, so that task n has the images from 25 n on.</summary>
    public async Task ImportAsync(JobInfo job, string label, IEnumerable<int> numbers)
    {
        var address = new ClassAddress(job.Incarnation, Label.Create(label));
        await grains.GetGrain<IJobClassesGrain>(job.Incarnation.Value).AddAsync([address.Label]);
        foreach (var chunk in numbers.Chunk(ChunkImages))
        {
            var images = new ImportChunk([.. chunk.Select(number => new CorpusImage(Votes.Url(number), Votes.Confidence(number)))], CutRemainder: true);
            var partitions = await grains.GetGrain<IClassGrain>(address.Key).CountPartitionsAsync();
            while ((await grains.GetGrain<IPartitionGrain>(new PartitionAddress(address, partitions - 1).Key).ImportAsync(images)).Refusal == ImportRefusal.Full)
                partitions = await grains.GetGrain<IClassGrain>(address.Key).OpenAsync(partitions);
        }
    }

    /// <summary>Throws unless every vote counts, and counters are what the facts say.</summary>
    public async Task AuditAsync(JobInfo job, long votes)
    {
        var counted = (await grains.GetGrain<IJobClassesGrain>(job.Incarnation.Value).GetTalliesAsync(null))!.Value.Sum(tally => tally.Value.Votes);
        var operations = grains.GetGrain<IOperationsGrain>(job.Name.Key);
        var audit = await operations.StartAsync(OperationKind.Audit, job.Incarnation, null);
        audit = await operations.WaitAsync(audit, TimeSpan.FromMinutes(5), TimeProvider.System);
        if (counted != votes || audit.Audit is not { Differences: 0 }) throw new InvalidOperationException($"{counted} votes of {votes} count, {audit.Audit?.Differences} differences in the audit");
    }
}
