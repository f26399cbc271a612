using BulkQA.Grains;
using BulkQA.Silo;
using BulkQA.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace BulkQA.Simulation.Tests;

/// <summary>The real consumers of a run's queue. They end in good order or in the middle of whatever they do; another takes their place.</summary>
internal sealed class Consumers(Func<IGrainFactory> choose, IFactStore facts, SimulatedQueue queue, TimeProvider clock) : IAsyncDisposable
{
    private static readonly IOptions<QueueOptions> _options = Options.Create(new QueueOptions
    {
        Url = SimulatedQueue.Url,
        DeadLetterUrl = SimulatedQueue.DeadLetterUrl,
        VisibilityTimeout = TimeSpan.FromSeconds(10),
        ReceiveWait = TimeSpan.FromSeconds(1),
        MaxImagesInFlight = 100,
        HandlerTimeout = TimeSpan.FromSeconds(5),
        MaxBackoff = TimeSpan.FromSeconds(2),
        DrainTimeout = TimeSpan.FromSeconds(1),
    });

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Queue<(VoteConsumer Consumer, SimulatedQueue.Client Connection)> _running = [];
    private readonly List<Task> _ending = [];

    public async Task StartOneAsync()
    {
        var (connection, grains) = (queue.Connect(), choose());
        var metrics = new QueueMetrics(_services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>());
        var consumer = new VoteConsumer(
            connection, new AnswersHandler(grains, new AnswerRouter(grains, facts), TimeProvider.System), new DeadLetters(connection, _options),
            new HeldMessages(connection, _options, clock, metrics, NullLogger<HeldMessages>.Instance), _options, clock, metrics, NullLogger<VoteConsumer>.Instance);
        await consumer.StartAsync(CancellationToken.None);
        _running.Enqueue((consumer, connection));
    }

    /// <summary>Its messages are nobody's until they are visible again; its calls to grains may still be under way.</summary>
    public async Task CrashOneAsync()
    {
        var (consumer, connection) = _running.Dequeue();
        connection.Crash();
        _ending.Add(EndAsync(consumer, connection));
        await StartOneAsync();
    }

    public async Task StopOneAsync()
    {
        var (consumer, connection) = _running.Dequeue();
        _ending.Add(EndAsync(consumer, connection));
        await StartOneAsync();
    }

    public async ValueTask DisposeAsync()
    {
        while (_running.TryDequeue(out var running)) _ending.Add(EndAsync(running.Consumer, running.Connection));
        await Task.WhenAll(_ending);
        await _services.DisposeAsync();
    }

    private static async Task EndAsync(VoteConsumer consumer, SimulatedQueue.Client connection)
    {
        await consumer.StopAsync(CancellationToken.None);
        consumer.Dispose();
        connection.Dispose();
    }
}
