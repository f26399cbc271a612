namespace BulkQA.Core;

/// <summary>
/// That somebody had something changed, or took data out: one line of the change log. Written before it is carried out, and again once it
/// has ended, under the same <see cref="Position"/>.
/// </summary>
/// <param name="Position">When it was asked for, and which it is of that time.</param>
/// <param name="By">The caller's name; at most <see cref="Adjudication.MaxNameBytes"/>.</param>
/// <param name="Via">How the caller said who it is: the authentication scheme.</param>
/// <param name="Action">What was asked for, such as <c>changeJob</c>.</param>
/// <param name="Job">The job's name as the caller wrote it; null where it is about none.</param>
/// <param name="Request">Method, path and query; at most <see cref="MaxRequestBytes"/>.</param>
/// <param name="Change">What was sent, as JSON of at most <see cref="MaxChangeBytes"/>; null for nothing, for what is longer, and for streams.</param>
/// <param name="Status">The HTTP status that it ended with; null where that is not known.</param>
public sealed record ChangeRecord(ChangePosition Position, string By, string Via, string Action, string? Job, string Request, string? Change, int? Status)
{
    public const int MaxRequestBytes = 2_000;
    public const int MaxChangeBytes = 8_000;
}

/// <summary>Where a record is in the change log: by time, and among those of one time by id.</summary>
/// <param name="At">When, in UTC.</param>
/// <param name="Id">Random, so that no two are the same.</param>
public readonly record struct ChangePosition(DateTimeOffset At, Guid Id)
{
    /// <summary>A text whose ordinal order is that of positions.</summary>
    public string Key => $"{At.UtcTicks:D19}/{Id:N}";
}
