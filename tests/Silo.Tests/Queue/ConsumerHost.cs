using System.Reflection;
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

    private ConsumerHost(IHost host, TemporaryFolder folder, SlowFacts facts, string queueUrl, string deadLetterUrl) =>
        (_host, _folder, Facts, QueueUrl, DeadLetterUrl, Sqs) = (host, folder, facts, queueUrl, deadLetterUrl, new AmazonSQSClient());

    public AmazonSQSClient Sqs { get; }

    public string QueueUrl { get; }

    public string DeadLetterUrl { get; }

    public SlowFacts Facts { get; }

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
        builder.Services.AddSingleton(provider => SlowFacts.Over(new SqliteFactStore(provider.GetRequiredService<SqliteDatabase>())));
        builder.Services.AddVoteConsumer();
        var built = builder.Build();
        var host = new ConsumerHost(built, folder, (SlowFacts)(object)built.Services.GetRequiredService<IFactStore>(), queue, dead);
        await host._host.StartAsync(Cancellation);
        var job = host.Grains.GetGrain<IJobGrain>("dogs");
        host.Job = (await job.CreateAsync(JobName.Create("dogs"), new JobDraft()))!.Job;
        await host.Grains.GetGrain<IJobClassesGrain>(host.Job.Incarnation.Value).AddAsync([Label.Create("Dog")]);
        await host.Grains.GetGrain<IPartitionGrain>(new PartitionAddress(host.Dogs, 0).Key).ImportAsync(new ImportChunk(
            [.. Enumerable.Range(0, images).Select(number => new CorpusImage(Url(number), Percent.Create(90)))], CutRemainder: true));
        return host;
    }

    public static ImageUrl Url(int number) => ImageUrl.Create($"s3://b/{number}.jpg");

    /// <summary>One worker confirms the images numbered from <paramref name="first"/>.</summary>
    public AnswersMessage Message(int first, int count, string worker = "ann") => AnswersMessage.Of(
        Job.Name, Job.Incarnation, new SubmissionTime(1),
        [.. Enumerable.Range(first, count).Select(number => new MessageImage(Url(number), Label.Create("Dog"), [new(WorkerId.Create(worker), AnswerKind.Confirm)]))]);

    /// <summary>A worker's answers to a task, by its number.</summary>
    public AnswersMessage Message(int task, string answers, string worker = "ann") => AnswersMessage.Of(
        Job.Incarnation, new TaskNumber(task), new SubmissionTime(1), [new MessageWorker(WorkerId.Create(worker), TaskAnswers.Parse(answers))]);

    public Task SendAsync(AnswersMessage message) => SendAsync(Encoding.UTF8.GetString(message.Write()));

    public Task SendAsync(string body) => Sqs.SendMessageAsync(QueueUrl, body, Cancellation);

    public async Task<long> CountVotesAsync() => (await Grains.GetGrain<IClassGrain>(Dogs.Key).GetTallyAsync())!.Votes;

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
        Facts.Release();
        await _host.StopAsync();
        _host.Dispose();
        Sqs.Dispose();
        _folder.Dispose();
    }
}

/// <summary>A fact store whose appends can be held up.</summary>
public class SlowFacts : DispatchProxy
{
    private IFactStore _inner = null!;
    private TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiting;

    public SlowFacts() => _gate.SetResult();

    /// <summary>Answers that are held up now.</summary>
    public int Waiting => _waiting;

    /// <summary>Thrown by every append while set.</summary>
    public Exception? Failure { get; set; }

    /// <summary>A store that is both.</summary>
    public static IFactStore Over(IFactStore inner)
    {
        var store = Create<IFactStore, SlowFacts>();
        ((SlowFacts)(object)store)._inner = inner;
        return store;
    }

    public void HoldUp() => _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _gate.TrySetResult();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name == nameof(IFactStore.AppendAsync)
        ? AppendAsync((PartitionAddress)args![0]!, (IReadOnlyList<Submission>)args[1]!)
        : targetMethod.Invoke(_inner, args);

    private async Task<long> AppendAsync(PartitionAddress partition, IReadOnlyList<Submission> submissions)
    {
        if (Failure is { } failure) throw failure;
        var answers = submissions.Sum(submission => submission.Answers.Given);
        Interlocked.Add(ref _waiting, answers);
        await _gate.Task;
        Interlocked.Add(ref _waiting, -answers);
        return await _inner.AppendAsync(partition, submissions);
    }
}
