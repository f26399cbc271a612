using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime.Hosting;
using Orleans.Serialization;
using Orleans.Storage;
using Orleans.TestingHost;

namespace BulkQA.Grains.Tests;

/// <summary>A cluster in this process on a real database of its own, with a faulty table between.</summary>
public sealed class TestCluster : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SqliteDatabase _database;
    private InProcessTestCluster _cluster = null!;
    private volatile bool _killed;

    private TestCluster()
    {
        _database = new SqliteDatabase(Options.Create(new SqliteOptions { Path = _folder.File("test.db") }));
        Rows = new SqliteLabelTable(_database);
        Table = new FaultyLabelTable(Rows);
    }

    public IGrainFactory Grains => _cluster.Client;

    /// <summary>What the grains write through.</summary>
    public FaultyLabelTable Table { get; }

    /// <summary>The table itself, without faults.</summary>
    public ILabelTable Rows { get; }

    public ClassRouter Router { get; private set; } = null!;

    /// <summary>Runs before each call of a grain, such as to have it fail.</summary>
    public Func<IIncomingGrainCallContext, Task> BeforeCall { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs before a grain's state of that name is written, such as to have it fail.</summary>
    public Func<string, Task> BeforeStateWrite { get; set; } = _ => Task.CompletedTask;

    public static async Task<TestCluster> StartAsync(Action<GrainsOptions>? configure = null, short silos = 1)
    {
        var test = new TestCluster();
        await test.DeployAsync(configure, silos);
        return test;
    }

    /// <summary>Ends all silos, as cleanly as asked, and starts new ones on the same database.</summary>
    public async Task RestartAsync(bool gracefully, Action<GrainsOptions>? configure = null)
    {
        var silos = (short)_cluster.Silos.Count;
        _killed = !gracefully;
        foreach (var silo in _cluster.Silos.ToList())
        {
            if (gracefully) await _cluster.StopSiloAsync(silo);
            else await _cluster.KillSiloAsync(silo);
        }
        await _cluster.DisposeAsync();
        _killed = false;
        await DeployAsync(configure, silos);
    }

    /// <summary>Ends the silo that a grain is on, in good order.</summary>
    public async Task StopSiloOfAsync(IAddressable grain)
    {
        var address = await Grains.GetGrain<IManagementGrain>(0).GetActivationAddress(grain);
        await _cluster.StopSiloAsync(_cluster.Silos.Single(silo => silo.SiloAddress.Equals(address)));
    }

    /// <summary>What the silos show of a class.</summary>
    internal IEnumerable<ClassTally> Shown(ClassAddress address, int partitions) =>
        _cluster.Silos.Select(silo => silo.ServiceProvider.GetRequiredService<LocalViews>().Find(address, partitions)).OfType<ClassTally>();

    /// <summary>The types of the grains that are active anywhere.</summary>
    public async Task<IReadOnlyList<string>> ActiveGrainTypesAsync() =>
        [.. (await Grains.GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics()).Where(entry => entry.ActivationCount > 0).Select(entry => entry.GrainType)];

    /// <summary>Does to a partition's record what another activation of it would do.</summary>
    public async Task RaiseEpochAsync(GrainId partition)
    {
        var services = _cluster.Silos[0].ServiceProvider;
        var storage = services.GetRequiredKeyedService<IGrainStorage>("Default");
        var state = new GrainState<PartitionState>(new PartitionState());
        await storage.ReadStateAsync("partition", partition, state);
        state.State = state.State! with { Epoch = state.State!.Epoch + 1 };
        await storage.WriteStateAsync("partition", partition, state);
    }

    public async Task<JobInfo> CreateJobAsync(string name = "job", JobDraft? draft = null)
    {
        var job = JobName.Create(name);
        return (await Grains.GetGrain<IJobGrain>(job.Key).CreateAsync(job, draft ?? new JobDraft()))!.Job;
    }

    public IOperationsGrain Operations(JobInfo job) => Grains.GetGrain<IOperationsGrain>(job.Name.Key);

    /// <summary>Waits for the end of the job's operation of that kind that was started last.</summary>
    public async Task<Operation> EndOfAsync(JobInfo job, OperationKind kind)
    {
        Operation? found = null;
        await EventuallyAsync(async () => (found = (await Operations(job).ListAsync()).FirstOrDefault(operation => operation.Kind == kind)) is { HasEnded: true }, $"{kind} ends");
        return found!;
    }

    public IJobGrain Job(JobInfo job) => Grains.GetGrain<IJobGrain>(job.Name.Key);

    /// <summary>Imports images of one class, 200 at a time, the way the API does.</summary>
    public async Task<ClassAddress> ImportAsync(JobInfo job, string label, IReadOnlyList<ImportLine> lines)
    {
        var address = new ClassAddress(job.Incarnation, Label.Create(label));
        await Job(job).AddClassesAsync(job.Incarnation, [address.Label]);
        foreach (var chunk in lines.Chunk(200)) await ImportChunkAsync(job, address, chunk);
        return address;
    }

    public static ImportLine[] Lines(int count, string prefix = "s3://b/") =>
        [.. Enumerable.Range(0, count).Select(number => new ImportLine(ImageUrl.Create($"{prefix}{number}"), Percent.Create(80 + (number % 20))))];

    public static ImageVotes Votes(string url, params (string Worker, bool Confirmed, long Ticks)[] votes) => new(
        ImageUrl.Create(url), null,
        [.. votes.Select(vote => new Vote(WorkerId.Create(vote.Worker), vote.Confirmed, new SubmissionTime(vote.Ticks)))]);

    public async Task<ImmutableArray<ImageOutcome>> VoteAsync(ClassAddress address, params ImageVotes[] votes) =>
        (await Router.VoteAsync(address, new ClassVotes(null, [.. votes])))!.Value;

    /// <summary>The class's counters as the grains have them.</summary>
    public async Task<ClassTally> TallyAsync(ClassAddress address) => (await Grains.GetGrain<IClassGrain>(address.Key).GetTallyAsync())!.Tally;

    /// <summary>The class's counters folded here and now from its rows.</summary>
    public async Task<ClassTally> FoldAsync(JobInfo job, ClassAddress address)
    {
        var view = new ClassView(job.Settings, _ => true);
        await foreach (var row in Rows.ReadAllAsync(address)) view.Apply(ImageHash.Of(row.Address.Url), row.Contribution);
        return view.Tally();
    }

    /// <summary>Waits until something holds, and fails with what it is where it doesn't within half a minute.</summary>
    public static async Task EventuallyAsync(Func<Task<bool>> holds, string what)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await holds())
        {
            try
            {
                await timer.WaitForNextTickAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"did not come about within 30 s: {what}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    private async Task ImportChunkAsync(JobInfo job, ClassAddress address, IReadOnlyList<ImportLine> lines)
    {
        foreach (var (firstShard, indices) in await Router.SplitAsync(address, lines))
        {
            var part = indices.ConvertAll(index => lines[index]);
            var tasks = await Job(job).ReserveTasksAsync(job.Incarnation, part.Count);
            if (await Router.ImportAsync(address, firstShard, new ImportChunk([.. part], tasks!.Value, CutRemainder: true)) is null)
                await ImportChunkAsync(job, address, part);
        }
    }

    private async Task DeployAsync(Action<GrainsOptions>? configure, short silos)
    {
        var builder = new InProcessTestClusterBuilder(silos);
        // Part of every stored key: the same after a restart.
        builder.Options.ServiceId = "bulkqa";
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton<ILabelTable>(Table);
            silo.Services.AddSingleton<IObjectStore>(new FolderObjectStore(_folder.File("objects")));
            silo.Services.AddSingleton<JobObjects>();
            silo.Services.AddGrainStorage("Default", (provider, _) =>
                new CutOffGrainStorage(
                    new SqliteGrainStorage(_database, provider.GetRequiredService<Serializer>(), provider.GetRequiredService<IOptions<ClusterOptions>>()),
                    () => _killed, state => BeforeStateWrite(state)));
            silo.AddIncomingGrainCallFilter(async context =>
            {
                await BeforeCall(context);
                await context.Invoke();
            });
            silo.Services.AddGrains();
            silo.Services.Configure<GrainsOptions>(options =>
            {
                options.RepairInterval = TimeSpan.FromMilliseconds(20);
                options.SweepAgainAfter = TimeSpan.Zero;
                options.OperationInterval = TimeSpan.FromMilliseconds(20);
                configure?.Invoke(options);
            });
            silo.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Error));
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
        Router = new ClassRouter(_cluster.Client);
    }
}
