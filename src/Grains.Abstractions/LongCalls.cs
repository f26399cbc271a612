namespace BulkQA.Grains;

/// <summary>Calls that read or write many rows: their callers wait longer before they take them for lost.</summary>
internal static class LongCalls
{
    public const string Timeout = "00:02:00";
}
