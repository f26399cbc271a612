using System.Text.Json;
using BulkQA.Core;
using BulkQA.Emulators;
using Orleans.Storage;

namespace BulkQA.Storage.Tests;

public sealed class DynamoFaultTests(DynamoFixture fixture) : DynamoTest(fixture)
{
    [Theory]
    [MemberData(nameof(QuickFaults), DisableDiscoveryEnumeration = true)]
    public async Task Append_OneFaultAtAnyStep_IsStoredAndGivesTheEpoch(Fault fault)
    {
        await Fixture.Facts.WriteHeadAsync(Partition, new PartitionHead(3, false, null), 0, Cancellation);
        var submissions = Enumerable.Range(0, 60).Select(number => Answer(number, "ann", "cd")).ToList();
        foreach (var operation in (string[])["BatchWriteItem", "GetItem"])
        {
            using var _ = Once(operation, Partition.Key, fault);
            Assert.Equal(3, await Fixture.Facts.AppendAsync(Partition, submissions, Cancellation));
        }
        Assert.Equal(submissions, await SubmissionsAsync());
    }

    [Fact]
    public async Task Append_SomeLeftUnprocessed_AreSentAgainWithoutTheOthers()
    {
        var sent = new List<int>();
        using (Fixture.Proxy.When(request => Is(request, "BatchWriteItem", Partition.Key) ? LeaveHalf(request, sent) : null))
            await Fixture.Facts.AppendAsync(Partition, [.. Enumerable.Range(0, 20).Select(number => Answer(number, "ann", "cd"))], Cancellation);
        // The first two answers claim half of what nobody wrote.
        Assert.Equal([20, 10, 5], sent);
        Assert.Equal(5, (await SubmissionsAsync()).Count);
    }

    /// <summary>What the head's owner rests on: nobody may be told of an epoch that was read before the answers were there.</summary>
    [Fact]
    public async Task Append_HeadMovesWhileAnswersAreWritten_GivesTheNewEpoch()
    {
        await Fixture.Facts.WriteHeadAsync(Partition, new PartitionHead(1, false, null), 0, Cancellation);
        using var _ = Once("BatchWriteItem", Partition.Key, null, () => Fixture.Facts.WriteHeadAsync(Partition, new PartitionHead(2, false, null), 1, Cancellation));
        Assert.Equal(2, await Fixture.Facts.AppendAsync(Partition, [Answer(0, "ann", "c")], Cancellation));
    }

    [Theory]
    [MemberData(nameof(PassingFaults), DisableDiscoveryEnumeration = true)]
    public async Task WriteHead_OneFaultOnTheWay_IsWritten(Fault fault)
    {
        for (var epoch = 0; epoch < 2; epoch++)
        {
            using var _ = Once("PutItem", Partition.Key, fault);
            Assert.True(await Fixture.Facts.WriteHeadAsync(Partition, new PartitionHead(epoch + 1, false, new byte[] { 1 }), epoch, Cancellation));
            Assert.Equal(epoch + 1, (await Fixture.Facts.ReadHeadAsync(Partition, Cancellation))!.Epoch);
        }
    }

    /// <summary>The fence rests on this: of two activations that raise an epoch to the same number, one must lose.</summary>
    [Fact]
    public async Task WriteHead_AnswerLostAndAnotherWroteTheSame_IsRefused()
    {
        await Fixture.Facts.WriteHeadAsync(Partition, new PartitionHead(1, false, null), 0, Cancellation);
        var head = new PartitionHead(2, false, null);
        using var _ = Once("PutItem", Partition.Key, Fault.Error(500, "InternalServerError"), () => Fixture.Facts.WriteHeadAsync(Partition, head, 1, Cancellation));
        Assert.False(await Fixture.Facts.WriteHeadAsync(Partition, head, 1, Cancellation));
    }

    [Theory]
    [MemberData(nameof(QuickFaults), DisableDiscoveryEnumeration = true)]
    public async Task Reads_OneFaultOnTheWay_GiveAll(Fault fault)
    {
        var tasks = Enumerable.Range(0, 4).Select(number => Content(number, [.. Enumerable.Range(0, 40).Select(image => $"{number}-{image}")])).ToList();
        await Fixture.Facts.InsertAsync(Partition, tasks, Cancellation);
        await Fixture.Facts.AppendAsync(Partition, [Answer(1, "ann", "c")], Cancellation);
        using (Once("BatchGetItem", Partition.Class.Key, fault)) await AssertStoredAsync(Partition, tasks);
        using (Once("Query", Partition.Key, fault)) await AssertStoredAsync(Partition, tasks);
        using (Once("Query", Partition.Key, fault)) Assert.Single(await SubmissionsAsync());
    }

