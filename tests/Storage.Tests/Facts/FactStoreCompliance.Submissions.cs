using BulkQA.Core;

namespace BulkQA.Storage.Tests;

/// <content>Submissions: appended, read.</content>
public abstract partial class FactStoreCompliance
{
    [Fact]
    public async Task Append_EveryKindAndMark_IsReadAsItWas()
    {
        Submission[] written =
        [
            Answer(0, "ann", 0, "cdtn-"),
            Answer(0, "bob", long.MaxValue, "c") with { Source = AnswerSource.GroundTruth, Start = BoxesAtStart.Ticked, Taken = TimeSpan.FromTicks(123_456_789) },
            Answer(1, "ann", 638_000_000_000_000_000, "--n") with { Source = AnswerSource.WorkerPage, Start = BoxesAtStart.Neither, Taken = TimeSpan.Zero },
            Answer(int.MaxValue, "ann", 1, new string('d', TaskContent.MaxImages)) with { Source = AnswerSource.Simulated },
        ];
        await Store.AppendAsync(Partition, written, Cancellation);
        AssertSame(written, await SubmissionsAsync(Partition));
    }

    [Theory]
    [InlineData("ann/1/2")]
    [InlineData("%2F # | @ / \\ ' \"")]
    [InlineData("a/00000000000000000005/0123456789abcdef")]
    [InlineData("犬 é 🐕‍🦺")]
    [InlineData("-")]
    public async Task Append_HostileWorker_IsReadAsItWas(string worker)
    {
        Submission[] written = [Answer(3, worker, 5, "cd"), Answer(3, worker, 6, "dc"), Answer(4, worker, 5, "cd")];
        await Store.AppendAsync(Partition, written, Cancellation);
        AssertSame(written, await SubmissionsAsync(Partition));
    }

    [Fact]
    public async Task Append_LongestWorker_IsReadAsItWas()
    {
        Submission[] written =
        [
            Answer(3, new string('/', WorkerId.MaxBytes), 5, "c"), Answer(3, new string('é', WorkerId.MaxBytes / 2), 5, "c"),
            Answer(3, string.Concat(Enumerable.Repeat("🐕", WorkerId.MaxBytes / 4)), 5, "c"),
        ];
        await Store.AppendAsync(Partition, written, Cancellation);
        AssertSame(written, await SubmissionsAsync(Partition));
    }

    [Fact]
    public async Task Append_Again_InAnyOrderAndParts_ChangesNothing()
    {
        var written = Enumerable.Range(0, 90).Select(number => Answer(number % 7, $"w{number % 11}", number / 20, number % 3 == 0 ? "cd" : "dc")).Distinct().ToList();
        await Store.AppendAsync(Partition, written, Cancellation);
        await Store.AppendAsync(Partition, [.. Enumerable.Reverse(written)], Cancellation);
        await Store.AppendAsync(Partition, [written[3], written[3], written[0]], Cancellation);
        foreach (var part in written.Chunk(40)) await Store.AppendAsync(Partition, part, Cancellation);
        AssertSame(written, await SubmissionsAsync(Partition));
    }

    [Fact]
    public async Task Append_ManyAtOnceAndRepeated_LosesNothing()
    {
        var written = Enumerable.Range(0, 200).Select(number => Answer(number % 5, $"w{number}", number, "cd")).ToList();
        await Task.WhenAll(Enumerable.Range(0, 3).SelectMany(_ => Random.Shared.GetItems(written.ToArray(), 100).Chunk(9)
            .Concat(written.Chunk(17)).Select(part => Store.AppendAsync(Partition, part, Cancellation))));
        AssertSame(written, await SubmissionsAsync(Partition));
    }

    [Fact]
    public async Task Append_SameWorkerAndTimeWithOtherContent_IsAnotherSubmission()
    {
        var one = Answer(0, "ann", 5, "cd");
        Submission[] written =
        [
            one, one with { Answers = TaskAnswers.Parse("dc") }, one with { Source = AnswerSource.WorkerPage }, one with { Start = BoxesAtStart.Ticked },
            one with { Taken = TimeSpan.Zero }, one with { Taken = TimeSpan.FromSeconds(2) },
        ];
        await Store.AppendAsync(Partition, written, Cancellation);
        AssertSame(written, await SubmissionsAsync(Partition));
    }

    [Fact]
    public async Task Append_GivesTheEpoch()
    {
        Assert.Equal(0, await Store.AppendAsync(Partition, [Answer(0, "ann", 1, "c")], Cancellation));
        await WriteHeadAsync(4, 0);
        Assert.Equal(4, await Store.AppendAsync(Partition, [Answer(0, "ann", 2, "c")], Cancellation));
        Assert.Equal(4, await Store.AppendAsync(Partition, [Answer(0, "ann", 2, "c")], Cancellation));
        await WriteHeadAsync(9, 4);
        Assert.Equal(9, await Store.AppendAsync(Partition, [Answer(0, "ann", 3, "c")], Cancellation));
        Assert.Equal(9, await Store.AppendAsync(Partition, [], Cancellation));
        Assert.Equal(0, await Store.AppendAsync(Partition with { Number = 1 }, [], Cancellation));
    }

    [Fact]
    public async Task Append_WhileHeadsChange_NeverGivesAnEpochFromBeforeTheCall()
    {
        await WriteHeadAsync(1, 0);
        var stored = 1L;
        var appending = Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            for (var round = 0; round < 10; round++)
            {
                var before = Interlocked.Read(ref stored);
                Assert.InRange(await Store.AppendAsync(Partition, [Answer(0, $"w{worker}", round, "c")], Cancellation), before, long.MaxValue);
            }
        }, Cancellation)));
        for (var epoch = 1; epoch < 20; epoch++)
        {
            await WriteHeadAsync(epoch + 1, epoch);
            Interlocked.Exchange(ref stored, epoch + 1);
        }
        await appending;
        Assert.Equal(80, (await SubmissionsAsync(Partition)).Count);
    }

    [Fact]
    public async Task ReadSubmissions_Range_GivesThatOfItInTheOrderOfTasks()
    {
        int[] numbers = [0, 1, 2, 9, 10, 11, 99, 100, 1_000, 20_000, int.MaxValue];
        var written = numbers.SelectMany(number => (Submission[])[Answer(number, "bob", 1, "c"), Answer(number, "ann", 2, "d")]).ToList();
        await Store.AppendAsync(Partition, [.. Enumerable.Reverse(written)], Cancellation);
        await Store.AppendAsync(Partition with { Number = 1 }, [Answer(9, "eve", 1, "c")], Cancellation);
        var all = await SubmissionsAsync(Partition);
        AssertSame(written, all);
        Assert.Equal(written.Select(submission => submission.Task), all.Select(submission => submission.Task));
        foreach (var (first, last) in ((int, int)[])[(0, 0), (1, 10), (2, 99), (12, 98), (100, 100), (1_001, int.MaxValue)])
        {
            var found = await Store.ReadSubmissionsAsync(Partition, new TaskNumber(first), new TaskNumber(last), Cancellation).ToListAsync(Cancellation);
            AssertSame([.. written.Where(submission => submission.Task.Value >= first && submission.Task.Value <= last)], found);
            Assert.Equal(found.Select(submission => submission.Task).Order(), found.Select(submission => submission.Task));
        }
        Assert.Empty(await SubmissionsAsync(Partition with { Number = 2 }));
    }
}
