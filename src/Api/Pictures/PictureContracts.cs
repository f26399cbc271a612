using System.ComponentModel;

namespace BulkQA.Api;

/// <summary>What became of an upload, picture by picture.</summary>
/// <param name="Accepted">Stored, and durable.</param>
/// <param name="Unchanged">Those that were there already, to the byte.</param>
/// <param name="Ignored">What is no picture and meant as none: folders of a zip, and what desktops leave in it (<c>__MACOSX/</c>, <c>.DS_Store</c>, <c>Thumbs.db</c>, <c>desktop.ini</c>).</param>
/// <param name="Rejected">The first 1,000 of them.</param>
public sealed record PictureSummary(
    [property: Description("Stored, and durable")] long Accepted,
    [property: Description("There already, to the byte")] long Unchanged,
    [property: Description("What is no picture and meant as none: folders, and what desktops leave in a zip")] long Ignored,
    long RejectedCount, IReadOnlyList<RejectedPicture> Rejected)
{
    public const int MaxListed = 1_000;
}

/// <param name="Name">As it was given.</param>
/// <param name="Reason">What is the matter with it and what to do, as the rest of a sentence about it.</param>
public sealed record RejectedPicture(string Name, string Reason);
