using System.Collections.Immutable;
using System.Text;
using Amazon.SQS;
using BulkQA.Core;
using BulkQA.Emulators;
using BulkQA.Grains;
using BulkQA.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

[assembly: AssemblyFixture(typeof(AwsEmulators))]

namespace BulkQA.Silo.Tests;

/// <summary>A silo in this process with the consumer under test, queues of its own, and one imported class of a job.</summary>
public sealed class ConsumerHost : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly IHost _host;

    private ConsumerHost(IHost host, TemporaryFolder folder, SlowTable table, string queueUrl, string deadLetterUrl) =>
        (_host, _folder, Table, QueueUrl, DeadLetterUrl, Sqs) = (host, folder, table, queueUrl, deadLetterUrl, new AmazonSQSClient());

    public AmazonSQSClient Sqs { get; }

    public string QueueUrl { get; }

    public string DeadLetterUrl { get; }

    public SlowTable Table { get; }

    public JobInfo Job { get; private set; } = null!;

    public ClassAddress Dogs => new(Job.Incarnation, Label.Create("Dog"));

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public DeadLetters DeadLetters => _host.Services.GetRequiredService<DeadLetters>();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<ConsumerHost> StartAsync(int images, params (string Name, string Value)[] settings)
    {
        using var sqs = new AmazonSQSClient();
        var name = Guid.NewGuid().ToString("N");
        var (queue, dead) = ((await sqs.CreateQueueAsync($"q-{name}", Cancellation)).QueueUrl, (await sqs.CreateQueueAsync($"d-{name}", Cancellation)).QueueUrl);
        var builder = Host.CreateApplicationBuilder();
        var folder = new TemporaryFolder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["BulkQA:DataDirectory"] = folder.Path,
            ["BulkQA:Queue:Url"] = queue,
            ["BulkQA:Queue:DeadLetterUrl"] = dead,
            ["BulkQA:Queue:ReceiveWait"] = "00:00:01",
            ["BulkQA:Queue:MaxBackoff"] = "00:00:01",
        }.Concat(settings.Select(setting => KeyValuePair.Create($"BulkQA:Queue:{setting.Name}", (string?)setting.Value))));
        builder.Logging.ClearProviders();
        builder.AddEmbeddedSilo();
        var table = new SlowTable();
        builder.Services.AddSingleton<ILabelTable>(provider => table.Over(new SqliteLabelTable(provider.GetRequiredService<SqliteDatabase>())));
        builder.Services.AddVoteConsumer();
        var host = new ConsumerHost(builder.Build(), folder, table, queue, dead);
        await host._host.StartAsync(Cancellation);
        var job = host.Grains.GetGrain<IJobGrain>("dogs");
        host.Job = (await job.CreateAsync(JobName.Create("dogs"), new JobDraft()))!.Job;
        await job.AddClassesAsync(host.Job.Incarnation, [Label.Create("Dog")]);
        var lines = Enumerable.Range(0, images).Select(number => new ImportLine(Url(number), Percent.Create(90))).ToImmutableArray();
        await host._host.Services.GetRequiredService<ClassRouter>().ImportAsync(
            host.Dogs, 0, new ImportChunk(lines, new TaskRange(0, images), CutRemainder: true));
        return host;
    }

    public static ImageUrl Url(int number) => ImageUrl.Create($"s3://b/{number}.jpg");

    /// <summary>One worker confirms the images numbered from <paramref name="first"/>.</summary>
    public TaskVotesMessage Message(int first, int count, string worker = "ann") => new(
        Job.Name, Job.Incarnation, null, new SubmissionTime(1),
        [.. Enumerable.Range(first, count).Select(number => new MessageImage(
            Url(number), Label.Create("Dog"), null, [new(WorkerId.Create(worker), true)]))]);

    public Task SendAsync(TaskVotesMessage message) => SendAsync(Encoding.UTF8.GetString(message.Write()));

    public Task SendAsync(string body) => Sqs.SendMessageAsync(QueueUrl, body, Cancellation);

    public async Task<long> CountVotesAsync() => (await Grains.GetGrain<IClassGrain>(Dogs.Key).GetTallyAsync())!.Tally.Votes;

    /// <summary>Messages waiting, and messages in somebody's hands.</summary>
    public async Task<(int Visible, int Hidden)> CountAsync(string queueUrl)
    {
        var attributes = await Sqs.GetQueueAttributesAsync(queueUrl, ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"], Cancellation);
        return (attributes.ApproximateNumberOfMessages, attributes.ApproximateNumberOfMessagesNotVisible);
    }

    public Task WaitUntilEmptyAsync() => WaitAsync(async () => await CountAsync(QueueUrl) == (0, 0), "the queue is not empty");

    public static async Task WaitAsync(Func<Task<bool>> condition, string otherwise)
    {
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await condition())
        {
            Assert.False(end.IsCancellationRequested, otherwise);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
        }
    }

    public Task StopAsync() => _host.StopAsync(Cancellation);

    public async ValueTask DisposeAsync()
    {
        Table.Release();
        await _host.StopAsync();
        _host.Dispose();
        Sqs.Dispose();
        _folder.Dispose();
    }
}

/// <summary>A label table whose updates can be held up.</summary>
public sealed class SlowTable : ILabelTable
{
    private ILabelTable _inner = null!;
    private TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiting;

    public SlowTable() => _gate.SetResult();

    /// <summary>Updates that are held up now.</summary>
    public int Waiting => _waiting;

    /// <summary>Thrown by every update while set.</summary>
    public Exception? Failure { get; set; }

    public SlowTable Over(ILabelTable inner)
    {
        _inner = inner;
        return this;
    }

    public void HoldUp() => _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _gate.TrySetResult();

    public async Task<bool> UpdateAsync(LabelRow row, int expectedVersion, CancellationToken cancellation = default)
    {
        if (Failure is { } failure) throw failure;
        Interlocked.Increment(ref _waiting);
        await _gate.Task;
        Interlocked.Decrement(ref _waiting);
        return await _inner.UpdateAsync(row, expectedVersion, cancellation);
    }

    public Task<LabelRow?> ReadAsync(ImageAddress address, CancellationToken cancellation = default) => _inner.ReadAsync(address, cancellation);

    public Task<IReadOnlyList<bool>> InsertAsync(IReadOnlyList<LabelRow> rows, CancellationToken cancellation = default) => _inner.InsertAsync(rows, cancellation);

    public Task<RowPage> ScanAsync(ClassAddress address, Shard shard, ImageUrl? after, int limit, CancellationToken cancellation = default) =>
        _inner.ScanAsync(address, shard, after, limit, cancellation);

    public Task<AddressPage> FindAsync(ImageUrl url, string? cursor, int limit, CancellationToken cancellation = default) =>
        _inner.FindAsync(url, cursor, limit, cancellation);

    public Task<int> DeleteAsync(ClassAddress address, Shard shard, int limit, CancellationToken cancellation = default) =>
        _inner.DeleteAsync(address, shard, limit, cancellation);
}
