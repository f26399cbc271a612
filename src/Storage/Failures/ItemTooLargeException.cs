namespace BulkQA.Storage;

/// <summary>What was to be stored is larger than the store takes in one item. Trying again gives the same.</summary>
[GenerateSerializer, Alias("BulkQA.ItemTooLargeException")]
public sealed class ItemTooLargeException : Exception
{
    public ItemTooLargeException()
    {
    }

    public ItemTooLargeException(string message) : base(message)
    {
    }

    public ItemTooLargeException(string message, Exception inner) : base(message, inner)
    {
    }
}
