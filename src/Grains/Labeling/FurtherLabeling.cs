using System.Text.Json;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>A labeling job about images in doubt alone, beside the job's first.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Workers">How many workers it asks about each image; null for as many as the job's settings leave to the first answers.</param>
public sealed record FurtherLabeling(string Name, int? Workers)
{
    /// <summary>As the request of an operation says it; null where it is about all tasks.</summary>
    public static FurtherLabeling? Of(string? request)
    {
        if (request is null) return null;
        using var document = JsonDocument.Parse(request);
        if (!document.RootElement.TryGetProperty("inDoubt", out var inDoubt) || inDoubt.ValueKind != JsonValueKind.True) return null;
        var workers = document.RootElement.TryGetProperty("furtherWorkers", out var given) && given.ValueKind == JsonValueKind.Number ? given.GetInt32() : (int?)null;
        return new FurtherLabeling(document.RootElement.GetProperty("name").GetString()!, workers);
    }

    /// <summary>How many workers a labeling job of a job of these settings asks about each image, at most and unless it is said.</summary>
    public static int MostWorkers(JobSettings settings) => (settings.MaxWorkersPerTask ?? settings.WorkersPerTask) - settings.WorkersPerTask;

    /// <summary>Follow-ups of the job's images in doubt that nobody is about to answer: of all of them, unless that is more than <paramref name="most"/>.</summary>
    /// <param name="grains">The cluster's.</param>
    /// <param name="incarnation">The job's life.</param>
    /// <param name="answers">How many workers are to answer each image: those that so many more may not answer are left out.</param>
    /// <param name="most">How many follow-ups at most.</param>
    /// <param name="cancellation">Ends it between two pages.</param>
    public static async Task<IReadOnlyList<TaskNumber>> GatherAsync(IGrainFactory grains, Incarnation incarnation, int answers, int most, CancellationToken cancellation)
    {
        var tasks = new List<TaskNumber>();
        foreach (var label in await grains.GetGrain<IJobClassesGrain>(incarnation.Value).ListAsync() ?? [])
            foreach (var partition in await grains.ListPartitionsAsync(new ClassAddress(incarnation, label)))
            {
                string? next = null;
                do
                {
                    if (tasks.Count == most) return tasks;
                    cancellation.ThrowIfCancellationRequested();
                    var page = await grains.GetGrain<IPartitionGrain>(partition.Key).GatherAsync(answers, next, most - tasks.Count);
                    tasks.AddRange(page.Tasks);
                    next = page.Next;
                }
                while (next is not null);
            }
        return tasks;
    }
}
