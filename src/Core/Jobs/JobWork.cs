namespace BulkQA.Core;

/// <summary>What a job's worker page shows and asks for, whatever the template.</summary>
public sealed record JobWork
{
    /// <summary>Of <see cref="Instructions"/>, in characters: they travel with the job's settings.</summary>
    public const int MaxInstructions = 2_000;

    /// <summary>No instructions, and nothing asked for.</summary>
    public static JobWork None { get; } = new();

    /// <summary>What workers read before they answer: plain text with line breaks; null for nothing.</summary>
    public string? Instructions { get; init; }

    /// <summary>Whether the page takes no answer before every picture of the batch has been in view.</summary>
    public bool SeeWholeBatch { get; init; }

    /// <summary>Whether a worker is told after a batch how it did on its gold. Workers learn from it which pictures are gold.</summary>
    public bool GoldFeedback { get; init; }

    /// <summary>Everything that is wrong with it, each with its field.</summary>
    public IEnumerable<(string Field, string Problem)> Problems()
    {
        if (Instructions is not null && PlainText.Problem(Instructions, MaxInstructions) is { } problem) yield return ("work.instructions", problem);
    }

    /// <summary>Such as <c>instructions of 120 characters, seeWholeBatch</c>.</summary>
    public override string ToString() => string.Join(", ", Parts().DefaultIfEmpty("nothing"));

    private IEnumerable<string> Parts()
    {
        if (Instructions is { } text) yield return $"instructions of {text.Length} characters";
        if (SeeWholeBatch) yield return "seeWholeBatch";
        if (GoldFeedback) yield return "goldFeedback";
    }
}
