using BulkQA.Core;
using Orleans.Storage;

namespace BulkQA.Storage;

/// <summary>What to do about a failure.</summary>
public enum FailureKind
{
    /// <summary>Passes by itself: try again later, with the same input.</summary>
    Transient,

    /// <summary>The input is at fault: trying again gives the same.</summary>
    Poison,

    /// <summary>We are at fault: stop and look.</summary>
    Fatal,
}

/// <summary>The one place that says what kind of failure an exception is.</summary>
public static class FailureClassifier
{
    public static FailureKind Classify(Exception exception) => exception switch
    {
        StorageException or InconsistentStateException or TimeoutException or OrleansException or IOException
            or OperationCanceledException or ObjectDisposedException => FailureKind.Transient,
        // Once the silo that does not know the call is gone, another takes it.
        _ when IsUnknownCall(exception) => FailureKind.Transient,
        _ when AwsFailures.IsKnown(exception) => FailureKind.Transient,
        BadInputException or ItemTooLargeException => FailureKind.Poison,
        AggregateException { InnerException: { } inner } => Classify(inner),
        _ => FailureKind.Fatal,
    };

    /// <summary>Whether a silo of the release before could not read a call that it does not know, while silos are replaced.</summary>
    // What derives from it says that something to load is missing here, and that it stays.
    public static bool IsUnknownCall(Exception exception) => exception.GetType() == typeof(TypeLoadException);
}
