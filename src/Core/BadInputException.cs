namespace BulkQA.Core;

/// <summary>
/// Something that came from outside can't be understood or can't be taken: the message says what, where, and what to do.
/// Trying again gives the same. Thrown for that and for nothing else; a fault of ours has any other type.
/// </summary>
public sealed class BadInputException : FormatException
{
    public BadInputException()
    {
    }

    public BadInputException(string? message) : base(message)
    {
    }

    public BadInputException(string? message, Exception? inner) : base(message, inner)
    {
    }
}
