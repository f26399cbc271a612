using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;

namespace BulkQA.Api;

/// <summary>A job's images straight from the facts: class by class, in the order of tasks and boxes, from any of them on.</summary>
internal sealed class ImageReader(IGrainFactory grains, IFactStore facts)
{
    /// <summary>Every image but gold, with its answers.</summary>
    /// <param name="job">Whose images.</param>
    /// <param name="label">Of this class alone; null for all.</param>
    /// <param name="from">The first image; null for the beginning.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public IAsyncEnumerable<(ImagePosition Position, AnsweredImage Image)> ReadAsync(JobInfo job, Label? label, ImagePosition? from, CancellationToken cancellation) => ReadAsync(
        job, label, from, grains.ListPartitionsAsync,
        (partition, first) => facts.ReadAnsweredAsync(partition, first, new TaskNumber(int.MaxValue), cancellation), read => read.Content, cancellation)
        .Where(found => found.Task.Content.Images[found.Position.Index].Gold is null).Select(found => (found.Position, found.Task.ImageAt(found.Position.Index)));

    /// <summary>Every gold image.</summary>
    /// <inheritdoc cref="ReadAsync(JobInfo, Label?, ImagePosition?, CancellationToken)" path="/param"/>
    public IAsyncEnumerable<(ImagePosition Position, CorpusImage Image)> ReadGoldAsync(JobInfo job, Label? label, ImagePosition? from, CancellationToken cancellation) => ReadAsync(
        job, label, from, async address => await grains.GetGrain<IClassGrain>(address.Key).HasGoldAsync() ? [PartitionAddress.GoldOf(address)] : [],
        (partition, first) => facts.ReadTasksAsync(partition, first, new TaskNumber(int.MaxValue), cancellation), read => read, cancellation)
        .Select(found => (found.Position, found.Task.Images[found.Position.Index]));

    private async IAsyncEnumerable<(ImagePosition Position, TTask Task)> ReadAsync<TTask>(
        JobInfo job, Label? label, ImagePosition? from, Func<ClassAddress, Task<ImmutableArray<PartitionAddress>>> listPartitions,
        Func<PartitionAddress, TaskNumber, IAsyncEnumerable<TTask>> readTasks, Func<TTask, TaskContent> contentOf, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var name in await grains.FindLabelsAsync(job, label is { } one ? [one] : null) ?? [])
        {
            cancellation.ThrowIfCancellationRequested();
            if (from is { } start && name < start.Label) continue;
            var first = from is { } here && here.Label == name ? here : new ImagePosition(name, 0, 0, 0);
            foreach (var partition in (await listPartitions(new ClassAddress(job.Incarnation, name))).Where(partition => partition.Number >= first.Partition))
            {
                var begins = partition.Number == first.Partition;
                await foreach (var task in readTasks(partition, new TaskNumber(begins ? first.Task : 0)))
                {
                    var content = contentOf(task);
                    for (var index = begins && content.Number.Value == first.Task ? first.Index : 0; index < content.Images.Length; index++)
                        yield return (new ImagePosition(name, partition.Number, content.Number.Value, index), task);
                }
            }
        }
    }
}
