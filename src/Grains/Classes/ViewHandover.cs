using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>
/// A partition's view on its way from a silo that ends to another. It stands for the facts as long as nobody has written
/// the partition's head since: <see cref="Epoch"/> is what the head had when the view was left. One that is not whole is of a release that
/// knew of no adjudications.
/// </summary>
[GenerateSerializer, Immutable, Alias("BulkQA.FoldHandover")]
internal sealed record ViewHandover([property: Id(0)] long Epoch, [property: Id(1)] byte[] Fold, [property: Id(2)] ImmutableArray<HandedLease> Leases,
    [property: Id(3)] bool IsWhole)
{
    /// <summary>Whether the fold knows its images' model versions. One of a release before does not, which is the same where there are none.</summary>
    [Id(8)]
    public bool HasVersions { get; init; }

    /// <summary>Follow-ups that workers hold; default of a release before there were any.</summary>
    [Id(9)]
    public ImmutableArray<HandedFollowUp> FollowUps { get; init; }

    public static ViewHandover Of(PartitionView view, long epoch) => new(
        epoch, view.Fold.Pack(), [.. view.Dispatch.Leases.Select(lease => new HandedLease(lease.Task, lease.Worker, lease.ExpiresAt, lease.EndsAt) { Team = lease.Team })], IsWhole: true)
    {
        HasVersions = view.Fold.PacksVersions,
        FollowUps = [.. (view.FollowUps?.Leases ?? []).Select(HandedFollowUp.Of)],
    };

    /// <summary>The view again, under the epoch of its new activation and the job and its rules as they are now.</summary>
    public PartitionView ToView(JobInfo job, VerdictRules rules, long epoch, TimeSpan leaseDuration, ImmutableArray<long> earlier)
    {
        var fold = PartitionFold.Unpack(Fold, job.Settings, rules);
        fold.Draw(job.Settings, earlier);
        var view = new PartitionView(job, epoch, fold, leaseDuration);
        if (!HasVersions) view.Fold.HadNoVersions();
        foreach (var lease in Leases) view.Dispatch.Restore(new Lease(lease.Task, lease.Worker, lease.ExpiresAt, lease.EndsAt ?? lease.ExpiresAt, lease.Team));
        foreach (var lease in FollowUps.IsDefault ? [] : FollowUps) view.FollowUps?.Restore(lease.ToLease());
        return view;
    }
}

/// <param name="Images">As <see cref="ImageSpot.Write"/> writes them.</param>
/// <param name="EndsAt">Null of a release before, which renewed none.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.HandedFollowUp")]
internal sealed record HandedFollowUp(
    [property: Id(0)] TaskNumber Task, [property: Id(1)] string Images, [property: Id(2)] WorkerId Worker, [property: Id(3)] DateTimeOffset ExpiresAt,
    [property: Id(4)] DateTimeOffset? EndsAt)
{
    public static HandedFollowUp Of(FollowUpLease lease) => new(lease.FollowUp.Task, ImageSpot.Write(lease.FollowUp.Images)!, lease.Worker, lease.ExpiresAt, lease.EndsAt);

    public FollowUpLease ToLease() => new(new FollowUp(Task, ImageSpot.Read(Images)), Worker, ExpiresAt, EndsAt ?? ExpiresAt);
}

/// <param name="EndsAt">Null of a release before, which renewed none.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.HandedLease")]
internal readonly record struct HandedLease(
    [property: Id(0)] TaskNumber Task, [property: Id(1)] WorkerId Worker, [property: Id(2)] DateTimeOffset ExpiresAt, [property: Id(3)] DateTimeOffset? EndsAt)
{
    /// <summary>The team that the answer is to count for; null for none.</summary>
    [Id(4)]
    public TeamName? Team { get; init; }
}
