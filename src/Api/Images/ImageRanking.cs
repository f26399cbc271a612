using System.Collections.Immutable;
using System.Globalization;
using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;

namespace BulkQA.Api;

/// <summary>
/// Pages of a job's images in an order: partitions rank what they have in memory, and only the images of the page are read. Each page looks
/// at the images as they are by then, so that one whose rank changes meanwhile may come twice or not at all.
/// </summary>
internal sealed class ImageRanking(IGrainFactory grains, IFactStore facts, JobRules jobRules)
{
    private const int PartitionsAtOnce = 100;

    /// <exception cref="BadInputException">The cursor is not one of this order of this job's images.</exception>
    public async Task<Page<ImageResponse>> PageAsync(
        JobInfo job, ImageFilter filter, ImageOrder order, int limit, string? cursor, CancellationToken cancellation)
    {
        var boundTo = $"{job.Incarnation} images by {order}";
        var after = Read(cursor, boundTo);
        var ranked = new List<Place>();
        // One more than the page has tells whether there is another.
        var selection = filter.Selection with { Order = order, Limit = limit + 1 };
        foreach (var some in (await PartitionsAsync(job, filter.Label)).Chunk(PartitionsAtOnce))
        {
            var found = await Task.WhenAll(some.Select(partition => grains.GetGrain<IPartitionGrain>(partition.Key).RankAsync(selection with { After = AfterIn(partition, after) })));
            ranked = [.. ranked.Concat(some.Zip(found).SelectMany(entry => entry.Second.Select(image => new Place(entry.First, image)))).Order().Take(limit + 1)];
        }
        var rules = await jobRules.OfAsync(job);
        var images = new List<ImageResponse>();
        foreach (var place in ranked.Take(limit))
            await foreach (var task in facts.ReadAnsweredAsync(place.Partition, place.Image.Task, place.Image.Task, cancellation))
                images.Add(ImageResponse.Of(task.ImageAt(place.Image.Index), place.Partition.Class.Label, rules));
        return new Page<ImageResponse>(images, ranked.Count > limit ? ranked[limit - 1].Write(boundTo) : null);
    }

    private async Task<ImmutableArray<PartitionAddress>> PartitionsAsync(JobInfo job, Label? label)
    {
        var labels = await grains.GetClasses(job).ListAsync() ?? [];
        var partitions = ImmutableArray.CreateBuilder<PartitionAddress>();
        foreach (var name in label is { } one ? labels.Where(known => known == one) : labels)
            partitions.AddRange(await grains.ListPartitionsAsync(new ClassAddress(job.Incarnation, name)));
        return partitions.ToImmutable();
    }

    /// <summary>What a partition's images have to come after: of the same score, those of classes and partitions before it have had their turn.</summary>
    private static RankedImage? AfterIn(PartitionAddress partition, Place? after)
    {
        if (after is not { } place) return null;
        var order = Place.Compare(partition, place.Partition);
        return order == 0 ? place.Image : place.Image with { Task = new TaskNumber(order < 0 ? int.MaxValue : -1), Index = int.MaxValue };
    }

    private static Place? Read(string? cursor, string boundTo)
    {
        if (cursor is null) return null;
        return Cursor.Read(cursor, boundTo, 4) is [var score, var partition, var task, var index]
            && double.TryParse(score, CultureInfo.InvariantCulture, out var value)
            && int.TryParse(task, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var inTask)
            ? new Place(PartitionAddress.Parse(partition), new RankedImage(value, new TaskNumber(number), inTask))
            : throw new BadInputException("cursor: not one of this order of this job's images");
    }

    /// <summary>An image in the order of a job: by score, then by label, partition, task and index.</summary>
    private readonly record struct Place(PartitionAddress Partition, RankedImage Image) : IComparable<Place>
    {
        public static int Compare(PartitionAddress left, PartitionAddress right) =>
            left.Class.Label != right.Class.Label ? left.Class.Label.CompareTo(right.Class.Label) : left.Number.CompareTo(right.Number);

        public int CompareTo(Place other) => Image.Score != other.Image.Score ? other.Image.Score.CompareTo(Image.Score)
            : Compare(Partition, other.Partition) is not 0 and var order ? order : Image.CompareTo(other.Image);

        public string Write(string boundTo) => Cursor.Write(
            boundTo, Image.Score.ToString("R", CultureInfo.InvariantCulture), Partition.Key, Image.Task.Value.ToString(CultureInfo.InvariantCulture), Image.Index.ToString(CultureInfo.InvariantCulture));
    }
}
