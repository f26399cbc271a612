using System.Diagnostics.Metrics;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using BulkQA.Core;
using BulkQA.Emulators;

namespace BulkQA.Storage.Tests;

/// <summary>How items lie in the tables, and what they cost.</summary>
public sealed class DynamoItemsTests(DynamoFixture fixture) : DynamoTest(fixture)
{
    [Fact]
    public async Task Facts_LieUnderTheirKeys()
    {
        await Fixture.Facts.WriteHeadAsync(Partition, new PartitionHead(1, true, new byte[] { 7 }), 0, Cancellation);
        await Fixture.Facts.InsertAsync(Partition, [Content(0, "a")], Cancellation);
        await Fixture.Facts.InsertAsync(Partition, [new TaskContent(new TaskNumber(12), [new(Url("a"), null), new(Url("b"), null, new AnonymousVotes(1, 2)), new(Url("c"), Percent.Create(0.5))])], Cancellation);
        await Fixture.Facts.SettleAsync(Partition, new TaskNumber(13), Cancellation);
        var (plain, full) = (Answer(12, "a/b%c", "cd"), Answer(12, "bob", "nt") with { Source = AnswerSource.GroundTruth, Start = BoxesAtStart.Ticked, Taken = TimeSpan.FromTicks(5) });
        await Fixture.Facts.AppendAsync(Partition, [plain, full], Cancellation);
        await Fixture.Facts.WriteListedAsync(Partition, [new ListedState(new TaskNumber(12), 3, 4, new SubmissionTime(5))], Cancellation);
        await Fixture.Facts.WriteBlockAsync(Partition.Class.Incarnation, new TaskBlock(new TaskNumber(10), 20, Partition.Class.Label, 2), Cancellation);

        await Fixture.Facts.WriteWorkersAsync(Partition.Class.Incarnation, [WorkerId.Create("a/b!c")], Cancellation);

        var items = await ItemsAsync(Partition.Key);
        Assert.Equal(
        [
            "head: epoch=1 mark=* retired=True summary=07",
            "listed/0000000012: at=5 counts=4 revision=3",
            $"sub/0000000012/a%2Fb%25c/0000000000000000001/{plain.Hash}: answers=cd",
            $"sub/0000000012/bob/0000000000000000001/{full.Hash}: answers=nt source=2 start=1 taken=5",
            "task/0000000000: confidences=0000000000805640 urls=[s3://b/a]",
            "task/0000000012: anonymous=0100000002000000FFFFFFFFFFFFFFFF confidences=000000000000F8FF000000000000E03F gaps=[0] urls=[s3://b/b,s3://b/c]",
            "task/0000000013: ",
        ], items);
        Assert.Equal(["s3://b/b: index=1 partition=0 task=12 url=s3://b/b"], await ItemsAsync(Partition.Class.PlacesKey(Shard.Of(Url("b"))), "s3://b/b"));
        Assert.Equal(["0000000029: count=20 first=10 label=Dog partition=2"], await ItemsAsync($"{Partition.Class.Incarnation}!blocks"));
        Assert.Equal(["a/b!c: "], await ItemsAsync($"{Partition.Class.Incarnation}!workers"));
        Assert.Equal([$"{Partition.Class.Incarnation}: "], await ItemsAsync("worker!a/b!c", Partition.Class.Incarnation.Value));
    }

    [Fact]
    public async Task Labels_HaveTheNamesThatConsumersKnow()
    {
        await Fixture.Labels.WriteAsync(Partition.Class, [new LabelRow(Url("a"), Percent.Create(87.5), 2, 1, Verdict.Confirmed), new LabelRow(Url("b"), null, 0, 0, Verdict.Unreviewed)], Cancellation);
        Assert.Equal(["s3://b/a: Verdict=Confirmed WorkerConfirmCount=2 WorkerDisconfirmCount=1 confidence=87.5 label=Dog"], await RowsAsync("a"));
        Assert.Equal(["s3://b/b: Verdict=Unreviewed WorkerConfirmCount=0 WorkerDisconfirmCount=0 label=Dog"], await RowsAsync("b"));

        Task<List<string>> RowsAsync(string name) =>
            ReadAsync(Fixture.Options.Value.LabelTable, "s3_image_url", Partition.Class.RowKey(Shard.Of(Url(name))), Url(name).Value);
    }

