using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Bench;

/// <summary>Jobs and their images, made and audited through the grains of whichever silos there are.</summary>
internal sealed class Corpus(IGrainFactory grains, ClassRouter router)
{
    private const int ImportChunk = 1_000;

    public async Task<JobInfo> CreateJobAsync(string name)
    {
        var job = JobName.Create(name);
        return (await grains.GetGrain<IJobGrain>(job.Key).CreateAsync(job, new JobDraft()))!.Job;
    }

    /// <summary>Images of one class, as the API imports them.</summary>
    public async Task ImportAsync(JobInfo job, string label, IEnumerable<int> numbers)
    {
        var address = new ClassAddress(job.Incarnation, Label.Create(label));
        await grains.GetGrain<IJobGrain>(job.Name.Key).AddClassesAsync(job.Incarnation, [address.Label]);
        await Parallel.ForEachAsync(numbers.Chunk(ImportChunk), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (chunk, _) =>
            await ImportAsync(job, address, [.. chunk.Select(number => new ImportLine(Votes.Url(number), Votes.Confidence(number)))]));
    }

    /// <summary>Throws unless every vote counts, and counters are what the rows say.</summary>
    public async Task AuditAsync(JobInfo job, long votes)
    {
        var grain = grains.GetGrain<IJobGrain>(job.Name.Key);
        var counted = (await grain.GetTalliesAsync(null))!.Classes.Sum(tally => tally.Value.Votes);
        var audit = (await grain.AuditAsync())!;
        if (counted != votes || audit.Differences > 0) throw new InvalidOperationException($"{counted} votes of {votes} count, {audit.Differences} differences in the audit");
    }

    private async Task ImportAsync(JobInfo job, ClassAddress address, List<ImportLine> lines)
    {
        foreach (var (firstShard, indices) in await router.SplitAsync(address, lines))
        {
            var part = indices.ConvertAll(index => lines[index]);
            var tasks = await grains.GetGrain<IJobGrain>(job.Name.Key).ReserveTasksAsync(job.Incarnation, part.Count);
            if (await router.ImportAsync(address, firstShard, new ImportChunk([.. part], tasks!.Value, CutRemainder: true)) is null)
                await ImportAsync(job, address, part);
        }
    }
}
