using System.Collections.Concurrent;
using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime.Hosting;
using Orleans.Serialization;
using Orleans.TestingHost;

namespace BulkQA.Simulation.Tests;

/// <summary>
/// Three silos with the real grains, on stores in memory that meet each run's faults. Silos are killed and join. A second
/// cluster over the same stores knows nothing of the first: every grain called there is a twin of one here.
/// </summary>
internal sealed class SimulatedCluster : IAsyncDisposable
{
    /// <summary>Small, so that classes grow.</summary>
    public const int MaxImagesPerPartition = 40;

    /// <summary>How long a task is kept for a worker.</summary>
    public static readonly TimeSpan LeaseDuration = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan _responseTimeout = TimeSpan.FromSeconds(3);

    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentDictionary<(string State, GrainId Grain), (byte[] Bytes, string ETag)> _states = [];
    private readonly MemoryListings _listings = new();
    private bool _kills;
    private InProcessTestCluster _cluster = null!;
    private InProcessTestCluster _twins = null!;

    public IGrainFactory Grains => _cluster.Client;

    /// <summary>Activations that should not be: an Orleans cluster keeps each grain single only as long as its silos agree who lives.</summary>
    public IGrainFactory Twins => _twins.Client;

    /// <summary>The facts without faults.</summary>
    public MemoryFactStore Facts { get; } = new();

    public IChangeLog Changes { get; } = new MemoryChangeLog();

    /// <summary>The facts as a process beside the silos reaches them.</summary>
    public IFactStore FactsFromOutside => field ??= new FaultyFactStore(Facts, new SiloLife());

    /// <summary>The label table without faults.</summary>
    public MemoryLabelTable Rows { get; } = new();

    /// <param name="kills">Whether silos will be killed: then the others have to notice soon, at the risk of taking a busy one for dead.</param>
    public static async Task<SimulatedCluster> StartAsync(bool kills)
    {
        var simulated = new SimulatedCluster { _kills = kills };
        simulated._cluster = await simulated.DeployAsync("cluster", 3);
        simulated._twins = await simulated.DeployAsync("twins", 1);
        return simulated;
    }

    /// <summary>The models that were stored.</summary>
    public ModelStore Models => field ??= new ModelStore(
        new JobObjects(new FolderObjectStore(_folder.File("objects")), Options.Create(new ObjectOptions())), new FolderObjectStore(_folder.File("objects")));