    /// <summary>What the runbook's prices rest on.</summary>
    [Fact]
    public async Task Writes_CostUnits()
    {
        var partition = NewPartition();
        var urls = Enumerable.Range(0, 25).Select(number => $"corpora/shellfish/2026/lobster/image_{number:D4}.jpg").ToArray();
        var answers = string.Concat(Enumerable.Repeat('c', 25));
        Assert.Equal(1, await UnitsAsync(facts => facts.AppendAsync(partition, [Answer(0, "ann", answers)], Cancellation)));
        // As Ground Truth sends it: all workers of a task in one message.
        Assert.Equal(3, await UnitsAsync(facts => facts.AppendAsync(
            partition, [.. Enumerable.Range(0, 3).Select(worker => Answer(1, $"private.eu-central-1.{worker:D16}", answers) with { Source = AnswerSource.GroundTruth })], Cancellation)));
        Assert.Equal(75, await UnitsAsync(facts => facts.AppendAsync(partition, [.. Enumerable.Range(0, 75).Select(task => Answer(task, "bob", answers))], Cancellation)));
        // Once a worker and job, and not with each vote.
        Assert.Equal(2, await UnitsAsync(facts => facts.WriteWorkersAsync(partition.Class.Incarnation, [WorkerId.Create("ann")], Cancellation)));
        Assert.Equal(1, await UnitsAsync(facts => facts.WriteHeadAsync(partition, new PartitionHead(1, false, null), 0, Cancellation)));
        // A place and an entry of the index an image, and the task, which is of 2 KB. dynalite counts none for indexes.
        Assert.Equal((25 * (Emulator.DynamoDbs[0] == "dynalite" ? 1 : 2)) + 2, await UnitsAsync(facts => facts.InsertAsync(partition, [Content(0, urls)], Cancellation)));
        Assert.Equal(25, await UnitsAsync(_ => Task.CompletedTask, labels => labels.WriteAsync(
            partition.Class, [.. urls.Select(url => new LabelRow(Url(url), Percent.Create(87.27), 3, 0, Verdict.Confirmed))], Cancellation)));
    }

