using BulkQA.Grains;

namespace BulkQA.Silo;

/// <summary>Deletes invitations that are over.</summary>
internal sealed class InvitationRetention(EndedInvitations ended, IHostApplicationLifetime host, TimeProvider time, ILogger<InvitationRetention> log)
    : Retention("invitations that are over", Interval, host, time, log)
{
    public static readonly TimeSpan Interval = TimeSpan.FromHours(6);

    protected override Task DeleteAsync(CancellationToken cancellation) => ended.DeleteAsync(cancellation);
}
