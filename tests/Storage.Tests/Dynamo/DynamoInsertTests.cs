using BulkQA.Core;
using BulkQA.Emulators;

namespace BulkQA.Storage.Tests;

/// <summary>What calls that die, meet others or lose answers leave of tasks and places.</summary>
public sealed class DynamoInsertTests(DynamoFixture fixture) : DynamoTest(fixture)
{
    /// <summary>
    /// An image that a stored task has, one that a call left claimed and died, and two new ones: at whichever request the fault
    /// comes, the task ends with the last three.
    /// </summary>
    [Theory]
    [MemberData(nameof(PassingFaults), DisableDiscoveryEnumeration = true)]
    public async Task Insert_OneFaultAtAnyStep_StoresTheTask(Fault fault)
    {
        var steps = await Task.WhenAll(Enumerable.Range(0, 25).Select(step => Task.Run(async () =>
        {
            var partition = await LeftBehindAsync(dead: 9);
            bool isMet;
            using (FromStep(partition, step, fault, 1, out var seen))
            {
                var stored = await Fixture.Facts.InsertAsync(partition, [Content(5, "new", "held", "dead", "newer")], Cancellation);
                Assert.Equal([Content(5, "new", "dead", "newer")], stored);
                isMet = seen() > step;
            }
            await AssertStoredAsync(partition, [Content(0, "held"), Content(5, "new", "dead", "newer")]);
            return isMet;
        }, Cancellation)));
        Assert.Equal(11, steps.Count(isMet => isMet));
    }

    public static TheoryData<Fault, bool, bool> LastingFaults => new()
    {
        { Fault.Error(500, "InternalServerError"), false, false },
        { Fault.Error(500, "InternalServerError"), false, true },
        { Fault.Error(500, "InternalServerError"), true, true },
        { new Fault.LostAnswer(), false, false },
        { new Fault.LostAnswer(), false, true },
        { new Fault.LostAnswer(), true, true },
        { new Fault.Hang(), false, true },
    };

    /// <summary>A call that dies at whichever request, and what its caller does about it: under new numbers, settling the old ones first or not, cut as before or otherwise.</summary>
    [Theory]
    [MemberData(nameof(LastingFaults), DisableDiscoveryEnumeration = true)]
    public async Task Insert_DiesAtAnyStep_NextOneHasEveryImageInOneTask(Fault fault, bool settles, bool recuts)
    {
        string[] names = ["new", "held", "dead", "newer", "newest"];
        await Task.WhenAll(Enumerable.Range(0, 25).Select(step => Task.Run(async () =>
        {
            var partition = await LeftBehindAsync(dead: 2);
            TaskContent[] tasks = [Content(5, names[..3]), Content(6, names[3..])];
            using (FromStep(partition, step, fault, int.MaxValue, out _))
            {
                try
                {
                    await Fixture.Facts.InsertAsync(partition, tasks, Cancellation);
                }
                catch (StorageException)
                {
                }
            }
            if (settles)
                foreach (var task in tasks) await Fixture.Facts.SettleAsync(partition, task.Number, Cancellation);
            await Fixture.Facts.InsertAsync(partition, recuts ? [Content(7, [.. names.Reverse()])] : [Content(7, names[..3]), Content(8, names[3..])], Cancellation);
            var stored = await TasksAsync(partition);
            await AssertStoredAsync(partition, stored);
            Assert.Equal(names.Order(StringComparer.Ordinal), stored.SelectMany(task => task.Images).Select(image => image.Url.Value["s3://b/".Length..]).Order(StringComparer.Ordinal));
        }, Cancellation)));
    }

    /// <summary>Whichever of the two has the lower number: one that is not stored yet never keeps an image from one that is.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public async Task Insert_AnotherIsQuickerAtTheLastStep_KeepsTheOtherImages(int other)
    {
        // Its request waits for longer than the other does, which has the higher number.
        using var connection = Fixture.Connect(attemptTimeout: TimeSpan.FromSeconds(30)).Connection;
        var facts = new DynamoFactStore(connection, Fixture.Options);
        using (Once("PutItem", "confidences", null, () => facts.InsertAsync(Partition, [Content(other, "x", "b")], Cancellation), Partition.Key))
            Assert.Equal([Content(3, "a", "c")], await facts.InsertAsync(Partition, [Content(3, "a", "b", "c")], Cancellation));
        await AssertStoredAsync(Partition, [.. ((TaskContent[])[Content(other, "x", "b"), Content(3, "a", "c")]).OrderBy(task => task.Number)]);
    }

    [Fact]
    public async Task Insert_ClosedAtTheLastStep_StoresNothing()
    {
        // The other task's request may be the first to come.
        using (Once("PutItem", "confidences", null, () => Fixture.Facts.SettleAsync(Partition, new TaskNumber(3), Cancellation), Partition.Key, Url("b").Value))
            Assert.Equal([null, Content(4, "d")], await Fixture.Facts.InsertAsync(Partition, [Content(3, "a", "b", "c"), Content(4, "d")], Cancellation));
        Assert.Equal([null, null], await Fixture.Facts.FindAsync(Partition.Class, [Url("a"), Url("c")], Cancellation));
        Assert.Equal([Content(5, "c", "a")], await Fixture.Facts.InsertAsync(Partition, [Content(5, "c", "a")], Cancellation));
        await AssertStoredAsync(Partition, [Content(4, "d"), Content(5, "c", "a")]);
    }