    /// <summary>Over several pages of 1 MB, with URLs as long as they may be.</summary>
    [Fact]
    public async Task Reads_OfSeveralPages_GiveAllInOrder()
    {
        var tasks = Enumerable.Range(0, 6).Select(number => new TaskContent(new TaskNumber(number), [.. Enumerable.Range(0, TaskContent.MaxImages).Select(image =>
            new CorpusImage(Url($"{number}/{image:D3}{new string('"', 980)}"), Percent.Create(number)))])).ToList();
        await Fixture.Facts.InsertAsync(Partition, tasks, Cancellation);
        var submissions = Enumerable.Range(0, 3_000).Select(number => Answer(number, $"ann{new string('é', 60)}", new string('c', TaskContent.MaxImages))).ToList();
        await Fixture.Facts.AppendAsync(Partition, submissions, Cancellation);
        var queries = 0;
        using var _ = Fixture.Proxy.When(request =>
        {
            if (Is(request, "Query", Partition.Key)) Interlocked.Increment(ref queries);
            return null;
        });
        Assert.Equal(tasks, await TasksAsync(Partition));
        Assert.InRange(Interlocked.Exchange(ref queries, 0), 2, 4);
        Assert.Equal(tasks.Select(task => task.Number), await Fixture.Facts.ReadOutlinesAsync(Partition, Cancellation).Select(task => task.Task).ToListAsync(Cancellation));
        Assert.InRange(Interlocked.Exchange(ref queries, 0), 2, 4);
        Assert.Equal(submissions, await Fixture.Facts.ReadSubmissionsAsync(Partition, default, new TaskNumber(int.MaxValue), Cancellation).ToListAsync(Cancellation));
        Assert.InRange(Interlocked.Exchange(ref queries, 0), 2, 4);
        Assert.Equal(submissions.Count + (tasks.Count * (TaskContent.MaxImages + 1)), await Fixture.Facts.DeleteFactsAsync(Partition, int.MaxValue, Cancellation));
        Assert.Empty(await TasksAsync(Partition));
    }

    /// <summary>Before, jobs lay in the label table, and it had the index.</summary>
    [Fact]
    public async Task Check_LabelTableOfTheLayoutBefore_IsRefused()
    {
        var options = Fixture.Options.Value;
        options.LabelTable = $"old-{Guid.NewGuid():N}";
        await Fixture.Connection.CallAsync("making it", (client, token) => client.CreateTableAsync(new CreateTableRequest
        {
            TableName = options.LabelTable,
            KeySchema = [new("pk", KeyType.HASH), new("s3_image_url", KeyType.RANGE)],
            AttributeDefinitions = [new("pk", ScalarAttributeType.S), new("s3_image_url", ScalarAttributeType.S)],
            GlobalSecondaryIndexes =
            [
                new GlobalSecondaryIndex
                {
                    IndexName = "by-url",
                    KeySchema = [new("s3_image_url", KeyType.HASH), new("pk", KeyType.RANGE)],
                    Projection = new Projection { ProjectionType = ProjectionType.KEYS_ONLY },
                },
            ],
            BillingMode = BillingMode.PAY_PER_REQUEST,
        }, token), Cancellation);
        var tables = new DynamoTables(Fixture.Connection, Microsoft.Extensions.Options.Options.Create(options));
        await tables.CreateAsync(Cancellation);
        var failure = await Assert.ThrowsAsync<StorageException>(() => tables.CheckAsync(Cancellation));
        foreach (var word in (string[])[options.LabelTable, "/export?format=csv", "BulkQA:Dynamo:LabelTable, FactTable, StateTable", "import"])
            Assert.Contains(word, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a", "facts", "state", "LabelTable 'a' is not 3 to 255")]
    [InlineData("labels", "fa/cts", "state", "FactTable 'fa/cts' is not 3 to 255")]
    [InlineData("labels", "facts", "", "StateTable '' is not 3 to 255")]
    [InlineData("same", "same", "state", "LabelTable and FactTable are 'same'")]
    [InlineData("labels", "same", "same", "FactTable and StateTable are 'same'")]
    [InlineData("same", "same", "same", "LabelTable and FactTable and StateTable are 'same'")]
    public void Options_TableNames_AreChecked(string labels, string facts, string state, string problem)
    {
        var validator = new DynamoOptionsValidator();
        var result = validator.Validate(null, new DynamoOptions { LabelTable = labels, FactTable = facts, StateTable = state });
        Assert.StartsWith($"BulkQA:Dynamo:{problem}", Assert.Single(result.Failures!), StringComparison.Ordinal);
        Assert.True(validator.Validate(null, new DynamoOptions()).Succeeded);
    }

    private async Task<double> UnitsAsync(Func<DynamoFactStore, Task> write, Func<DynamoLabelTable, Task>? writeLabels = null)
    {
        var (connection, metrics) = Fixture.Connect();
        using (connection)
        {
            var (units, counting) = (0.0, new Lock());
            using var listener = new MeterListener();
            listener.SetMeasurementEventCallback<double>((_, measured, _, _) =>
            {
                lock (counting) units += measured;
            });
            listener.EnableMeasurementEvents(metrics.WriteUnits);
            await write(new DynamoFactStore(connection, Fixture.Options));
            if (writeLabels is not null) await writeLabels(new DynamoLabelTable(connection, Fixture.Options));
            return units;
        }
    }

    private Task<List<string>> ItemsAsync(string hash, string? range = null) => ReadAsync(Fixture.Options.Value.FactTable, "sk", hash, range);

    /// <summary>Each as its range key, and its attributes in order.</summary>
    private async Task<List<string>> ReadAsync(string table, string rangeKey, string hash, string? range)
    {
        var request = new QueryRequest
        {
            TableName = table,
            KeyConditionExpression = "pk = :pk",
            ExpressionAttributeValues = new() { [":pk"] = new(hash) },
            ConsistentRead = true,
        };
        var items = (await Fixture.Connection.CallAsync("reading", (client, token) => client.QueryAsync(request, token), Cancellation)).Items ?? [];
        return [.. items.Where(item => range is null || item[rangeKey].S == range).Select(item => $"{item[rangeKey].S}: " + string.Join(' ', item
            .Where(attribute => attribute.Key != "pk" && attribute.Key != rangeKey).OrderBy(attribute => attribute.Key, StringComparer.Ordinal)
            .Select(attribute => $"{attribute.Key}={(attribute.Key == "mark" ? "*" : Show(attribute.Value))}")))];
    }

    private static string Show(AttributeValue value) =>
        value.S ?? value.N ?? (value.B is { } bytes ? Convert.ToHexString(bytes.ToArray()) : value.L is { } list ? $"[{string.Join(',', list.Select(Show))}]" : $"{value.BOOL}");
}
