using BulkQA.Core;
using Orleans.Storage;

namespace BulkQA.Storage.Tests;

public sealed class FailureClassifierTests
{
    public static TheoryData<Exception, FailureKind> Cases => new()
    {
        { new StorageException("full"), FailureKind.Transient },
        { new InconsistentStateException("moved"), FailureKind.Transient },
        { new TimeoutException(), FailureKind.Transient },
        { new TaskCanceledException(), FailureKind.Transient },
        { new TypeLoadException("Unable to resolve type alias"), FailureKind.Transient },
        // A release that lacks something to load: it does not come by itself.
        { new DllNotFoundException(), FailureKind.Fatal },
        { new EntryPointNotFoundException(), FailureKind.Fatal },
        { new BadInputException(), FailureKind.Poison },
        // Faults of ours, whatever input they met: that input is kept.
        { new ArgumentOutOfRangeException(), FailureKind.Fatal },
        { new FormatException(), FailureKind.Fatal },
        { new NotSupportedException(), FailureKind.Fatal },
        { new InvalidOperationException(), FailureKind.Fatal },
        { new AggregateException(new BadInputException()), FailureKind.Poison },
    };

    [Theory, MemberData(nameof(Cases))]
    public void Classify_Failure_HasItsKind(Exception failure, FailureKind kind) => Assert.Equal(kind, FailureClassifier.Classify(failure));
}