    /// <summary>Where an image lies among the others is known only when its task is stored, and places are read before that.</summary>
    [Fact]
    public async Task Find_TaskIsStoredBetweenItsTwoReads_GivesTheIndexItHasInTheTask()
    {
        await Fixture.Facts.InsertAsync(Partition, [Content(0, "held")], Cancellation);
        var (readsTasks, isStored) = (new TaskCompletionSource(), new TaskCompletionSource());
        Task<IReadOnlyList<ImagePlace?>>? finding = null;
        using (Once("BatchGetItem", "task/", null, () =>
        {
            readsTasks.SetResult();
            return isStored.Task;
        }, Partition.Key))
        using (Once("PutItem", "confidences", null, () =>
        {
            finding = Task.Run(() => Fixture.Facts.FindAsync(Partition.Class, [Url("a")], Cancellation), Cancellation);
            return readsTasks.Task;
        }, Partition.Key))
        {
            Assert.Equal([Content(1, "a")], await Fixture.Facts.InsertAsync(Partition, [Content(1, "held", "a")], Cancellation));
            isStored.SetResult();
            Assert.Equal([new ImagePlace(0, new TaskNumber(1), 0)], await finding!);
        }
    }

    [Fact]
    public async Task Insert_OldNumberOfADeadCall_IsStoredAllTheSame()
    {
        var partition = await LeftBehindAsync(dead: 2);
        await Fixture.Facts.InsertAsync(partition, [Content(3, "dead")], Cancellation);
        Assert.Equal([Content(2, "gone")], await Fixture.Facts.InsertAsync(partition, [Content(2, "dead", "gone")], Cancellation));
        await AssertStoredAsync(partition, [Content(0, "held"), Content(2, "gone"), Content(3, "dead")]);
    }

    [Theory]
    [MemberData(nameof(PassingFaults), DisableDiscoveryEnumeration = true)]
    public async Task Settle_OneFaultOnTheWay_ClosesOrGivesTheTask(Fault fault)
    {
        using (Once("PutItem", Partition.Key, fault)) Assert.Null(await Fixture.Facts.SettleAsync(Partition, new TaskNumber(1), Cancellation));
        Assert.Equal([null, Content(2, "b")], await Fixture.Facts.InsertAsync(Partition, [Content(1, "a"), Content(2, "b")], Cancellation));
        foreach (var operation in (string[])["PutItem", "GetItem"])
        {
            using var _ = Once(operation, Partition.Key, fault);
            Assert.Equal(Content(2, "b"), await Fixture.Facts.SettleAsync(Partition, new TaskNumber(2), Cancellation));
        }
    }

    [Fact]
    public async Task DeletePlaces_OfACallThatDied_LeavesNothingOfIt()
    {
        var partition = await LeftBehindAsync(dead: 1);
        // What the task held has, and the claims on "dead" and "gone".
        Assert.Equal(2, await Fixture.Facts.DeleteFactsAsync(partition, 10, Cancellation));
        Assert.Equal(2, await Fixture.Facts.DeletePlacesAsync(partition.Class, 10, Cancellation));
        Assert.DoesNotContain(partition.Class, (await Fixture.Facts.FindAsync(Url("dead"), null, 100, Cancellation)).Classes);
    }

    /// <summary>A class with an image "held" in task 0, and what is left of a call that died before it stored a task with the images "dead" and "gone".</summary>
    private async Task<PartitionAddress> LeftBehindAsync(int dead)
    {
        var partition = NewPartition();
        await Fixture.Facts.InsertAsync(partition, [Content(0, "held")], Cancellation);
        using (Fixture.Proxy.When(request => Is(request, "PutItem", partition.Key) && request.Body.Contains("confidences", StringComparison.Ordinal) ? Fault.Error(500, "InternalServerError") : null))
            await Assert.ThrowsAsync<StorageException>(() => Fixture.Facts.InsertAsync(partition, [Content(dead, "dead", "gone")], Cancellation));
        Assert.Equal([null, null], await Fixture.Facts.FindAsync(partition.Class, [Url("dead"), Url("gone")], Cancellation));
        return partition;
    }

    /// <summary>Faults from the request of that number on, counted from 0 over all that name the class; so many of them.</summary>
    private IDisposable FromStep(PartitionAddress partition, int step, Fault fault, int count, out Func<int> seen)
    {
        var requests = 0;
        seen = () => requests;
        return Fixture.Proxy.When(request => request.Body.Contains(partition.Class.Key, StringComparison.Ordinal)
            && Interlocked.Increment(ref requests) - 1 is var number && number >= step && number - step < count ? fault : null);
    }
}
