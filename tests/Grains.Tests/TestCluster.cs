using System.Collections.Immutable;
using System.Globalization;
using BulkQA.Core;
using BulkQA.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Core.Internal;
using Orleans.Runtime.Hosting;
using Orleans.Serialization;
using Orleans.TestingHost;

namespace BulkQA.Grains.Tests;

/// <summary>A cluster in this process on a real database of its own, with a faulty store between.</summary>
public sealed class TestCluster : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SqliteDatabase _database;
    private InProcessTestCluster _cluster = null!;
    private Action<AlarmOptions>? _alarms;

    private TestCluster()
    {
        _database = new SqliteDatabase(Options.Create(new SqliteOptions { Path = _folder.File("test.db") }));
        Facts = new SqliteFactStore(_database);
        Store = new FaultyFactStore(Facts);
        Rows = new SqliteLabelTable(_database);
        Listings = new SqliteListings(_database);
        Table = new FaultyLabelTable(Rows);
        Objects = new FolderObjectStore(_folder.File("objects"));
    }

    public IGrainFactory Grains => _cluster.Client;

    /// <summary>What the grains read and write through.</summary>
    public FaultyFactStore Store { get; }

    /// <summary>The store itself, without faults.</summary>
    public IFactStore Facts { get; }

    /// <summary>What the grains write rows through.</summary>
    public FaultyLabelTable Table { get; }

    /// <summary>The label table itself, without faults.</summary>
    public ILabelTable Rows { get; }

    public IListings Listings { get; }

    public IObjectStore Objects { get; }

    public TestTime Time { get; } = new();

    public AnswerRouter Router { get; private set; } = null!;

    /// <summary>Runs before each call of a grain, such as to have it fail.</summary>
    public Func<IIncomingGrainCallContext, Task> BeforeCall { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs before a grain's state of that name is written, such as to have it fail.</summary>
    public Func<string, Task> BeforeStateWrite { get; set; } = _ => Task.CompletedTask;

    public static async Task<TestCluster> StartAsync(Action<GrainsOptions>? configure = null, short silos = 1, Action<AlarmOptions>? alarms = null)
    {
        var test = new TestCluster { _alarms = alarms };
        await test.DeployAsync(configure, silos);
        return test;
    }

    /// <summary>Ends all silos, as cleanly as asked, and starts new ones on the same database.</summary>
    public async Task RestartAsync(bool gracefully, Action<GrainsOptions>? configure = null)
    {
        var silos = (short)_cluster.Silos.Count;
        Store.IsCutOff = !gracefully;
        foreach (var silo in _cluster.Silos.ToList())
        {
            if (gracefully) await _cluster.StopSiloAsync(silo);
            else await _cluster.KillSiloAsync(silo);
        }
        await _cluster.DisposeAsync();
        Store.IsCutOff = false;
        await DeployAsync(configure, silos);
    }

    /// <summary>Ends the silo that a grain is on, in good order.</summary>
    public async Task StopSiloOfAsync(IAddressable grain)
    {
        var address = await Grains.GetGrain<IManagementGrain>(0).GetActivationAddress(grain);
        await _cluster.StopSiloAsync(_cluster.Silos.Single(silo => silo.SiloAddress.Equals(address)));
    }

    /// <summary>Ends the activation of a partition in good order.</summary>
    public async Task DeactivateAsync(PartitionAddress partition)
    {
        var grain = Partition(partition);
        await grain.Cast<IGrainManagementExtension>().DeactivateOnIdle(TestContext.Current.CancellationToken);
        await EventuallyAsync(async () => !await IsActiveAsync(grain), $"{partition.Key} is not active");
    }

    /// <summary>Whether a grain is active on any silo. Not by the directory, of which silos remember what was.</summary>
    public async Task<bool> IsActiveAsync(IAddressable grain) =>
        (await Grains.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics()).Any(found => found.GrainId == grain.GetGrainId());

    /// <summary>What the silos show of a class.</summary>
    internal IEnumerable<ClassTally> Shown(ClassAddress address, int partitions, int? revision = null) =>
        _cluster.Silos.Select(silo => silo.ServiceProvider.GetRequiredService<LocalViews>().Find(address, partitions, revision)).OfType<ClassTally>();

    /// <summary>A service of the first silo.</summary>
    public T Service<T>() where T : notnull => _cluster.Silos[0].ServiceProvider.GetRequiredService<T>();

    /// <summary>The types of the grains that are active anywhere.</summary>
    public async Task<IReadOnlyList<string>> ActiveGrainTypesAsync() =>
        [.. (await Grains.GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics()).Where(entry => entry.ActivationCount > 0).Select(entry => entry.GrainType)];

    /// <summary>Does to a partition's head what another activation of it would do.</summary>
    public async Task RaiseEpochAsync(PartitionAddress partition)
    {
        var epoch = (await Facts.ReadHeadAsync(partition))!.Epoch;
        Assert.True(await Facts.WriteHeadAsync(partition, new PartitionHead(epoch + 1, false, null), epoch));
    }

    public async Task<JobInfo> CreateJobAsync(string name = "job", JobDraft? draft = null)
    {
        var job = JobName.Create(name);
        return (await Grains.GetGrain<IJobGrain>(job.Key).CreateAsync(job, draft ?? new JobDraft()))!.Job;
    }

    public IOperationsGrain Operations(JobInfo job) => Grains.GetGrain<IOperationsGrain>(job.Name.Key);

    public IJobGrain Job(JobInfo job) => Grains.GetGrain<IJobGrain>(job.Name.Key);

    public IJobClassesGrain Classes(JobInfo job) => Grains.GetGrain<IJobClassesGrain>(job.Incarnation.Value);

    public ITaskNumbersGrain Numbers(JobInfo job) => Grains.GetGrain<ITaskNumbersGrain>(job.Incarnation.Value);

    public IDispatchGrain Dispatch(JobInfo job) => Grains.GetGrain<IDispatchGrain>(job.Incarnation.Value);

    public IClassGrain Class(ClassAddress address) => Grains.GetGrain<IClassGrain>(address.Key);

    public IPartitionGrain Partition(PartitionAddress address) => Grains.GetGrain<IPartitionGrain>(address.Key);

    public IPartitionGrain Partition(ClassAddress address, int number = 0) => Partition(new PartitionAddress(address, number));

    public static ClassAddress ClassOf(JobInfo job, string label) => new(job.Incarnation, Label.Create(label));

    /// <summary>Waits for the end of the job's operation of that kind that was started last.</summary>
    public async Task<Operation> EndOfAsync(JobInfo job, OperationKind kind)
    {
        Operation? found = null;
        await EventuallyAsync(async () => (found = (await Operations(job).ListAsync()).FirstOrDefault(operation => operation.Kind == kind)) is { HasEnded: true }, $"{kind} ends");
        return found!;
    }

    /// <summary>Audits the whole job.</summary>
    public async Task<AuditReport> AuditAsync(JobInfo job)
    {
        var started = await Operations(job).StartAsync(OperationKind.Audit, job.Incarnation, null);
        var ended = await Operations(job).WaitAsync(started, TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal(OperationState.Done, ended.State);
        return ended.Audit!;
    }

    /// <summary>So many images with confidences from 80 to 99.</summary>
    public static ImmutableArray<CorpusImage> Images(int count, string prefix = "s3://b/") => [.. Enumerable.Range(0, count).Select(number => Image($"{prefix}{number}", 80 + (number % 20)))];

    public static CorpusImage Image(string url, double? confidence) => new(ImageUrl.Create(url), confidence is { } score ? Percent.Create(score) : null);

    /// <summary>Makes a class known and imports images of it, some at a time, the way the API does. All must be new.</summary>
    public async Task<ClassAddress> ImportAsync(JobInfo job, string label, int count, string prefix = "s3://b/")
    {
        var address = ClassOf(job, label);
        Assert.Empty((await Classes(job).AddAsync([address.Label]))!.Value);
        Assert.All((await ImportAsync(address, Images(count, prefix))).Outcomes, outcome => Assert.Equal(ImportOutcome.Accepted, outcome));
        return address;
    }

    /// <summary>Imports images of a class into its last partition, and opens the next where that is full; a chunk as one call.</summary>
    public async Task<ImportReceipt> ImportAsync(ClassAddress address, ImmutableArray<CorpusImage> images, bool cutRemainder = true, int chunk = 500)
    {
        var (outcomes, standing) = (ImmutableArray.CreateBuilder<ImportOutcome>(), ImmutableArray.CreateBuilder<Percent?>());
        var partitions = await Class(address).CountPartitionsAsync();
        foreach (var some in images.Chunk(chunk))
        {
            ImportReceipt receipt;
            while ((receipt = await Partition(address, partitions - 1).ImportAsync(new ImportChunk([.. some], cutRemainder))).Refusal == ImportRefusal.Full)
                partitions = await Class(address).OpenAsync(partitions);
            if (receipt.Refusal != ImportRefusal.None) return receipt;
            outcomes.AddRange(receipt.Outcomes);
            standing.AddRange(receipt.Standing);
        }
        return new ImportReceipt(ImportRefusal.None, outcomes.ToImmutable(), standing.ToImmutable());
    }

    /// <summary>Imports gold of a class, right and wrong in turn. All must be new.</summary>
    public async Task ImportGoldAsync(ClassAddress address, int count, string prefix = "s3://gold/")
    {
        Assert.True(await Class(address).OpenGoldAsync());
        var gold = Enumerable.Range(0, count).Select(number => Image($"{prefix}{number}", 90) with { Gold = new GoldAnswer(number % 2 == 0) });
        Assert.All((await Partition(PartitionAddress.GoldOf(address)).ImportAsync(new ImportChunk([.. gold], CutRemainder: true))).Outcomes, outcome => Assert.Equal(ImportOutcome.Accepted, outcome));
    }

    public static Submission Answer(int task, string worker, string answers, long ticks = 1) =>
        new(new TaskNumber(task), WorkerId.Create(worker), new SubmissionTime(ticks), TaskAnswers.Parse(answers));

    /// <summary>Hands submissions to the first partition of a class.</summary>
    public async Task<ImmutableArray<SubmissionOutcome>> SubmitAsync(ClassAddress address, params Submission[] submissions)
    {
        var receipt = await Partition(address).SubmitAsync(new Submissions([.. submissions], ArePartial: false));
        Assert.False(receipt.IsGone);
        return receipt.Outcomes;
    }

    /// <summary>The class's counters as the grains have them.</summary>
    public async Task<ClassTally> TallyAsync(ClassAddress address) => (await Class(address).GetTallyAsync())!;

    /// <summary>The class's counters folded here and now from its facts.</summary>
    public async Task<ClassTally> FoldAsync(JobInfo job, ClassAddress address)
    {
        var sum = ClassTally.Empty(job.Settings.BucketEdges);
        for (var number = 0; number < await Class(address).CountPartitionsAsync(); number++)
        {
            var fold = new PartitionFold(job.Settings, await new JobRules(new ModelStore(new JobObjects(Objects, Options.Create(new ObjectOptions())), Objects)).OfAsync(job));
            await foreach (var task in Facts.ReadOutlinesAsync(new PartitionAddress(address, number))) fold.AddTask(task);
            await foreach (var submission in Facts.ReadSubmissionsAsync(new PartitionAddress(address, number), new TaskNumber(0), new TaskNumber(int.MaxValue)))
                if (fold.Knows(submission.Task)) fold.Apply(submission);
            await foreach (var adjudication in Facts.ReadAdjudicationsAsync(new PartitionAddress(address, number), new TaskNumber(0), new TaskNumber(int.MaxValue))) fold.Apply(adjudication);
            sum += fold.Tally();
        }
        return sum;
    }

    /// <summary>Every task of a class as it is stored.</summary>
    public async Task<List<TaskContent>> TasksAsync(ClassAddress address)
    {
        var tasks = new List<TaskContent>();
        for (var number = 0; number < await Class(address).CountPartitionsAsync(); number++)
            await foreach (var task in Facts.ReadTasksAsync(new PartitionAddress(address, number), new TaskNumber(0), new TaskNumber(int.MaxValue))) tasks.Add(task);
        return tasks;
    }

    /// <summary>Every submission to a class's first partition as it is stored.</summary>
    public Task<List<Submission>> SubmissionsAsync(ClassAddress address) =>
        Facts.ReadSubmissionsAsync(new PartitionAddress(address, 0), new TaskNumber(0), new TaskNumber(int.MaxValue)).ToListAsync(TestContext.Current.CancellationToken).AsTask();

    /// <summary>How many rows each table of the database has that has any.</summary>
    public IReadOnlyDictionary<string, long> CountRows() => Query(
        "SELECT name FROM sqlite_schema WHERE type = 'table'", reader => reader.GetString(0))
        .ToDictionary(table => table, table => Query($"SELECT count(*) FROM {table}", reader => reader.GetInt64(0))[0])
        .Where(table => table.Value > 0).ToDictionary();

    /// <summary>The names of the grain states that are stored.</summary>
    public IReadOnlyList<string> GrainStates() => Query("SELECT GrainReference FROM OrleansGrainState ORDER BY 1", reader => reader.GetString(0));

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

    private List<T> Query<T>(string sql, Func<SqliteDataReader, T> read)
    {
        using var connection = new SqliteConnection(string.Create(CultureInfo.InvariantCulture, $"Data Source={_folder.File("test.db")};Mode=ReadOnly;Pooling=False"));
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var found = new List<T>();
        while (reader.Read()) found.Add(read(reader));
        return found;
    }

    private async Task DeployAsync(Action<GrainsOptions>? configure, short silos)
    {
        var builder = new InProcessTestClusterBuilder(silos);
        // Part of every stored key: the same after a restart.
        builder.Options.ServiceId = "bulkqa";
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton<IFactStore>(Store);
            silo.Services.AddSingleton(Listings);
            silo.Services.AddSingleton<ILabelTable>(Table);
            silo.Services.AddSingleton(Objects);
            silo.Services.AddSingleton<JobObjects>();
            silo.Services.AddSingleton<TimeProvider>(Time);
            silo.Services.AddGrainStorage("Default", (provider, _) =>
                new CutOffGrainStorage(
                    new SqliteGrainStorage(_database, provider.GetRequiredService<Serializer>(), provider.GetRequiredService<IOptions<ClusterOptions>>()),
                    () => Store.IsCutOff, state => BeforeStateWrite(state)));
            silo.AddIncomingGrainCallFilter(async context =>
            {
                await BeforeCall(context);
                await context.Invoke();
            });
            silo.Services.AddGrains();
            silo.Services.Configure<GrainsOptions>(options =>
            {
                options.RepairInterval = TimeSpan.FromMilliseconds(20);
                options.ReportInterval = TimeSpan.FromMilliseconds(20);
                options.ListInterval = TimeSpan.FromMilliseconds(20);
                options.SweepAgainAfter = TimeSpan.Zero;
                options.OperationInterval = TimeSpan.FromMilliseconds(20);
                configure?.Invoke(options);
            });
            silo.Services.Configure<AlarmOptions>(options => _alarms?.Invoke(options));
            silo.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Error));
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
        Router = new AnswerRouter(_cluster.Client, Store);
    }
}
