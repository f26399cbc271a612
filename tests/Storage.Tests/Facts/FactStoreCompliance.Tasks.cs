using BulkQA.Core;

namespace BulkQA.Storage.Tests;

/// <content>Tasks and the places of their images: inserted, settled, read.</content>
public abstract partial class FactStoreCompliance
{
    [Fact]
    public async Task Insert_ThenRead_GivesTheTasks()
    {
        var task = new TaskContent(new TaskNumber(7),
        [
            new CorpusImage(Url("b"), Percent.Create(87.123456789012345), new AnonymousVotes(3, AnonymousVotes.Max)),
            new CorpusImage(Url("a"), null),
            new CorpusImage(Url("with space/é 犬 🐕/%2F#?|@.jpg"), Percent.Create(0), new AnonymousVotes(0, 0)),
            new CorpusImage(Url("'; DROP TABLE tasks; -- \" \\ \u2028"), Percent.Create(100)),
            new CorpusImage(Url("B"), Percent.Create(1e-100)),
        ]);
        AssertSame([task], await Store.InsertAsync(Partition, [task], Cancellation));
        AssertSame([task], await TasksAsync(Partition));
        var (number, confidences, gold, versions) = Assert.Single(await Store.ReadOutlinesAsync(Partition, Cancellation).ToListAsync(Cancellation));
        Assert.Equal(task.Number, number);
        Assert.Equal([87.123456789012345, double.NaN, 0, 100, 1e-100], confidences);
        Assert.Empty(gold);
        Assert.Equal(TaskVersions.None, versions);
        await AssertPlacesAsync(Partition, task);
    }

