using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Storage.Tests;

/// <summary>What every fact store must do, whatever it is made of. A backend derives from this and names its store.</summary>
public abstract partial class FactStoreCompliance
{
    /// <summary>Every character that separates parts of a key, and some that are long.</summary>
    private const string Hostile = "Dog / # @ | % %2F 犬 🐕 ' \" \\";

    private static readonly TaskNumber _last = new(int.MaxValue);

    private readonly ClassAddress _class = new(Incarnation.New(JobName.Create("job")), Label.Create(Hostile));

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected abstract IFactStore Store { get; }

    /// <summary>More tasks than any page of the store holds.</summary>
    protected virtual int ManyTasks => 3_000;

    private PartitionAddress Partition => new(_class, 0);

    [Fact]
    public async Task ReadHead_Nothing_IsNull() => Assert.Null(await Store.ReadHeadAsync(Partition, Cancellation));

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(100_000)]
    public async Task WriteHead_ThenRead_GivesTheHead(int summaryBytes)
    {
        var summary = summaryBytes < 0 ? null : new byte[summaryBytes];
        if (summary is not null) Random.Shared.NextBytes(summary);
        var head = new PartitionHead(long.MaxValue, summary is null, Memory(summary));
        Assert.True(await Store.WriteHeadAsync(Partition, head, 0, Cancellation));
        AssertSame(head, await Store.ReadHeadAsync(Partition, Cancellation));
        Assert.Equal(summary is null, head.Summary is null);
        Assert.Null(await Store.ReadHeadAsync(Partition with { Number = 1 }, Cancellation));
        Assert.Null(await Store.ReadHeadAsync(Partition with { Number = 10 }, Cancellation));
    }

    [Fact]
    public async Task WriteHead_ExpectedEpoch_ReplacesAllOfIt()
    {
        await WriteHeadAsync(1, 0, summary: [1, 2, 3]);
        var next = new PartitionHead(2, true, null);
        Assert.True(await Store.WriteHeadAsync(Partition, next, 1, Cancellation));
        AssertSame(next, await Store.ReadHeadAsync(Partition, Cancellation));
        Assert.True(await Store.WriteHeadAsync(Partition, new PartitionHead(7, false, Memory([4])), 2, Cancellation));
        AssertSame(new PartitionHead(7, false, Memory([4])), await Store.ReadHeadAsync(Partition, Cancellation));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(6)]
    public async Task WriteHead_OtherEpoch_IsRefusedAndChangesNothing(long expected)
    {
        await WriteHeadAsync(5, 0, summary: [5]);
        Assert.False(await Store.WriteHeadAsync(Partition, new PartitionHead(9, true, null), expected, Cancellation));
        AssertSame(new PartitionHead(5, false, Memory([5])), await Store.ReadHeadAsync(Partition, Cancellation));
    }

    [Fact]
    public async Task WriteHead_NoneWhereOneIsExpected_IsRefused()
    {
        Assert.False(await Store.WriteHeadAsync(Partition, new PartitionHead(2, false, null), 1, Cancellation));
        Assert.Null(await Store.ReadHeadAsync(Partition, Cancellation));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task WriteHead_ManyAtOnce_OneWins(long expected)
    {
        if (expected > 0) await WriteHeadAsync(expected, 0);
        var won = await Task.WhenAll(Enumerable.Range(0, 20).Select(number =>
            Store.WriteHeadAsync(Partition, new PartitionHead(expected + 1, false, Memory([(byte)number])), expected, Cancellation)));
        Assert.Single(won, true);
        AssertSame(new PartitionHead(expected + 1, false, Memory([(byte)Array.IndexOf(won, true)])), await Store.ReadHeadAsync(Partition, Cancellation));
    }

    [Fact]
    public async Task DeleteHead_ThenWrite_BeginsAnew()
    {
        await Store.DeleteHeadAsync(Partition, Cancellation);
        await WriteHeadAsync(5, 0);
        await Store.DeleteHeadAsync(Partition, Cancellation);
        Assert.Null(await Store.ReadHeadAsync(Partition, Cancellation));
        Assert.Equal(0, await Store.AppendAsync(Partition, [Answer(0, "ann", 1, "c")], Cancellation));
        await Store.DeleteHeadAsync(Partition, Cancellation);
        Assert.False(await Store.WriteHeadAsync(Partition, new PartitionHead(6, false, null), 5, Cancellation));
        await WriteHeadAsync(1, 0);
        Assert.Single(await SubmissionsAsync(Partition));
    }

    [Fact]
    public async Task Find_OfClass_GivesOneAnImageInOrder()
    {
        await Store.InsertAsync(Partition, [Content(0, "a", "b"), Content(1, "c")], Cancellation);
        await Store.InsertAsync(Partition with { Number = 12 }, [Content(2, "d", "e")], Cancellation);
        Assert.Equal(
            [new ImagePlace(12, new TaskNumber(2), 1), null, new ImagePlace(0, new TaskNumber(0), 0), new ImagePlace(0, new TaskNumber(1), 0), new ImagePlace(0, new TaskNumber(0), 0), null],
            await Store.FindAsync(_class, [Url("e"), Url("none"), Url("a"), Url("c"), Url("a"), Url("A")], Cancellation));
        Assert.Empty(await Store.FindAsync(_class, [], Cancellation));
        Assert.Equal([null], await Store.FindAsync(new ClassAddress(_class.Incarnation, Label.Create("Dog")), [Url("a")], Cancellation));
        Assert.Equal([null], await Store.FindAsync(new ClassAddress(Incarnation.New(JobName.Create("job")), _class.Label), [Url("a")], Cancellation));
    }

    [Fact]
    public async Task FindByUrl_PageByPage_GivesItsClassesAcrossJobs()
    {
        var url = Url(Guid.NewGuid().ToString());
        var classes = Enumerable.Range(0, 5).SelectMany(job =>
        {
            var incarnation = Incarnation.New(JobName.Create($"job{job}"));
            return (ClassAddress[])[new(incarnation, Label.Create(Hostile)), new(incarnation, Label.Create("Cat"))];
        }).ToList();
        foreach (var address in classes)
            await Store.InsertAsync(new PartitionAddress(address, 3), [new TaskContent(new TaskNumber(1), [Image("other"), new CorpusImage(url, null)])], Cancellation);
        foreach (var limit in (int[])[1, 3, 100])
            await EventuallyAsync(async () => Assert.Equal(classes.Select(address => address.Key).Order(), (await ClassesAsync(url, limit)).Select(address => address.Key).Order()));
        Assert.Empty(await ClassesAsync(Url(Guid.NewGuid().ToString()), 3));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("!")]
    [InlineData("-1/2")]
    public async Task FindByUrl_CursorOfNoStore_IsBadInput(string cursor) =>
        await Assert.ThrowsAsync<BadInputException>(() => Store.FindAsync(Url("a"), cursor, 10, Cancellation));

    [Fact]
    public async Task Blocks_AreReadFromTheOneThatHoldsTheNumber()
    {
        var incarnation = _class.Incarnation;
        TaskBlock[] blocks =
        [
            new(new TaskNumber(0), 10, _class.Label, 0), new(new TaskNumber(10), 1, Label.Create("Cat"), 0),
            new(new TaskNumber(100), 100, _class.Label, 1), new(new TaskNumber(1_000), 1_000_000, Label.Create("Cat"), 2),
        ];
        foreach (var block in Enumerable.Reverse(blocks)) await Store.WriteBlockAsync(incarnation, block, Cancellation);
        foreach (var block in blocks) await Store.WriteBlockAsync(incarnation, block, Cancellation);
        Assert.Equal(blocks, await Store.ReadBlocksAsync(incarnation, default, 100, Cancellation));
        foreach (var (from, first) in ((int, int)[])[(0, 0), (9, 0), (10, 1), (11, 2), (99, 2), (100, 2), (199, 2), (200, 3), (1_000_999, 3), (1_001_000, 4)])
        {
            Assert.Equal(blocks[first..], await Store.ReadBlocksAsync(incarnation, new TaskNumber(from), 100, Cancellation));
            Assert.Equal(blocks[first..].Take(2), await Store.ReadBlocksAsync(incarnation, new TaskNumber(from), 2, Cancellation));
        }
        Assert.Empty(await Store.ReadBlocksAsync(Incarnation.New(JobName.Create("job")), default, 100, Cancellation));
    }

    [Fact]
    public async Task Listed_OverwritesWhatWasNotedOfATask()
    {
        Assert.Empty(await Store.ReadListedAsync(Partition, Cancellation).ToListAsync(Cancellation));
        var states = Enumerable.Range(0, 300).Select(number => new ListedState(new TaskNumber(number * 7), number % 3, number, new SubmissionTime(long.MaxValue - number))).ToList();
        await Store.WriteListedAsync(Partition, states, Cancellation);
        ListedState[] later = [new(new TaskNumber(7), 9, 99, SubmissionTime.None), new(new TaskNumber(int.MaxValue), 1, 2, new SubmissionTime(3))];
        await Store.WriteListedAsync(Partition, later, Cancellation);
        await Store.WriteListedAsync(Partition with { Number = 1 }, [new(new TaskNumber(3), 1, 1, default)], Cancellation);
        await Store.WriteListedAsync(Partition, [], Cancellation);
        Assert.Equal(
            states.Where(state => state.Task.Value != 7).Concat(later).OrderBy(state => state.Task),
            (await Store.ReadListedAsync(Partition, Cancellation).ToListAsync(Cancellation)).OrderBy(state => state.Task));
        Assert.Empty(await SubmissionsAsync(Partition));
        Assert.Empty(await TasksAsync(Partition));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(10_000)]
    public async Task DeleteFacts_ByPages_LeavesTheHeadAndEverythingElse(int limit)
    {
        var other = Partition with { Number = 1 };
        var neighbour = Partition with { Number = 10 };
        await WriteHeadAsync(3, 0, summary: [1]);
        var tasks = Enumerable.Range(0, 9).Select(number => Content(number, [.. Enumerable.Range(0, 4).Select(image => $"{number}-{image}")])).ToList();
        await Store.InsertAsync(Partition, tasks, Cancellation);
        await Store.AppendAsync(Partition, [.. tasks.SelectMany(task => (Submission[])[Answer(task.Number.Value, "ann", 1, "cccc"), Answer(task.Number.Value, "bob", 1, "cccc")])], Cancellation);
        await Store.WriteListedAsync(Partition, [.. tasks.Select(task => new ListedState(task.Number, 1, 8, new SubmissionTime(1)))], Cancellation);
        await Store.SettleAsync(Partition, new TaskNumber(50), Cancellation);
        // An answer to a task that is not there is a fact all the same.
        await Store.AppendAsync(Partition, [Answer(77, "ann", 1, "c")], Cancellation);
        await Store.AdjudicateAsync(Partition, [.. Enumerable.Range(0, 9).Select(task => Decided(task, 2, 5))], Cancellation);
        foreach (var partition in (PartitionAddress[])[other, neighbour])
        {
            await Store.InsertAsync(partition, [Content(100 + partition.Number, $"other{partition.Number}")], Cancellation);
            await Store.AppendAsync(partition, [Answer(100, "ann", 1, "c")], Cancellation);
            await Store.WriteListedAsync(partition, [new(new TaskNumber(100), 1, 1, default)], Cancellation);
            await Store.AdjudicateAsync(partition, [Decided(100, 0, 5)], Cancellation);
        }

        Assert.InRange(await DeleteAllAsync(limit, () => Store.DeleteFactsAsync(Partition, limit, Cancellation)), tasks.Count * 4, int.MaxValue);
        Assert.Empty(await TasksAsync(Partition));
        Assert.Empty(await SubmissionsAsync(Partition));
        Assert.Empty(await AdjudicationsAsync(Partition));
        Assert.Empty(await Store.ReadOutlinesAsync(Partition, Cancellation).ToListAsync(Cancellation));
        Assert.Empty(await Store.ReadListedAsync(Partition, Cancellation).ToListAsync(Cancellation));
        Assert.All(await Store.FindAsync(_class, [.. tasks.SelectMany(task => task.Images).Select(image => image.Url)], Cancellation), Assert.Null);
        AssertSame(new PartitionHead(3, false, Memory([1])), await Store.ReadHeadAsync(Partition, Cancellation));
        foreach (var partition in (PartitionAddress[])[other, neighbour])
        {
            Assert.Single(await TasksAsync(partition));
            Assert.Single(await SubmissionsAsync(partition));
            Assert.Single(await AdjudicationsAsync(partition));
            Assert.Single(await Store.ReadListedAsync(partition, Cancellation).ToListAsync(Cancellation));
            await AssertPlacesAsync(partition, Content(100 + partition.Number, $"other{partition.Number}"));
        }

        await DeleteAllAsync(limit, () => Store.DeletePlacesAsync(_class, limit, Cancellation));
        AssertSame([Content(200, "0-0", "8-3")], await Store.InsertAsync(neighbour, [Content(200, "0-0", "8-3")], Cancellation));
        await AssertPlacesAsync(neighbour, Content(200, "0-0", "8-3"));
    }

    [Fact]
    public async Task Delete_Everything_OfNothing_IsNothing()
    {
        Assert.Equal(0, await Store.DeleteFactsAsync(Partition, 10, Cancellation));
        Assert.Equal(0, await Store.DeletePlacesAsync(_class, 10, Cancellation));
        Assert.Equal(0, await Store.DeleteBlocksAsync(_class.Incarnation, 10, Cancellation));
        await Store.DeleteHeadAsync(Partition, Cancellation);
    }

    [Fact]
    public async Task DeleteFacts_AfterTheHead_LeavesNothing()
    {
        await WriteHeadAsync(3, 0);
        await Store.InsertAsync(Partition, [Content(0, "a")], Cancellation);
        await Store.AppendAsync(Partition, [Answer(0, "ann", 1, "c")], Cancellation);
        await Store.DeleteHeadAsync(Partition, Cancellation);
        AssertSame([Content(0, "a")], await TasksAsync(Partition));
        await DeleteAllAsync(100, () => Store.DeleteFactsAsync(Partition, 100, Cancellation));
        Assert.Null(await Store.ReadHeadAsync(Partition, Cancellation));
        Assert.Empty(await TasksAsync(Partition));
        Assert.Empty(await SubmissionsAsync(Partition));
    }

    [Fact]
    public async Task DeletePlaces_OfAClass_LeavesWhatStoredTasksHave()
    {
        await Store.InsertAsync(Partition, [Content(0, "a", "b")], Cancellation);
        await DeleteAllAsync(1, () => Store.DeleteBlocksAsync(_class.Incarnation, 1, Cancellation));
        var other = new ClassAddress(_class.Incarnation, Label.Create("Dog"));
        await DeleteAllAsync(1, () => Store.DeletePlacesAsync(other, 1, Cancellation));
        await AssertPlacesAsync(Partition, Content(0, "a", "b"));
    }

    [Fact]
    public async Task DeleteBlocks_ByPages_LeavesThoseOfOtherJobs()
    {
        var other = Incarnation.New(JobName.Create("job"));
        for (var block = 0; block < 10; block++) await Store.WriteBlockAsync(_class.Incarnation, new TaskBlock(new TaskNumber(block * 10), 10, _class.Label, block), Cancellation);
        await Store.WriteBlockAsync(other, new TaskBlock(new TaskNumber(0), 10, _class.Label, 0), Cancellation);
        Assert.Equal(10, await DeleteAllAsync(3, () => Store.DeleteBlocksAsync(_class.Incarnation, 3, Cancellation)));
        Assert.Empty(await Store.ReadBlocksAsync(_class.Incarnation, default, 10, Cancellation));
        Assert.Single(await Store.ReadBlocksAsync(other, default, 10, Cancellation));
    }

    /// <summary>Deletes as its callers do: until fewer than the limit come.</summary>
    private static async Task<int> DeleteAllAsync(int limit, Func<Task<int>> delete)
    {
        var sum = 0;
        for (var calls = 0; ; calls++)
        {
            Assert.InRange(calls, 0, 1_000);
            var deleted = await delete();
            Assert.InRange(deleted, 0, limit);
            sum += deleted;
            if (deleted < limit) return sum;
        }
    }

    /// <summary>For what an index says, which may lag.</summary>
    private static async Task EventuallyAsync(Func<Task> assert)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await assert();
                return;
            }
            catch (Xunit.Sdk.XunitException) when (attempt < 50)
            {
                await Task.Delay(100, Cancellation);
            }
        }
    }

    private static ImageUrl Url(string name) => ImageUrl.Create($"s3://b/{name}");

    private static CorpusImage Image(string name, double confidence = 90) => new(Url(name), Percent.Create(confidence));

    private static TaskContent Content(int number, params string[] names) => new(new TaskNumber(number), [.. names.Select(name => Image(name))]);

    private static Submission Answer(int task, string worker, long ticks, string answers) =>
        new(new TaskNumber(task), WorkerId.Create(worker), new SubmissionTime(ticks), TaskAnswers.Parse(answers));

    private static ReadOnlyMemory<byte>? Memory(byte[]? bytes) => bytes is null ? default(ReadOnlyMemory<byte>?) : bytes;

    private static void AssertSame(PartitionHead expected, PartitionHead? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal((expected.Epoch, expected.Retired), (actual.Epoch, actual.Retired));
        Assert.Equal(expected.Summary?.ToArray(), actual.Summary?.ToArray());
    }

    private static void AssertSame(IReadOnlyList<Submission> expected, IReadOnlyList<Submission> actual) =>
        Assert.Equal(InOrder(expected), InOrder(actual));

    private static void AssertSame(IReadOnlyList<TaskContent?> expected, IReadOnlyList<TaskContent?> actual) =>
        Assert.Equal(expected.Select(Show), actual.Select(Show));

    private static string? Show(TaskContent? task) => task is null ? null : $"{task.Number}: {string.Join(", ", task.Images)}";

    private static IEnumerable<Submission> InOrder(IReadOnlyList<Submission> submissions) => submissions
        .OrderBy(submission => submission.Task).ThenBy(submission => submission.Worker.Value, StringComparer.Ordinal).ThenBy(submission => submission.At)
        .ThenBy(submission => submission.Hash, StringComparer.Ordinal);

    private async Task WriteHeadAsync(long epoch, long expected, byte[]? summary = null) =>
        Assert.True(await Store.WriteHeadAsync(Partition, new PartitionHead(epoch, false, Memory(summary)), expected, Cancellation));

    private async Task<List<Submission>> SubmissionsAsync(PartitionAddress partition) =>
        await Store.ReadSubmissionsAsync(partition, default, _last, Cancellation).ToListAsync(Cancellation);

    private async Task<List<TaskContent>> TasksAsync(PartitionAddress partition) =>
        await Store.ReadTasksAsync(partition, default, _last, Cancellation).ToListAsync(Cancellation);

    private async Task<List<ClassAddress>> ClassesAsync(ImageUrl url, int limit)
    {
        var found = new List<ClassAddress>();
        string? cursor = null;
        for (var pages = 0; pages == 0 || cursor is not null; pages++)
        {
            Assert.InRange(pages, 0, 1_000);
            var page = await Store.FindAsync(url, cursor, limit, Cancellation);
            Assert.InRange(page.Classes.Count, 0, limit);
            found.AddRange(page.Classes);
            cursor = page.Next;
        }
        return found;
    }

    /// <summary>Each image of the task is found there.</summary>
    private async Task AssertPlacesAsync(PartitionAddress partition, TaskContent task) => Assert.Equal(
        task.Images.Select((_, index) => (ImagePlace?)new ImagePlace(partition.Number, task.Number, index)),
        await Store.FindAsync(partition.Class, [.. task.Images.Select(image => image.Url)], Cancellation));

    /// <summary>Each image is in one stored task, its place says which, and every caller was told what it stored.</summary>
    private async Task AssertInOneTaskEachAsync(IReadOnlyList<string> names, IReadOnlyList<(PartitionAddress Partition, IReadOnlyList<TaskContent?> Stored)> answers)
    {
        var partitions = answers.Select(answer => answer.Partition).Distinct().ToList();
        var images = ImmutableArray.CreateBuilder<ImageUrl>();
        foreach (var partition in partitions)
        {
            var stored = await TasksAsync(partition);
            AssertSame([.. answers.Where(answer => answer.Partition == partition).SelectMany(answer => answer.Stored).OfType<TaskContent>().OrderBy(task => task.Number)], stored);
            foreach (var task in stored)
            {
                Assert.NotEmpty(task.Images);
                images.AddRange(task.Images.Select(image => image.Url));
                await AssertPlacesAsync(partition, task);
            }
        }
        Assert.Equal(names.Select(name => Url(name).Value).Order(StringComparer.Ordinal), images.Select(url => url.Value).Order(StringComparer.Ordinal));
    }
}
