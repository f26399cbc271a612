using BulkQA.Core;

namespace BulkQA.Storage.Tests;

public abstract partial class FactStoreCompliance
{
    [Fact]
    public async Task Adjudicate_Repeated_IsThereOnceAndEverythingOfIt()
    {
        Adjudication[] decided =
        [
            new(new TaskNumber(3), 249, new SubmissionTime(long.MaxValue), Hostile, Verdict.Disconfirmed, Label.Create(Hostile), "because / of # \"it\""),
            Decided(3, 0, 1), Decided(3, 0, 2) with { Verdict = null }, Decided(3, 0, 2), Decided(12, 7, 1), Decided(100_000, 1, 1) with { By = "bob" }, Decided(100_000, 1, 1),
        ];
        Assert.Equal(0, await Store.AdjudicateAsync(Partition, decided, Cancellation));
        await WriteHeadAsync(7, 0);
        Assert.Equal(7, await Store.AdjudicateAsync(Partition, [.. decided.Reverse()], Cancellation));
        Assert.Equal(7, await Store.AdjudicateAsync(Partition, [], Cancellation));
        Assert.Equal(InOrder(decided), InOrder(await AdjudicationsAsync(Partition)));
        Assert.Empty(await AdjudicationsAsync(Partition with { Number = 1 }));
        Assert.Empty(await SubmissionsAsync(Partition));
        Assert.Empty(await TasksAsync(Partition));
    }

    [Fact]
    public async Task ReadAdjudications_OfARange_GivesItsTasksInTheirOrder()
    {
        var decided = Enumerable.Range(0, 1_300).Select(number => Decided(number * 3, number % 250, number)).ToList();
        await Store.AdjudicateAsync(Partition, [.. decided.OrderBy(each => each.Hash, StringComparer.Ordinal)], Cancellation);
        Assert.Equal(decided, await AdjudicationsAsync(Partition));
        foreach (var (first, last) in ((int, int)[])[(0, 0), (3, 3), (4, 5), (1, 299), (3_000, int.MaxValue)])
            Assert.Equal(
                decided.Where(each => each.Task.Value >= first && each.Task.Value <= last),
                await Store.ReadAdjudicationsAsync(Partition, new TaskNumber(first), new TaskNumber(last), Cancellation).ToListAsync(Cancellation));
    }

    private static Adjudication Decided(int task, int index, long ticks) => new(new TaskNumber(task), index, new SubmissionTime(ticks), "lead", Verdict.Confirmed);

    private static IEnumerable<Adjudication> InOrder(IEnumerable<Adjudication> adjudications) => adjudications
        .OrderBy(each => each.Task).ThenBy(each => each.Index).ThenBy(each => each.At).ThenBy(each => each.Hash, StringComparer.Ordinal);

    private async Task<List<Adjudication>> AdjudicationsAsync(PartitionAddress partition) =>
        await Store.ReadAdjudicationsAsync(partition, default, _last, Cancellation).ToListAsync(Cancellation);
}