    [Fact]
    public async Task Find_KeysLeftUnprocessed_AreReadInTheNextRequest()
    {
        await Fixture.Facts.InsertAsync(Partition, [Content(0, [.. Enumerable.Range(0, 60).Select(image => $"{image}")])], Cancellation);
        var asked = 0;
        using var _ = Fixture.Proxy.When(request => Is(request, "BatchGetItem", $"{Partition.Class.Key}@") && Interlocked.Increment(ref asked) <= 2
            ? Answered($$"""{"Responses":{},"UnprocessedKeys":{{RequestItems(request).GetRawText()}}}""") : null);
        Assert.DoesNotContain(null, await Fixture.Facts.FindAsync(Partition.Class, [.. Enumerable.Range(0, 60).Select(image => Url($"{image}"))], Cancellation));
        Assert.Equal(3, asked);
    }

    [Theory]
    [MemberData(nameof(QuickFaults), DisableDiscoveryEnumeration = true)]
    public async Task Delete_OneFaultAtAnyStep_LeavesNothing(Fault fault)
    {
        await Fixture.Facts.InsertAsync(Partition, [Content(0, "a", "b"), Content(1, "c")], Cancellation);
        await Fixture.Facts.AppendAsync(Partition, [Answer(0, "ann", "cd")], Cancellation);
        foreach (var operation in (string[])["BatchWriteItem", "Query", "BatchGetItem"])
        {
            using var _ = Once(operation, Partition.Class.Key, fault);
            await Fixture.Facts.DeleteFactsAsync(Partition, 2, Cancellation);
        }
        await AssertStoredAsync(Partition, []);
        Assert.Empty(await SubmissionsAsync());
        Assert.Equal(0, await Fixture.Facts.DeletePlacesAsync(Partition.Class, 10, Cancellation));
    }

    [Theory]
    [InlineData("PutItem")]
    [InlineData("GetItem")]
    [InlineData("BatchGetItem")]
    [InlineData("BatchWriteItem")]
    [InlineData("Query")]
    public async Task AnyCall_FaultsThatDoNotEnd_IsAStorageException(string operation)
    {
        using var _ = Fixture.Proxy.When(request => Is(request, operation, Partition.Class.Key) ? Fault.Error(400, "ProvisionedThroughputExceededException") : null);
        var failure = await Assert.ThrowsAsync<StorageException>(() => operation switch
        {
            "PutItem" => Fixture.Facts.InsertAsync(Partition, [Content(0, "a")], Cancellation),
            "GetItem" => Fixture.Facts.ReadHeadAsync(Partition, Cancellation),
            "BatchGetItem" => Fixture.Facts.FindAsync(Partition.Class, [Url("a")], Cancellation),
            "BatchWriteItem" => Fixture.Labels.WriteAsync(Partition.Class, [new LabelRow(Url("a"), null, 0, 0, Verdict.Unreviewed)], Cancellation),
            _ => TasksAsync(Partition),
        });
        Assert.Equal(FailureKind.Transient, FailureClassifier.Classify(failure));
    }

    [Theory]
    [MemberData(nameof(QuickFaults), DisableDiscoveryEnumeration = true)]
    public async Task Labels_OneFaultOnTheWay_AreWrittenAndDeleted(Fault fault)
    {
        var rows = Enumerable.Range(0, 60).Select(number => new LabelRow(Url($"{number}"), null, number, 0, Verdict.Split)).ToList();
        using (Once("BatchWriteItem", Partition.Class.Key, fault)) await Fixture.Labels.WriteAsync(Partition.Class, rows, Cancellation);
        using (Once("GetItem", Partition.Class.Key, fault)) Assert.Equal(rows[59], await Fixture.Labels.ReadAsync(new ImageAddress(Partition.Class, rows[59].Url), Cancellation));
        using (Once("BatchWriteItem", Partition.Class.Key, fault)) Assert.Equal(60, await Fixture.Labels.DeleteAsync(Partition.Class, 100, Cancellation));
        Assert.Equal(0, await Fixture.Labels.DeleteAsync(Partition.Class, 100, Cancellation));
    }

    [Theory]
    [MemberData(nameof(PassingFaults), DisableDiscoveryEnumeration = true)]
    public async Task GrainState_OneFaultOnTheWay_IsWrittenAndClearedOnce(Fault fault)
    {
        var grain = GrainId.Create("test", Guid.NewGuid().ToString());
        var state = new GrainState<TestState>(new TestState { Text = "one" });
        foreach (var text in (string[])["one", "two"])
        {
            using var _ = Once("PutItem", grain.ToString(), fault);
            state.State = new TestState { Text = text };
            await Fixture.GrainStorage.WriteStateAsync("state", grain, state);
            var read = new GrainState<TestState>(new TestState());
            await Fixture.GrainStorage.ReadStateAsync("state", grain, read);
            Assert.Equal((text, state.ETag), (read.State!.Text, read.ETag));
        }
        using (Once("DeleteItem", grain.ToString(), fault)) await Fixture.GrainStorage.ClearStateAsync("state", grain, state);
        Assert.False(state.RecordExists);
    }

