using BulkQA.Core;

namespace BulkQA.Storage.Tests;

public sealed class SqliteFactStoreTests(SqliteFixture fixture) : FactStoreCompliance, IClassFixture<SqliteFixture>
{
    protected override IFactStore Store { get; } = new SqliteFactStore(fixture.Database);

    [Fact]
    public async Task Read_MoreThanAPage_GivesAllOfItOnceAndInOrder()
    {
        var partition = new PartitionAddress(new ClassAddress(Incarnation.New(JobName.Create("job")), Label.Create("Dog")), 0);
        // Half of them answers of one task: a page ends within it.
        var written = Enumerable.Range(0, 25_000).Select(number => new Submission(
            new TaskNumber(number < 12_500 ? 7 : number), WorkerId.Create($"w{number % 100:D2}"), new SubmissionTime(number), TaskAnswers.Parse("c"))).ToList();
        await Store.AppendAsync(partition, written, Cancellation);
        var read = await Store.ReadSubmissionsAsync(partition, default, new TaskNumber(int.MaxValue), Cancellation).ToListAsync(Cancellation);
        Assert.Equal(written.Count, read.Count);
        Assert.Equal(written.ToHashSet(), read.ToHashSet());
        Assert.Equal(read.Select(submission => submission.Task).Order(), read.Select(submission => submission.Task));

        var listed = Enumerable.Range(0, 25_000).Select(number => new ListedState(new TaskNumber(number), 1, 2, default)).ToList();
        await Store.WriteListedAsync(partition, listed, Cancellation);
        Assert.Equal(listed, await Store.ReadListedAsync(partition, Cancellation).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task Delete_Everything_LeavesNotOneRow()
    {
        var partition = new PartitionAddress(new ClassAddress(Incarnation.New(JobName.Create("gone")), Label.Create("Dog")), 0);
        await Store.WriteHeadAsync(partition, new PartitionHead(1, true, null), 0, Cancellation);
        await Store.InsertAsync(partition, [new TaskContent(new TaskNumber(0), [new CorpusImage(ImageUrl.Create("s3://b/a"), null)])], Cancellation);
        await Store.SettleAsync(partition, new TaskNumber(1), Cancellation);
        await Store.AppendAsync(partition, [new Submission(new TaskNumber(0), WorkerId.Create("ann"), default, TaskAnswers.Parse("c"))], Cancellation);
        await Store.WriteListedAsync(partition, [new ListedState(new TaskNumber(0), 1, 1, default)], Cancellation);
        var before = await CountAsync(partition);
        Assert.Equal((1, 1), before);
        await Store.DeleteFactsAsync(partition, 100, Cancellation);
        Assert.Equal((1, 1), await CountAsync(partition));
        await Store.DeleteHeadAsync(partition, Cancellation);
        Assert.Equal((0, 0), await CountAsync(partition));
        Assert.DoesNotContain(partition.Class, (await Store.FindAsync(ImageUrl.Create("s3://b/a"), null, 100, Cancellation)).Classes);
    }

    /// <summary>What the database keeps of a class and of its partitions.</summary>
    private Task<(long Classes, long Partitions)> CountAsync(PartitionAddress partition) => fixture.Database.ReadAsync(session => (
        (long)session.Prepare("SELECT count(*) FROM classes WHERE key = $1", partition.Class.Key).ExecuteScalar()!,
        (long)session.Prepare("SELECT count(*) FROM partitions JOIN classes ON class = classes.id WHERE key = $1", partition.Class.Key).ExecuteScalar()!), Cancellation);
}