    private async Task<InProcessTestCluster> DeployAsync(string id, short silos)
    {
        var builder = new InProcessTestClusterBuilder(silos);
        (builder.Options.ServiceId, builder.Options.ClusterId) = ("bulkqa", id);
        builder.ConfigureClient(client =>
        {
            client.Services.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = _responseTimeout);
            client.AddOutgoingGrainCallFilter(new Resends());
        });
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton<SiloLife>();
            silo.Services.AddSingleton<IFactStore>(provider => new FaultyFactStore(Facts, provider.GetRequiredService<SiloLife>()));
            silo.Services.AddSingleton<IChangeLog>(Changes);
            silo.Services.AddSingleton<IListings>(_listings);
            silo.Services.AddSingleton<ILabelTable>(provider => new FaultyLabelTable(Rows, provider.GetRequiredService<SiloLife>()));
            silo.Services.AddSingleton<IObjectStore>(new FolderObjectStore(_folder.File("objects")));
            silo.Services.AddSingleton<JobObjects>();
            silo.Services.AddGrainStorage("Default", (provider, _) => new FaultyGrainStorage(
                new MemoryGrainStorage(provider.GetRequiredService<Serializer>(), _states), provider.GetRequiredService<SiloLife>()));
            silo.AddOutgoingGrainCallFilter(new Resends());
            silo.Services.AddGrains();
            silo.Services.Configure<GrainsOptions>(options =>
            {
                options.RepairInterval = TimeSpan.FromMilliseconds(10);
                options.AuditDelay = TimeSpan.FromMilliseconds(300);
                options.SweepAgainAfter = TimeSpan.FromMilliseconds(300);
                options.OperationInterval = TimeSpan.FromMilliseconds(20);
                options.ReportInterval = TimeSpan.FromMilliseconds(20);
                options.ListInterval = TimeSpan.FromMilliseconds(20);
                options.TargetInterval = TimeSpan.FromMilliseconds(50);
                options.ReestimateInterval = TimeSpan.FromMilliseconds(50);
                options.LeaseDuration = LeaseDuration;
                options.MaxImagesPerPartition = MaxImagesPerPartition;
            });
            // It asks for larger partitions than a run has images.
            silo.Services.RemoveAll<IValidateOptions<GrainsOptions>>();
            silo.Services.Configure<SiloMessagingOptions>(options => (options.ResponseTimeout, options.SystemResponseTimeout) = (_responseTimeout, _responseTimeout));
            if (_kills) silo.Services.Configure<ClusterMembershipOptions>(options =>
                (options.ProbeTimeout, options.NumMissedProbesLimit, options.TableRefreshTimeout) = (TimeSpan.FromMilliseconds(500), 2, TimeSpan.FromSeconds(2)));
            silo.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.None));
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }

    /// <summary>One of those that live, as far as is known.</summary>
    public SiloAddress AnySilo(Random random)
    {
        var silos = _cluster.Silos.ToList();
        return silos[random.Next(silos.Count)].SiloAddress;
    }

    /// <summary>Ends a silo as kill -9 would, and lets another join.</summary>
    public async Task ReplaceOneAsync(Random random)
    {
        var silos = _cluster.Silos.ToList();
        var victim = silos[random.Next(silos.Count)];
        victim.ServiceProvider.GetRequiredService<SiloLife>().Kill();
        await _cluster.KillSiloAsync(victim);
        await _cluster.StartAdditionalSiloAsync();
    }

    /// <summary>What deleted jobs have left beside facts and rows; the jobs themselves remember that they are deleted.</summary>
    private IEnumerable<string> Left => _states.Keys.Where(key => key.State is "class" or "classes" or "numbers" or "quota").Select(key => $"{key.State} of {key.Grain.Key}")
        .Concat(Facts.Heads.Select(partition => $"head of {partition.Key}")).Concat(_listings.Names.Where(name => name.StartsWith("quotas/", StringComparison.Ordinal)));

    /// <summary>What is left of deleted jobs after a while; null for nothing. A sweep that a silo took along with it goes on as every silo has it.</summary>
    public async Task<string?> FindLeftAsync(TimeSpan limit)
    {
        using var end = new CancellationTokenSource(limit);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (true)
        {
            var unfinished = await Calls.UntilDoneAsync(() => Grains.GetGrain<IUnfinishedJobsGrain>(IUnfinishedJobsGrain.Key).ListAsync());
            var names = await Calls.UntilDoneAsync(() => Grains.GetGrain<IJobIndexGrain>(IJobIndexGrain.Key).ListAsync(null, JobLimits.MaxJobs));
            var left = names.Concat(unfinished).Concat(Left).ToList();
            if (left.Count == 0 && Facts.IsEmpty && Rows.IsEmpty) return null;
            if (end.IsCancellationRequested) return $"{(Facts.IsEmpty ? "no " : "")}facts, {(Rows.IsEmpty ? "no " : "")}rows, {string.Join(", ", left.Take(10))}";
            foreach (var key in unfinished) await Calls.TryAsync(() => Grains.GetGrain<IOperationsGrain>(key).ResumeAsync());
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>Does to a partition's head what another activation of it would do.</summary>
    public async Task RaiseEpochAsync(PartitionAddress partition)
    {
        if (await Facts.ReadHeadAsync(partition) is not { Retired: false } head) return;
        // Where the partition itself was quicker, there is no twin this time.
        await Facts.WriteHeadAsync(partition, new PartitionHead(head.Epoch + 1, false, null), head.Epoch);
    }

    public async ValueTask DisposeAsync()
    {
        await _twins.DisposeAsync();
        await _cluster.DisposeAsync();
        _folder.Dispose();
    }
}