    /// <summary>The fence rests on this: of two activations that raise the same epoch to the same number, one must lose.</summary>
    [Fact]
    public async Task GrainState_AnswerLostAndAnotherWroteTheSame_IsRefused()
    {
        var grain = GrainId.Create("test", Guid.NewGuid().ToString());
        var first = new GrainState<TestState>(new TestState { Text = "epoch 1" });
        await Fixture.GrainStorage.WriteStateAsync("state", grain, first);
        var (one, two) = (Next(), Next());
        using (Once("PutItem", grain.ToString(), Fault.Error(500, "InternalServerError"), () => Fixture.GrainStorage.WriteStateAsync("state", grain, two)))
            await Assert.ThrowsAsync<InconsistentStateException>(() => Fixture.GrainStorage.WriteStateAsync("state", grain, one));

        GrainState<TestState> Next() => new(new TestState { Text = "epoch 2" }, first.ETag!);
    }

    [Fact]
    public async Task GrainState_Item_HasTheAttributesOfOrleansProvider()
    {
        var grain = GrainId.Create("test", Guid.NewGuid().ToString());
        await Fixture.GrainStorage.WriteStateAsync("state", grain, new GrainState<TestState>(new TestState()));
        var item = (await Fixture.Connection.CallAsync("scan", (client, token) => client.GetItemAsync(Fixture.Options.Value.StateTable, new()
        {
            ["GrainReference"] = new Amazon.DynamoDBv2.Model.AttributeValue($"tests_{grain}"),
            ["GrainType"] = new Amazon.DynamoDBv2.Model.AttributeValue("state"),
        }, token), Cancellation)).Item;
        Assert.Equal(["ETag", "GrainReference", "GrainState", "GrainType"], item.Keys.Order(StringComparer.Ordinal));
        Assert.True(int.Parse(item["ETag"].N, System.Globalization.CultureInfo.InvariantCulture) > 0);
        Assert.NotNull(item["GrainState"].B);
    }

    [Fact]
    public async Task GrainState_Over400KB_SaysSoAndIsPoison()
    {
        var grain = GrainId.Create("test", Guid.NewGuid().ToString());
        var failure = await Assert.ThrowsAsync<ItemTooLargeException>(() => Fixture.GrainStorage.WriteStateAsync(
            "state", grain, new GrainState<TestState>(new TestState { Text = new string('x', 410_000) })));
        Assert.Contains($"writing 'state' of {grain}: DynamoDB holds 400 KB", failure.Message, StringComparison.Ordinal);
        Assert.Equal(FailureKind.Poison, FailureClassifier.Classify(failure));
    }

    [Fact]
    public async Task AnyCall_NoSuchTable_SaysWhatToDo()
    {
        var nowhere = Microsoft.Extensions.Options.Options.Create(new DynamoOptions { LabelTable = "no-such-table", FactTable = "no-such-facts" });
        foreach (var call in (Func<Task>[])
        [
            () => new DynamoLabelTable(Fixture.Connection, nowhere).ReadAsync(new ImageAddress(Partition.Class, Url("a")), Cancellation),
            () => new DynamoFactStore(Fixture.Connection, nowhere).AppendAsync(Partition, [Answer(0, "ann", "c")], Cancellation),
        ])
            Assert.Contains("BulkQA:Dynamo:CreateTables", (await Assert.ThrowsAsync<StorageException>(call)).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StorageException>(() => new DynamoTables(Fixture.Connection, nowhere).CheckAsync(Cancellation));
        await new DynamoTables(Fixture.Connection, Fixture.Options).CheckAsync(Cancellation);
        await new DynamoTables(Fixture.Connection, Fixture.Options).PingAsync(Cancellation);
    }

    private static Fault.Answer Answered(string body) => new(200, "application/x-amz-json-1.0", body);

    private static JsonElement RequestItems(ProxiedRequest request) => JsonDocument.Parse(request.Body).RootElement.GetProperty("RequestItems");

    /// <summary>Answers the first two times that the second half is not done; says how many were sent.</summary>
    private static Fault.Answer? LeaveHalf(ProxiedRequest request, List<int> sent)
    {
        var (table, items) = (RequestItems(request).EnumerateObject().Single().Name, RequestItems(request).EnumerateObject().Single().Value.EnumerateArray().ToList());
        sent.Add(items.Count);
        return sent.Count > 2 ? null : Answered($$$"""{"UnprocessedItems":{"{{{table}}}":[{{{string.Join(',', items.Skip(items.Count / 2).Select(item => item.GetRawText()))}}}]}}""");
    }

    private async Task<List<Submission>> SubmissionsAsync() =>
        await Fixture.Facts.ReadSubmissionsAsync(Partition, default, new TaskNumber(int.MaxValue), Cancellation).ToListAsync(Cancellation);
}
