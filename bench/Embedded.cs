using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Silo;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace BulkQA.Bench;

/// <summary>BulkQA as it runs on a laptop: a silo in this process, on SQLite with an fsync a commit.</summary>
internal sealed class Embedded : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bulkqa-bench-").FullName;
    private IHost _host = null!;
    private AnswersHandler _handler = null!;

    public Corpus Corpus { get; private set; } = null!;

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public IServiceProvider Services => _host.Services;

    public string DatabasePath => Path.Combine(_folder, "bulkqa.db");

    public ModelStore Models => _host.Services.GetRequiredService<ModelStore>();

    public static async Task<Embedded> StartAsync()
    {
        var embedded = new Embedded();
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["BulkQA:DataDirectory"] = embedded._folder });
        builder.Logging.ClearProviders();
        builder.AddEmbeddedSilo();
        // Partitions stay for a quarter of an hour; here they leave as soon as images do.
        builder.Services.Configure<GrainCollectionOptions>(options => options.CollectionAge = TimeSpan.FromMinutes(2));
        embedded._host = builder.Build();
        await embedded._host.StartAsync();
        var (grains, router) = (embedded._host.Services.GetRequiredService<IGrainFactory>(), embedded._host.Services.GetRequiredService<AnswerRouter>());
        embedded.Corpus = new Corpus(grains);
        embedded._handler = new AnswersHandler(grains, router, TimeProvider.System);
        return embedded;
    }

    /// <summary>As the queue's consumer does with a message's body. Durable on return.</summary>
    public async Task<bool> TakeAsync(byte[] body)
    {
        var (message, unreadable) = AnswersMessage.Parse(body);
        var problems = await _handler.HandleAsync(message, unreadable);
        return problems.Count == 0 ? true : throw new InvalidOperationException(string.Join("; ", problems));
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
