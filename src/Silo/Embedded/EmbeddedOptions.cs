namespace BulkQA.Silo;

/// <summary>The embedded way to run. Bound from <c>BulkQA</c>.</summary>
public sealed class EmbeddedOptions
{
    /// <summary>
    /// The folder that holds the database and the objects; created where it does not exist, and used by one process at a
    /// time. Default <c>data</c> in the working directory.
    /// </summary>
    public string DataDirectory { get; set; } = "data";
}
