using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;

namespace BulkQA.Api;

/// <summary>Pages of a job's images without gold, straight from the facts: class by class, in the order of tasks and boxes.</summary>
internal sealed class ImageQuery(IGrainFactory grains, IFactStore facts, JobRules jobRules)
{
    /// <summary>Images one page looks at before it ends, short if need be.</summary>
    private const int MaxScanned = 5_000;

    /// <param name="job">Whose images.</param>
    /// <param name="filter">Which of them.</param>
    /// <param name="limit">Images on a page at most.</param>
    /// <param name="cursor">Null for the first page.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="BadInputException">The cursor is not one of this job's.</exception>
    public async Task<Page<ImageResponse>> PageAsync(
        JobInfo job, ImageFilter filter, int limit, string? cursor, CancellationToken cancellation)
    {
        var from = Position.Read(cursor, job.Incarnation);
        var rules = await jobRules.OfAsync(job);
        var images = new List<ImageResponse>();
        var scanned = 0;
        await foreach (var (position, image) in ReadAsync(job, filter.Label, from, cancellation))
        {
            if (images.Count == limit || scanned >= MaxScanned) return new Page<ImageResponse>(images, position.Write(job.Incarnation));
            scanned++;
            if (filter.Fits(image, job.Settings.BucketEdges, rules)) images.Add(ImageResponse.Of(image, position.Label, rules));
        }
        return new Page<ImageResponse>(images, null);
    }

    /// <summary>Every image of a job but gold.</summary>
    public async IAsyncEnumerable<ImageResponse> AllAsync(JobInfo job, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var rules = await jobRules.OfAsync(job);
        await foreach (var (position, image) in ReadAsync(job, null, null, cancellation)) yield return ImageResponse.Of(image, position.Label, rules);
    }

    private async IAsyncEnumerable<(Position Position, AnsweredImage Image)> ReadAsync(
        JobInfo job, Label? label, Position? from, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var name in await ClassesAsync(job, label))
        {
            if (from is { } start && name < start.Label) continue;
            var address = new ClassAddress(job.Incarnation, name);
            var first = from is { } here && here.Label == name ? here : new Position(name, 0, 0, 0);
            foreach (var partition in (await grains.ListPartitionsAsync(address)).Where(partition => partition.Number >= first.Partition))
            {
                var task = partition.Number == first.Partition ? first.Task : 0;
                await foreach (var read in facts.ReadAnsweredAsync(partition, new TaskNumber(task), new TaskNumber(int.MaxValue), cancellation))
                {
                    var number = read.Content.Number.Value;
                    for (var index = partition.Number == first.Partition && number == first.Task ? first.Index : 0; index < read.Content.Images.Length; index++)
                        if (read.Content.Images[index].Gold is null) yield return (new Position(name, partition.Number, number, index), read.ImageAt(index));
                }
            }
        }
    }

    private async Task<ImmutableArray<Label>> ClassesAsync(JobInfo job, Label? label)
    {
        var classes = await grains.GetClasses(job).ListAsync() ?? [];
        return label is not { } one ? classes : classes.BinarySearch(one) >= 0 ? [one] : [];
    }

    /// <summary>An image's place in the listing, itself the first of the page that begins there.</summary>
    private readonly record struct Position(Label Label, int Partition, int Task, int Index)
    {
        public static Position? Read(string? cursor, Incarnation incarnation)
        {
            if (cursor is null) return null;
            return Cursor.Read(cursor, incarnation.Value, 4) is [var label, var partition, var task, var index]
                && Core.Label.TryCreate(label, out var name, out _)
                && TryParse(partition, out var inClass) && TryParse(task, out var number) && TryParse(index, out var inTask)
                ? new Position(name, inClass, number, inTask)
                : throw new BadInputException("cursor: not one of this job's");
        }

        public string Write(Incarnation incarnation) => Cursor.Write(incarnation.Value, Label.Value, Text(Partition), Text(Task), Text(Index));

        private static bool TryParse(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

        private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }
}
