using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>
/// A partition's view on its way from a silo that ends to another. It stands for the rows as long as nobody has written
/// the partition's record since: <see cref="ETag"/> is what the record had when the view was left.
/// </summary>
[GenerateSerializer, Immutable, Alias("BulkQA.ViewHandover")]
internal sealed record ViewHandover(
    [property: Id(0)] string ETag,
    [property: Id(1)] int Partitions,
    [property: Id(2)] byte[] Images,
    [property: Id(3)] ImmutableArray<TaskAnswerers> Answered,
    [property: Id(4)] ImmutableArray<TaskLoan> Loans,
    [property: Id(5)] ImmutableArray<WorkerId> Workers)
{
    public static ViewHandover Of(PartitionView view, string etag) => new(
        etag, view.Partitions, PackedImages.Write(view.Images.Images),
        view.Board.Answers, view.Board.Loans, [.. view.Workers]);

    /// <summary>The view again, under the epoch of its new activation and the job as it is now.</summary>
    public PartitionView ToView(JobInfo job, long epoch, int firstShard, TimeSpan leaseDuration)
    {
        var view = PartitionView.Empty(job, epoch, Partitions, firstShard, leaseDuration);
        foreach (var (image, contribution) in PackedImages.Read(Images)) view.Images.Apply(image, contribution);
        foreach (var (task, workers) in Answered)
            foreach (var worker in workers) view.Board.Answered(task, worker);
        foreach (var loan in Loans) view.Board.Lend(loan);
        // A silo of the release before gave none.
        if (!Workers.IsDefault) foreach (var worker in Workers) view.Remember(worker);
        return view;
    }
}

[GenerateSerializer, Immutable, Alias("BulkQA.TaskAnswerers")]
internal readonly record struct TaskAnswerers([property: Id(0)] TaskNumber Task, [property: Id(1)] ImmutableArray<WorkerId> Workers);

/// <summary>A task kept for a worker until <paramref name="ExpiresAt"/>.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.TaskLoan")]
internal readonly record struct TaskLoan(
    [property: Id(0)] TaskNumber Task, [property: Id(1)] WorkerId Worker, [property: Id(2)] DateTimeOffset ExpiresAt);
