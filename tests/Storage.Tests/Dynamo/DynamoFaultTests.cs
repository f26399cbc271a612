using System.Text.Json;
using BulkQA.Core;
using BulkQA.Emulators;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Storage;

namespace BulkQA.Storage.Tests;

public sealed class DynamoFaultTests(DynamoFixture fixture) : IClassFixture<DynamoFixture>
{
    private const string Batch = "BatchExecuteStatement";

    private readonly LabelRow _row = new(
        new ImageAddress(new ClassAddress(Incarnation.New(JobName.Create("job")), Label.Create("Dog")), ImageUrl.Create($"s3://b/{Guid.NewGuid()}")),
        null, VoteSet.Empty, Verdict.Unreviewed, 1, null);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<Fault> PassingFaults =>
    [
        Fault.Error(400, "ProvisionedThroughputExceededException"),
        Fault.Error(400, "ThrottlingException"),
        Fault.Error(500, "InternalServerError"),
        Fault.Error(503, "ServiceUnavailable"),
        new Fault.LostAnswer(),
        new Fault.Hang(),
    ];

    [Theory]
    [MemberData(nameof(PassingFaults), DisableDiscoveryEnumeration = true)]
    public async Task Insert_OneFaultOnTheWay_Succeeds(Fault fault)
    {
        using var _ = Once("PutItem", _row.Address.Url.Value, fault);
        Assert.Equal([true], await fixture.Labels.InsertAsync([_row], Cancellation));
        Assert.NotNull(await fixture.Labels.ReadAsync(_row.Address, Cancellation));
    }

    [Theory]
    [MemberData(nameof(PassingFaults), DisableDiscoveryEnumeration = true)]
    public async Task Update_OneFaultOnTheWay_Succeeds(Fault fault)
    {
        await fixture.Labels.InsertAsync([_row], Cancellation);
        using var _ = Once("PutItem", _row.Address.Url.Value, fault);
        Assert.True(await fixture.Labels.UpdateAsync(_row with { Version = 2, Verdict = Verdict.Split }, 1, Cancellation));
        Assert.Equal((2, Verdict.Split), await fixture.Labels.ReadAsync(_row.Address, Cancellation) is { } row ? (row.Version, row.Verdict) : default);
    }

    [Fact]
    public async Task Update_AnswerLostAndAnotherWriterNext_IsRefused()
    {
        await fixture.Labels.InsertAsync([_row], Cancellation);
        var other = _row with { Version = 2, Verdict = Verdict.Confirmed };
        using (Once("PutItem", _row.Address.Url.Value, Fault.Error(500, "InternalServerError"), () => fixture.Labels.UpdateAsync(other, 1, Cancellation).GetAwaiter().GetResult()))
            Assert.False(await fixture.Labels.UpdateAsync(_row with { Version = 2, Verdict = Verdict.Split }, 1, Cancellation));
        Assert.Equal(Verdict.Confirmed, (await fixture.Labels.ReadAsync(_row.Address, Cancellation))!.Verdict);
    }

    [Theory]
    [MemberData(nameof(PassingFaults), DisableDiscoveryEnumeration = true)]
    public async Task UpdateMany_OneFaultOnTheWay_WritesAll(Fault fault)
    {
        var rows = await InsertManyAsync(60);
        using var _ = Once(Batch, _row.Address.Class.Key, fault);
        Assert.All(await fixture.Labels.UpdateAsync(Split(rows), Cancellation), Assert.True);
        await AssertSplitAsync(60);
    }

    [Fact]
    public async Task UpdateMany_OneOfAnotherVersion_IsLeftAndTheOthersAreWritten()
    {
        var rows = await InsertManyAsync(30);
        Assert.True(await fixture.Labels.UpdateAsync(rows[7] with { Version = 2 }, 1, Cancellation));
        var written = await fixture.Labels.UpdateAsync(Split(rows), Cancellation);
        Assert.Equal(7, Assert.Single(Enumerable.Range(0, 30), index => !written[index]));
        await AssertSplitAsync(29);
    }

    [Theory]
    [InlineData("ThrottlingError")]
    [InlineData("ProvisionedThroughputExceeded")]
    [InlineData("RequestLimitExceeded")]
    [InlineData("InternalServerError")]
    [InlineData("TransactionConflict")]
    public async Task UpdateMany_StatementsInTrouble_AreSentAgainWithoutTheOthers(string code)
    {
        var rows = await InsertManyAsync(2);
        var (answers, sent) = (new Queue<string>([Refusal(code, code), Refusal(code)]), new List<int>());
        using var _ = fixture.Proxy.When(request =>
        {
            if (!Is(request, Batch, _row.Address.Class.Key)) return null;
            sent.Add(JsonDocument.Parse(request.Body).RootElement.GetProperty("Statements").GetArrayLength());
            return answers.TryDequeue(out var answer) ? new Fault.Answer(200, "application/x-amz-json-1.0", answer) : null;
        });
        // The second answer claims the second row, which nobody wrote.
        Assert.Equal([true, true], await fixture.Labels.UpdateAsync(Split(rows), Cancellation));
        Assert.Equal([2, 2, 1], sent);
        await AssertSplitAsync(1);
    }

