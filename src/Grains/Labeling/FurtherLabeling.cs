using System.Text.Json;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>A labeling job about images in doubt alone, beside the job's first.</summary>
public static class FurtherLabeling
{
    /// <summary>Its name, as the request of an operation says it; null where it is about all tasks.</summary>
    public static string? NameOf(string? request)
    {
        if (request is null) return null;
        using var document = JsonDocument.Parse(request);
        return document.RootElement.TryGetProperty("inDoubt", out var inDoubt) && inDoubt.ValueKind == JsonValueKind.True
            ? document.RootElement.GetProperty("name").GetString() : null;
    }

    /// <summary>Follow-ups of the job's images in doubt that nobody is about to answer: of all of them, unless that is more than <paramref name="most"/>.</summary>
    public static async Task<IReadOnlyList<TaskNumber>> GatherAsync(IGrainFactory grains, Incarnation incarnation, int most, CancellationToken cancellation)
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
                    var page = await grains.GetGrain<IPartitionGrain>(partition.Key).GatherAsync(next, most - tasks.Count);
                    tasks.AddRange(page.Tasks);
                    next = page.Next;
                }
                while (next is not null);
            }
        return tasks;
    }
}
