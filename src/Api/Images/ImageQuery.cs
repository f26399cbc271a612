using System.Collections.Immutable;
using System.Globalization;
using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;

namespace BulkQA.Api;

/// <summary>Pages of a job's images, straight from the rows: class by class, shard by shard, in the order of their URLs.</summary>
internal sealed class ImageQuery(IGrainFactory grains, ILabelTable table)
{
    /// <summary>Rows one page looks at before it ends, short if need be.</summary>
    private const int MaxScanned = 5_000;

    /// <param name="job">Whose images.</param>
    /// <param name="label">Null: every class.</param>
    /// <param name="verdict">Null: any.</param>
    /// <param name="bucket">Index in the job's edges; null: any.</param>
    /// <param name="limit">Images on a page at most.</param>
    /// <param name="cursor">Null for the first page.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="BadInputException">The cursor is not one of this job's.</exception>
    public async Task<Page<ImageResponse>> PageAsync(
        JobInfo job, Label? label, Predicate<Verdict>? verdict, int? bucket, int limit, string? cursor, CancellationToken cancellation)
    {
        var from = Position.Read(cursor, job.Incarnation);
        var images = new List<ImageResponse>();
        var scanned = 0;
        foreach (var place in PlacesFrom(from, await ClassesAsync(job, label)))
        {
            var after = place.After;
            for (var more = true; more;)
            {
                if (images.Count == limit || scanned >= MaxScanned)
                    return new Page<ImageResponse>(images, (place with { After = after }).Write(job.Incarnation));
                var page = await table.ScanAsync(
                    new ClassAddress(job.Incarnation, place.Label), new Shard(place.Shard), after, Math.Max(limit - images.Count, 50), cancellation);
                more = page.Next is not null;
                after = page.Next ?? after;
                foreach (var row in page.Rows)
                {
                    scanned++;
                    if (!Matches(row)) continue;
                    images.Add(ImageResponse.Of(row, job));
                    if (images.Count < limit || ReferenceEquals(row, page.Rows[^1])) continue;
                    (more, after) = (true, row.Address.Url);
                    break;
                }
            }
        }
        return new Page<ImageResponse>(images, null);

        bool Matches(LabelRow row) => (verdict?.Invoke(ImageResponse.VerdictOf(row, job)) ?? true)
            && (bucket is null || job.Settings.BucketEdges.IndexOf(row.Confidence) == bucket);
    }

    /// <summary>Every shard of every class from a position on.</summary>
    private static IEnumerable<Position> PlacesFrom(Position? from, ImmutableArray<Label> classes)
    {
        foreach (var label in classes)
        {
            if (from is { } start && label < start.Label) continue;
            for (var shard = 0; shard < Shard.Count; shard++)
            {
                if (from is not { } first || label != first.Label || shard > first.Shard) yield return new Position(label, shard, null);
                else if (shard == first.Shard) yield return first;
            }
        }
    }

    /// <summary>Every row of a job.</summary>
    public async IAsyncEnumerable<LabelRow> AllAsync(
        JobInfo job, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var label in await ClassesAsync(job, null))
            await foreach (var row in table.ReadAllAsync(new ClassAddress(job.Incarnation, label), cancellation))
                yield return row;
    }

    private async Task<ImmutableArray<Label>> ClassesAsync(JobInfo job, Label? label)
    {
        var classes = await grains.GetJob(job).GetClassesAsync(job.Incarnation) ?? [];
        return label is not { } one ? classes : classes.BinarySearch(one) >= 0 ? [one] : [];
    }

    private readonly record struct Position(Label Label, int Shard, ImageUrl? After)
    {
        public static Position? Read(string? cursor, Incarnation incarnation)
        {
            if (cursor is null) return null;
            return Cursor.Read(cursor, incarnation.Value, 3) is [var label, var shard, var after]
                && Core.Label.TryCreate(label, out var name, out _)
                && int.TryParse(shard, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < Core.Shard.Count
                ? new Position(name, number, after.Length == 0 ? null : ImageUrl.Create(after))
                : throw new BadInputException("cursor: not one of this job's");
        }

        public string Write(Incarnation incarnation) =>
            Cursor.Write(incarnation.Value, Label.Value, Shard.ToString(CultureInfo.InvariantCulture), After?.Value ?? "");
    }
}