    [Theory]
    [InlineData("UnknownOperationException")]
    [InlineData("AccessDeniedException")]
    [InlineData("AccessDenied")]
    public async Task UpdateMany_BatchesRefused_WritesOneByOneFromThenOn(string code)
    {
        var (labels, asked) = (fixture.Labels, 0);
        using var _ = fixture.Proxy.When(request => Is(request, Batch, _row.Address.Class.Key) && Interlocked.Increment(ref asked) > 0
            ? code == "AccessDenied" ? new Fault.Answer(200, "application/x-amz-json-1.0", Refusal(code, code)) : Fault.Error(400, code) : null);
        var rows = await InsertManyAsync(2);
        Assert.Equal([true, true], await labels.UpdateAsync(Split(rows), Cancellation));
        await AssertSplitAsync(2);
        Assert.Equal([true, true], await labels.UpdateAsync([.. rows.Select(row => row with { Version = 3 })], Cancellation));
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task UpdateMany_RowTooLarge_IsPoison()
    {
        var rows = await InsertManyAsync(2);
        using var _ = Once(Batch, _row.Address.Class.Key, new Fault.Answer(
            200, "application/x-amz-json-1.0", Refusal("ValidationError").Replace("a fault of the test", "Item size to update has exceeded the maximum allowed size", StringComparison.Ordinal)));
        await Assert.ThrowsAsync<ItemTooLargeException>(() => fixture.Labels.UpdateAsync(Split(rows), Cancellation));
    }

    [Theory]
    [InlineData("PutItem")]
    [InlineData("GetItem")]
    [InlineData("BatchGetItem")]
    public async Task AnyCall_FaultsThatDoNotEnd_IsAStorageException(string operation)
    {
        using var _ = fixture.Proxy.When(request =>
            Is(request, operation, _row.Address.Url.Value) ? Fault.Error(400, "ProvisionedThroughputExceededException") : null);
        var failure = await Assert.ThrowsAsync<StorageException>(() => operation switch
        {
            "PutItem" => fixture.Labels.InsertAsync([_row], Cancellation),
            "GetItem" => fixture.Labels.ReadAsync(_row.Address, Cancellation),
            _ => fixture.Labels.ReadAsync([_row.Address], Cancellation),
        });
        Assert.Equal(FailureKind.Transient, FailureClassifier.Classify(failure));
    }

    [Theory]
    [MemberData(nameof(PassingFaults), DisableDiscoveryEnumeration = true)]
    public async Task ReadMany_OneFaultOnTheWay_GivesAll(Fault fault)
    {
        var rows = await InsertManyAsync(60);
        using var _ = Once("BatchGetItem", _row.Address.Class.Key, fault);
        Assert.Equal(rows.Select(row => row.Address), (await fixture.Labels.ReadAsync([.. rows.Select(row => row.Address)], Cancellation)).Select(row => row?.Address ?? default));
    }

    [Fact]
    public async Task ReadMany_KeysLeftUnprocessed_AreReadInTheNextCall()
    {
        var rows = await InsertManyAsync(60);
        var asked = 0;
        using var _ = fixture.Proxy.When(request => Is(request, "BatchGetItem", _row.Address.Class.Key) && Interlocked.Increment(ref asked) <= 2
            ? new Fault.Answer(200, "application/x-amz-json-1.0", $$"""{"Responses":{},"UnprocessedKeys":{{JsonDocument.Parse(request.Body).RootElement.GetProperty("RequestItems").GetRawText()}}}""")
            : null);
        Assert.DoesNotContain(null, await fixture.Labels.ReadAsync([.. rows.Select(row => row.Address)], Cancellation));
        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task Delete_RowsLeftUnprocessed_AreDeletedInTheNextCall()
    {
        await InsertManyAsync(60);
        var refused = 0;
        using var _ = fixture.Proxy.When(request => Is(request, "BatchWriteItem", _row.Address.Class.Key) && Interlocked.Increment(ref refused) <= 2
            ? new Fault.Answer(200, "application/x-amz-json-1.0", $$"""{"UnprocessedItems":{{JsonDocument.Parse(request.Body).RootElement.GetProperty("RequestItems").GetRawText()}}}""")
            : null);
        foreach (var shard in Enumerable.Range(0, Shard.Count)) await fixture.Labels.DeleteAsync(_row.Address.Class, new Shard(shard), 100, Cancellation);
        Assert.True(refused > 2);
        Assert.Equal(0, await fixture.Labels.ReadAllAsync(_row.Address.Class, Cancellation).CountAsync(Cancellation));
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
            await fixture.GrainStorage.WriteStateAsync("state", grain, state);
            var read = new GrainState<TestState>(new TestState());
            await fixture.GrainStorage.ReadStateAsync("state", grain, read);
            Assert.Equal((text, state.ETag), (read.State!.Text, read.ETag));
        }
        using (Once("DeleteItem", grain.ToString(), fault)) await fixture.GrainStorage.ClearStateAsync("state", grain, state);
        Assert.False(state.RecordExists);
    }

    /// <summary>The fence rests on this: of two activations that raise the same epoch to the same number, one must lose.</summary>
    [Fact]
    public async Task GrainState_AnswerLostAndAnotherWroteTheSame_IsRefused()
    {
        var grain = GrainId.Create("test", Guid.NewGuid().ToString());
        var first = new GrainState<TestState>(new TestState { Text = "epoch 1" });
        await fixture.GrainStorage.WriteStateAsync("state", grain, first);
        var (one, two) = (Next(), Next());
        using (Once("PutItem", grain.ToString(), Fault.Error(500, "InternalServerError"), () => fixture.GrainStorage.WriteStateAsync("state", grain, two).GetAwaiter().GetResult()))
            await Assert.ThrowsAsync<InconsistentStateException>(() => fixture.GrainStorage.WriteStateAsync("state", grain, one));

        GrainState<TestState> Next() => new(new TestState { Text = "epoch 2" }, first.ETag!);
    }

    [Fact]
    public async Task GrainState_Item_HasTheAttributesOfOrleansProvider()
    {
        var grain = GrainId.Create("test", Guid.NewGuid().ToString());
        await fixture.GrainStorage.WriteStateAsync("state", grain, new GrainState<TestState>(new TestState()));
        var item = (await fixture.Connection.CallAsync("scan", (client, token) => client.GetItemAsync(fixture.Options.Value.StateTable, new()
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
        var failure = await Assert.ThrowsAsync<ItemTooLargeException>(() => fixture.GrainStorage.WriteStateAsync(
            "state", grain, new GrainState<TestState>(new TestState { Text = new string('x', 410_000) })));
        Assert.Contains($"writing 'state' of {grain}: DynamoDB holds 400 KB", failure.Message, StringComparison.Ordinal);
        Assert.Equal(FailureKind.Poison, FailureClassifier.Classify(failure));
    }

    [Fact]
    public async Task AnyCall_NoSuchTable_SaysWhatToDo()
    {
        var nowhere = Microsoft.Extensions.Options.Options.Create(new DynamoOptions { LabelTable = "no-such-table" });
        var failure = await Assert.ThrowsAsync<StorageException>(() => new DynamoLabelTable(fixture.Connection, nowhere, NullLogger<DynamoLabelTable>.Instance).ReadAsync(_row.Address, Cancellation));
        Assert.Contains("BulkQA:Dynamo:CreateTables", failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StorageException>(() => new DynamoTables(fixture.Connection, nowhere).CheckAsync(Cancellation));
        await new DynamoTables(fixture.Connection, fixture.Options).CheckAsync(Cancellation);
    }

    private async Task<List<LabelRow>> InsertManyAsync(int count)
    {
        var rows = Enumerable.Range(0, count).Select(number => _row with { Address = _row.Address with { Url = ImageUrl.Create($"s3://b/{number}") } }).ToList();
        await fixture.Labels.InsertAsync(rows, Cancellation);
        return rows;
    }

    private static List<LabelRow> Split(List<LabelRow> rows) => rows.ConvertAll(row => row with { Version = 2, Verdict = Verdict.Split });

    private async Task AssertSplitAsync(int count) =>
        Assert.Equal(count, await fixture.Labels.ReadAllAsync(_row.Address.Class, Cancellation).CountAsync(row => row is { Version: 2, Verdict: Verdict.Split }, Cancellation));

    /// <summary>An answer to a batch of two statements: the first, or both, failed.</summary>
    private static string Refusal(string first, string? second = null) =>
        $$"""{"Responses":[{{Statement(first)}},{{Statement(second)}}]}""";

    private static string Statement(string? code) => code is null ? "{}" : $$$"""{"Error":{"Code":"{{{code}}}","Message":"a fault of the test"}}""";

    /// <summary>
    /// One fault, on the first request of the operation that names the text; <paramref name="meanwhile"/> runs before it.
    /// </summary>
    private IDisposable Once(string operation, string text, Fault fault, Action? meanwhile = null)
    {
        var left = 1;
        return fixture.Proxy.When(request =>
        {
            if (!Is(request, operation, text) || Interlocked.Decrement(ref left) < 0) return null;
            meanwhile?.Invoke();
            return fault;
        });
    }

    private static bool Is(ProxiedRequest request, string operation, string text) =>
        request.Target.EndsWith($".{operation}", StringComparison.Ordinal) && request.Body.Contains(text, StringComparison.Ordinal);
}
