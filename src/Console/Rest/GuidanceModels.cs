namespace BulkQA.Web;

/// <summary>What a job's worker page shows and asks for.</summary>
public sealed record WorkSettingsModel
{
    public string? Instructions { get; init; }
    public bool? SeeWholeBatch { get; init; }
    public bool? GoldFeedback { get; init; }
}

/// <summary>How workers tell whether a picture is of a class.</summary>
public sealed record GuidanceModel
{
    public string Label { get; init; } = "";
    public string? Text { get; init; }
    public IReadOnlyList<string> Right { get; init; } = [];
    public IReadOnlyList<string> Wrong { get; init; } = [];

    /// <summary>With a picture on one side, and off the other; off that side, where it is there already.</summary>
    public GuidanceModel With(string url, bool isRight)
    {
        var (here, there) = isRight ? (Right, Wrong) : (Wrong, Right);
        IReadOnlyList<string> now = here.Contains(url) ? [.. here.Where(other => other != url)] : [.. here, url];
        IReadOnlyList<string> rest = [.. there.Where(other => other != url)];
        return isRight ? this with { Right = now, Wrong = rest } : this with { Right = rest, Wrong = now };
    }
}
