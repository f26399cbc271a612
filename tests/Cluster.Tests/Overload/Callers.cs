using System.Collections.Concurrent;
using System.Text.Json;

namespace BulkQA.Cluster.Tests;

/// <summary>People and applications at the REST interface: each kind of call again and again, and how long it took.</summary>
internal sealed class Callers : IAsyncDisposable
{
    private const int ImagesVotedOn = 100;

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _end = new();
    private readonly SortedDictionary<string, ConcurrentQueue<TimeSpan>> _times = [];
    private readonly Task[] _loops;
    private int _votes;

    public Callers(HttpClient http, string job) => _loops =
    [
        Repeat("class table", _ => http.GetAsync($"/v1/jobs/{job}/classes")),
        Repeat("image", round => http.GetAsync($"/v1/jobs/{job}/image?label=Dog&url=s3://b/{round % ImagesVotedOn}.jpg")),
        Repeat("page of images", _ => http.GetAsync($"/v1/jobs/{job}/images?label=Dog&limit=100")),
        Repeat("vote", async round =>
        {
            var vote = JsonSerializer.Serialize(new { imageUrl = $"s3://b/{round % ImagesVotedOn}.jpg", label = "Dog", workerId = $"r{round / ImagesVotedOn}", confirmed = true });
            var response = await http.PostAsync($"/v1/jobs/{job}/votes", HttpExtensions.Text(vote, "application/x-ndjson"));
            if (response.IsSuccessStatusCode) Interlocked.Increment(ref _votes);
            return response;
        }),
    ];

    public ConcurrentQueue<string> Failures { get; } = [];

    /// <summary>Votes that were acknowledged.</summary>
    public int Votes => _votes;

    public async Task EndAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_loops);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _end.Dispose();
    }

    public override string ToString() => string.Join(", ", _times.Select(kind =>
    {
        var sorted = kind.Value.Order().ToList();
        return sorted.Count == 0 ? $"no {kind.Key}"
            : $"{sorted.Count} × {kind.Key}: median {sorted[sorted.Count / 2].TotalMilliseconds:F0} ms, p99 {sorted[sorted.Count * 99 / 100].TotalMilliseconds:F0} ms, longest {sorted[^1].TotalMilliseconds:F0} ms";
    }));

    private Task Repeat(string kind, Func<int, Task<HttpResponseMessage>> call)
    {
        var times = _times[kind] = [];
        return Task.Run(async () =>
        {
            using var pace = new PeriodicTimer(_pause);
            for (var round = 0; !_end.IsCancellationRequested; round++)
            {
                var began = TimeProvider.System.GetTimestamp();
                using (var response = await call(round))
                {
                    times.Enqueue(TimeProvider.System.GetElapsedTime(began));
                    if (!response.IsSuccessStatusCode) Failures.Enqueue($"{kind}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
                }
                await pace.WaitForNextTickAsync();
            }
        });
    }
}
