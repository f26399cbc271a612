namespace BulkQA.Grains;

/// <summary>Calls that read or write many facts: their callers wait longer before they take them for lost.</summary>
internal static class LongCalls
{
    public const string Timeout = "00:02:00";

    /// <summary>For a chunk of an import, whose partition may have to be built first: its caller can send it again.</summary>
    public const string ImportTimeout = "00:00:30";

    /// <summary>For a change of what verdicts are decided by, which every class is told of: its caller can send it again.</summary>
    public const string PolicyTimeout = "00:00:30";
}
