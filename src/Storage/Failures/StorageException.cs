namespace BulkQA.Storage;

/// <summary>
/// A store could not do what it was asked, for a reason of its own (full, locked, broken, out of reach). Whether a write
/// happened is unknown.
/// </summary>
[GenerateSerializer, Alias("BulkQA.StorageException")]
public sealed class StorageException : Exception
{
    public StorageException()
    {
    }

    public StorageException(string message) : base(message)
    {
    }

    public StorageException(string message, Exception inner) : base(message, inner)
    {
    }
}
