using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Silo;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BulkQA.Bench;

/// <summary>BulkQA as it runs on a laptop: a silo in this process, on SQLite with an fsync a commit.</summary>
internal sealed class Embedded : IAsyncDisposable
{
    private const int ImportChunk = 1_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("bulkqa-bench-").FullName;
    private IHost _host = null!;
    private TaskVotesHandler _handler = null!;
    private ClassRouter _router = null!;

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public static async Task<Embedded> StartAsync()
    {
        var embedded = new Embedded();
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["BulkQA:DataDirectory"] = embedded._folder });
        builder.Logging.ClearProviders();
        builder.AddEmbeddedSilo();
        embedded._host = builder.Build();
        await embedded._host.StartAsync();
        embedded._router = embedded._host.Services.GetRequiredService<ClassRouter>();
        embedded._handler = new TaskVotesHandler(embedded.Grains, embedded._router, TimeProvider.System);
        return embedded;
    }

    public async Task<JobInfo> CreateJobAsync(string name)
    {
        var job = JobName.Create(name);
        return (await Grains.GetGrain<IJobGrain>(job.Key).CreateAsync(job, new JobDraft()))!.Job;
    }

    /// <summary>Images of one class, as the API imports them.</summary>
    public async Task ImportAsync(JobInfo job, string label, IEnumerable<int> numbers)
    {
        var address = new ClassAddress(job.Incarnation, Label.Create(label));
        await Grains.GetGrain<IJobGrain>(job.Name.Key).AddClassesAsync(job.Incarnation, [address.Label]);
        await Parallel.ForEachAsync(numbers.Chunk(ImportChunk), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (chunk, _) =>
            await ImportAsync(job, address, [.. chunk.Select(number => new ImportLine(Votes.Url(number), Votes.Confidence(number)))]));
    }

    /// <summary>As the queue's consumer does with a message's body. Durable on return.</summary>
    public async Task<bool> TakeAsync(byte[] body)
    {
        var (message, unreadable) = TaskVotesMessage.Parse(body);
        var problems = await _handler.HandleAsync(message, unreadable);
        return problems.Count == 0 ? true : throw new InvalidOperationException(string.Join("; ", problems));
    }

    /// <summary>Throws unless every vote counts, and counters are what the rows say.</summary>
    public async Task AuditAsync(JobInfo job, long votes)
    {
        var grain = Grains.GetGrain<IJobGrain>(job.Name.Key);
        var counted = (await grain.GetTalliesAsync(null))!.Classes.Sum(tally => tally.Value.Votes);
        var audit = (await grain.AuditAsync())!;
        if (counted != votes || audit.Differences > 0) throw new InvalidOperationException($"{counted} votes of {votes} count, {audit.Differences} differences in the audit");
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task ImportAsync(JobInfo job, ClassAddress address, List<ImportLine> lines)
    {
        foreach (var (firstShard, indices) in await _router.SplitAsync(address, lines))
        {
            var part = indices.ConvertAll(index => lines[index]);
            var tasks = await Grains.GetGrain<IJobGrain>(job.Name.Key).ReserveTasksAsync(job.Incarnation, part.Count);
            if (await _router.ImportAsync(address, firstShard, new ImportChunk([.. part], tasks!.Value, CutRemainder: true)) is null)
                await ImportAsync(job, address, part);
        }
    }
}