    [Fact]
    public async Task Insert_LargestTask_IsReadAsItWas()
    {
        var task = new TaskContent(new TaskNumber(0), [.. Enumerable.Range(0, TaskContent.MaxImages).Select(number =>
            new CorpusImage(Url($"{number:D3}" + new string('é', (ImageUrl.MaxBytes - 16) / 2)), Percent.Create(100d / 3), new AnonymousVotes(number, 1)))]);
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(task.Images[0].Url.Value), ImageUrl.MaxBytes - 20, ImageUrl.MaxBytes);
        AssertSame([task], await Store.InsertAsync(Partition, [task], Cancellation));
        AssertSame([task], await TasksAsync(Partition));
        await AssertPlacesAsync(Partition, task);
    }

    [Fact]
    public async Task Insert_ImagesThatHaveAPlace_AreLeftOutAndTheOthersMoveUp()
    {
        var first = Content(0, "a", "b", "c");
        await Store.InsertAsync(Partition, [first], Cancellation);
        // In the same partition, in another one, and beside images of tasks of the same call.
        var second = new TaskContent(new TaskNumber(1),
            [Image("b", 1), Image("d", 2), Image("a", 3), Image("e", 4) with { Anonymous = new AnonymousVotes(1, 2) }]);
        AssertSame([second with { Images = [second.Images[1], second.Images[3]] }, null, Content(3, "f")],
            await Store.InsertAsync(Partition, [second, Content(2, "c", "a"), Content(3, "f")], Cancellation));
        var other = Partition with { Number = 1 };
        AssertSame([Content(4, "g")], await Store.InsertAsync(other, [Content(4, "e", "f", "g", "a")], Cancellation));

        TaskContent[] stored = [first, second with { Images = [second.Images[1], second.Images[3]] }, Content(3, "f")];
        AssertSame(stored, await TasksAsync(Partition));
        AssertSame([Content(4, "g")], await TasksAsync(other));
        foreach (var task in stored) await AssertPlacesAsync(Partition, task);
        await AssertPlacesAsync(other, Content(4, "g"));
        Assert.Null(await Store.SettleAsync(Partition, new TaskNumber(2), Cancellation));
    }

    [Fact]
    public async Task Insert_Gold_IsReadAsItWasAndKeepsItsPlaceWhereItIsMixedIn()
    {
        var pool = new TaskContent(new TaskNumber(0), [Image("right") with { Gold = new GoldAnswer(true) }, Image("wrong") with { Gold = new GoldAnswer(false) }]);
        var ofGold = PartitionAddress.GoldOf(Partition.Class);
        AssertSame([pool], await Store.InsertAsync(ofGold, [pool], Cancellation));
        var (right, wrong) = (Mixed(pool, 0), Mixed(pool, 1));
        var first = new TaskContent(new TaskNumber(1), [Image("a"), wrong, Image("b")]);
        // Its first image has a place, so that gold moves up; the third has nothing but gold left.
        var second = new TaskContent(new TaskNumber(2), [Image("b"), right, Image("c"), wrong]);
        var third = new TaskContent(new TaskNumber(3), [Image("a"), right]);
        AssertSame([first], await Store.InsertAsync(Partition, [first], Cancellation));
        AssertSame([second with { Images = second.Images[1..] }, null], await Store.InsertAsync(Partition, [second, third], Cancellation));

        AssertSame([first, second with { Images = second.Images[1..] }], await TasksAsync(Partition));
        AssertSame([pool], await TasksAsync(ofGold));
        var outlines = await Store.ReadOutlinesAsync(Partition, Cancellation).ToListAsync(Cancellation);
        Assert.Equal([[new GoldMark(1, wrong.Gold!.Value)], [new GoldMark(0, right.Gold!.Value), new GoldMark(2, wrong.Gold!.Value)]], outlines.Select(outline => outline.Gold));
        Assert.Equal(
            [new ImagePlace(PartitionAddress.GoldNumber, new TaskNumber(0), 0), new(PartitionAddress.GoldNumber, new TaskNumber(0), 1), new(0, new TaskNumber(1), 2), new(0, new TaskNumber(2), 1)],
            (await Store.FindAsync(_class, [Url("right"), Url("wrong"), Url("b"), Url("c")], Cancellation)).Select(place => place!.Value));

        await DeleteAllAsync(2, () => Store.DeleteFactsAsync(Partition, 2, Cancellation));
        AssertSame([pool], await TasksAsync(ofGold));
        await DeleteAllAsync(2, () => Store.DeleteFactsAsync(ofGold, 2, Cancellation));
        Assert.Empty(await TasksAsync(ofGold));

        static CorpusImage Mixed(TaskContent pool, int index) =>
            pool.Images[index] with { Gold = new GoldAnswer(pool.Images[index].Gold!.Value.IsRight, new GoldPlace(pool.Number, index)) };
    }

    [Fact]
    public async Task Insert_FollowUp_IsReadAsItWasAndItsImagesKeepTheirPlaces()
    {
        var first = new TaskContent(new TaskNumber(0), [Image("a"), Image("b", 90) with { Version = ModelVersion.Create("v1") }]);
        await Store.InsertAsync(Partition, [first, Content(1, "c")], Cancellation);
        var ofFollowUps = Partition.FollowUps;
        var followUp = new TaskContent(new TaskNumber(2), [
            Image("c") with { Spot = new ImageSpot(new TaskNumber(1), 0) },
            first.Images[1] with { Spot = new ImageSpot(new TaskNumber(0), 1) }]);
        // The same images may be asked about again, in another one.
        var another = followUp with { Number = new TaskNumber(3) };
        AssertSame([followUp, another], await Store.InsertAsync(ofFollowUps, [followUp, another], Cancellation));
        AssertSame([followUp, another], await TasksAsync(ofFollowUps));
        AssertSame([followUp], [await Store.SettleAsync(ofFollowUps, followUp.Number, Cancellation)]);
        AssertSame([first, Content(1, "c")], await TasksAsync(Partition));
        await AssertPlacesAsync(Partition, first);
        Assert.Empty((await Store.ReadOutlinesAsync(ofFollowUps, Cancellation).ToListAsync(Cancellation)).SelectMany(outline => outline.Gold));

        await DeleteAllAsync(1, () => Store.DeleteFactsAsync(ofFollowUps, 1, Cancellation));
        Assert.Empty(await TasksAsync(ofFollowUps));
        await AssertPlacesAsync(Partition, first);
        await AssertPlacesAsync(Partition, Content(1, "c"));
    }

    [Fact]
    public async Task Insert_ModelVersions_AreReadAsTheyWereAndMoveUpWithTheirImages()
    {
        var (old, now) = (ModelVersion.Create("v 1"), ModelVersion.Create("2026-11 犬"));
        var none = new TaskContent(new TaskNumber(0), [Image("a")]);
        var one = new TaskContent(new TaskNumber(1), [Image("b") with { Version = old }, Image("c") with { Version = old }]);
        var mixed = new TaskContent(new TaskNumber(2), [Image("a") with { Version = old }, Image("d") with { Version = now }, Image("e"), Image("f") with { Version = old }]);
        var kept = mixed with { Images = mixed.Images[1..] };
        AssertSame([none, one], await Store.InsertAsync(Partition, [none, one], Cancellation));
        // Its first image has a place.
        AssertSame([kept], await Store.InsertAsync(Partition, [mixed], Cancellation));
        AssertSame([none, one, kept], await TasksAsync(Partition));
        AssertSame([kept], [await Store.SettleAsync(Partition, new TaskNumber(2), Cancellation)]);
        var outlines = await Store.ReadOutlinesAsync(Partition, Cancellation).ToListAsync(Cancellation);
        Assert.Equal([[null], [old, old], [now, null, old]], outlines.Select(outline => Enumerable.Range(0, outline.Confidences.Length).Select(outline.Versions.Of)));
    }

    [Fact]
    public async Task Insert_ImagesThatDifferInCaseOrFormOrClass_AreDifferentImages()
    {
        var task = Content(0, "a", "A", "\u00e9", "e\u0301", "a ", "a/");
        AssertSame([task], await Store.InsertAsync(Partition, [task], Cancellation));
        foreach (var label in (string[])["Dog", Hostile.ToUpperInvariant(), "Dog%20", "Dog@1", "Dog#0"])
        {
            var other = new PartitionAddress(new ClassAddress(_class.Incarnation, Label.Create(label)), 0);
            AssertSame([task], await Store.InsertAsync(other, [task], Cancellation));
            await AssertPlacesAsync(other, task);
        }
        await AssertPlacesAsync(Partition, task);
    }

    [Fact]
    public async Task Insert_ManyAtOnceWithTheSameImages_EveryImageIsInExactlyOneTask()
    {
        // Eight imports of the same 60 images, each in an order of its own, some in another partition.
        var urls = Enumerable.Range(0, 60).Select(number => $"{number}").ToArray();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(import => Task.Run(async () =>
        {
            var tasks = urls.OrderBy(_ => Random.Shared.Next()).Chunk(12)
                .Select((chunk, index) => Content(import * 10 + index, chunk)).ToList();
            var partition = Partition with { Number = import % 2 };
            return (partition, stored: await Store.InsertAsync(partition, tasks, Cancellation));
        }, Cancellation)));
        await AssertInOneTaskEachAsync(urls, answers);
    }

    [Fact]
    public async Task Insert_ManyCallsAtOnceOfOneImageEach_OneWins()
    {
        for (var round = 0; round < 5; round++)
        {
            var first = round * 20;
            var answers = await Task.WhenAll(Enumerable.Range(first, 20).Select(number => Task.Run(() =>
                Store.InsertAsync(Partition, [Content(number, $"image{first}")], Cancellation), Cancellation)));
            var winner = Assert.Single(answers.SelectMany(answer => answer), task => task is not null);
            await AssertPlacesAsync(Partition, winner!);
            AssertSame([winner!], await Store.ReadTasksAsync(Partition, new TaskNumber(first), new TaskNumber(first + 19), Cancellation).ToListAsync(Cancellation));
        }
    }

    [Fact]
    public async Task Insert_ManyTasks_AreAllThereInOrder()
    {
        var tasks = Enumerable.Range(0, ManyTasks).Select(number => Content(number * 3, $"{number}")).ToList();
        var stored = await Task.WhenAll(tasks.Chunk(500).Reverse().Select(chunk => Store.InsertAsync(Partition, chunk, Cancellation)));
        Assert.Equal(tasks.Count, stored.Sum(answer => answer.Count(task => task is not null)));
        AssertSame(tasks, await TasksAsync(Partition));
        var confidences = await Store.ReadOutlinesAsync(Partition, Cancellation).ToListAsync(Cancellation);
        Assert.Equal(tasks.Select(task => task.Number), confidences.Select(task => task.Task));
        Assert.All(confidences, task => Assert.Equal([90], task.Confidences));

        await Task.WhenAll(tasks.Chunk(500).Select(chunk =>
            Store.AppendAsync(Partition, [.. chunk.Select(task => Answer(task.Number.Value, "ann", 1, "c"))], Cancellation)));
        Assert.Equal(tasks.Select(task => task.Number), (await SubmissionsAsync(Partition)).Select(submission => submission.Task));

        var places = await Store.FindAsync(_class, [.. tasks.Take(1_000).Select(task => task.Images[0].Url)], Cancellation);
        Assert.Equal(tasks.Take(1_000).Select(task => (ImagePlace?)new ImagePlace(0, task.Number, 0)), places);
    }

    [Fact]
    public async Task ReadTasks_Range_GivesThatOfItInOrder()
    {
        int[] numbers = [0, 2, 9, 10, 11, 99, 100, 1_000, int.MaxValue];
        var tasks = numbers.Select(number => Content(number, $"{number}", $"{number}b")).ToList();
        AssertSame(tasks, await Store.InsertAsync(Partition, tasks, Cancellation));
        await Store.SettleAsync(Partition, new TaskNumber(50), Cancellation);
        AssertSame(tasks, await TasksAsync(Partition));
        foreach (var (first, last) in ((int, int)[])[(0, 0), (1, 10), (2, 99), (12, 98), (50, 50), (100, 100), (1_001, int.MaxValue), (5, 3)])
            AssertSame([.. tasks.Where(task => task.Number.Value >= first && task.Number.Value <= last)],
                await Store.ReadTasksAsync(Partition, new TaskNumber(first), new TaskNumber(last), Cancellation).ToListAsync(Cancellation));
        Assert.Empty(await TasksAsync(Partition with { Number = 1 }));
    }

    [Fact]
    public async Task Read_BrokenOff_LeavesTheStoreUsable()
    {
        await Store.InsertAsync(Partition, [.. Enumerable.Range(0, 200).Select(number => Content(number, $"{number}"))], Cancellation);
        for (var round = 0; round < 20; round++)
            await foreach (var task in Store.ReadTasksAsync(Partition, default, _last, Cancellation))
            {
                // A slow reader is no reason for a writer to wait.
                await Store.AppendAsync(Partition, [Answer(task.Number.Value, "ann", round, "c")], Cancellation);
                if (task.Number.Value == 2) break;
            }
        Assert.Equal(60, (await SubmissionsAsync(Partition)).Count);
    }

    [Fact]
    public async Task Settle_StoredTask_GivesItEveryTime()
    {
        var task = Content(5, "a", "b");
        await Store.InsertAsync(Partition, [task], Cancellation);
        AssertSame([task, task], [await Store.SettleAsync(Partition, task.Number, Cancellation), await Store.SettleAsync(Partition, task.Number, Cancellation)]);
        AssertSame([task], await TasksAsync(Partition));
    }

    [Fact]
    public async Task Settle_UnknownTask_ClosesItsNumberAndKeepsItsImagesFree()
    {
        Assert.Null(await Store.SettleAsync(Partition, new TaskNumber(5), Cancellation));
        Assert.Null(await Store.SettleAsync(Partition, new TaskNumber(5), Cancellation));
        AssertSame([null, Content(6, "c")], await Store.InsertAsync(Partition, [Content(5, "a", "b"), Content(6, "c")], Cancellation));
        Assert.Equal([null, null], await Store.FindAsync(_class, [Url("a"), Url("b")], Cancellation));
        AssertSame([null], await Store.InsertAsync(Partition, [Content(5, "a", "b")], Cancellation));
        Assert.Null(await Store.SettleAsync(Partition, new TaskNumber(5), Cancellation));

        AssertSame([Content(7, "b", "a")], await Store.InsertAsync(Partition, [Content(7, "b", "a")], Cancellation));
        await AssertPlacesAsync(Partition, Content(7, "b", "a"));
        AssertSame([Content(6, "c"), Content(7, "b", "a")], await TasksAsync(Partition));
        Assert.Equal([6, 7], (await Store.ReadOutlinesAsync(Partition, Cancellation).ToListAsync(Cancellation)).Select(task => task.Task.Value));
    }

    [Fact]
    public async Task Settle_OfAnotherPartition_ClosesNothingHere()
    {
        Assert.Null(await Store.SettleAsync(Partition with { Number = 1 }, new TaskNumber(5), Cancellation));
        AssertSame([Content(5, "a")], await Store.InsertAsync(Partition, [Content(5, "a")], Cancellation));
    }

    [Fact]
    public async Task Settle_WhileInserting_BothSayTheSame()
    {
        var tasks = Enumerable.Range(0, 100).Select(number => Content(number, $"{number}a", $"{number}b")).ToList();
        var inserting = tasks.Chunk(10).Select(chunk => Task.Run(() => Store.InsertAsync(Partition, chunk, Cancellation), Cancellation)).ToList();
        var settling = tasks.Select(task => Task.Run(() => Store.SettleAsync(Partition, task.Number, Cancellation), Cancellation)).ToList();
        var inserted = (await Task.WhenAll(inserting)).SelectMany(answer => answer).ToList();
        var settled = await Task.WhenAll(settling);
        AssertSame(inserted, settled);
        AssertSame(inserted.OfType<TaskContent>().ToList(), await TasksAsync(Partition));

        // Whatever was closed goes under a new number.
        var again = await Store.InsertAsync(Partition, [.. tasks.Select(task => task with { Number = new TaskNumber(1_000 + task.Number.Value) })], Cancellation);
        Assert.Equal(inserted.Select(task => task is null), again.Select(task => task is not null));
        foreach (var task in inserted.Concat(again).OfType<TaskContent>()) await AssertPlacesAsync(Partition, task);
    }
}
