using BulkQA.Storage;
using Microsoft.Extensions.Options;

namespace BulkQA.Silo;

/// <summary>Deletes records of the change log whose time is over.</summary>
internal sealed class ChangeLogRetention(IChangeLog changes, IOptions<ChangeLogOptions> options, IHostApplicationLifetime host, TimeProvider time, ILogger<ChangeLogRetention> log)
    : Retention("records of the change log whose time is over", Interval, host, time, log)
{
    public const int RecordsPerDelete = 1_000;

    public static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task DeleteAsync(CancellationToken cancellation)
    {
        while (await changes.DeleteAsync(Now - options.Value.Retention, RecordsPerDelete, cancellation) == RecordsPerDelete) { }
    }
}
