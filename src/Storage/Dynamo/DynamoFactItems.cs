using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using Amazon.DynamoDBv2.Model;
using BulkQA.Core;
using Item = System.Collections.Generic.Dictionary<string, Amazon.DynamoDBv2.Model.AttributeValue>;

namespace BulkQA.Storage;

/// <summary>
/// Facts as items of the fact table. Under a partition's key lie its <c>head</c>, <c>task/{number}</c>,
/// <c>sub/{number}/{worker}/{ticks}/{hash}</c>, <c>ruling/{number}/{index}/{ticks}/{hash}</c> and <c>listed/{number}</c>; under <c>{class}@{shard}</c> the places of images by
/// URL; under <c>{incarnation}!blocks</c> blocks by their last number; under <c>{incarnation}!workers</c> who answers in the job, and under
/// <c>worker!{worker}</c>, which begins as no incarnation does, the jobs of each. Numbers have leading zeros, so that keys are in their order.
/// </summary>
internal static class DynamoFactItems
{
    public const string RangeKey = "sk";

    /// <summary>The URL again, on places alone: what the index is by.</summary>
    public const string Url = "url";

    public const string Head = "head";
    public const string Epoch = "epoch";

    /// <summary>A random number that every write of a head brings along, by which it is known again when its answer got lost.</summary>
    public const string Mark = "mark";

    /// <summary>What says how a task stands: that it is stored, its gaps, or which attempts are barred.</summary>
    public const string TaskState = $"{DynamoTable.HashKey}, {RangeKey}, {Confidences}, {Gaps}, {Attempt}";

    /// <summary>8 bytes an image; a task that is stored has them.</summary>
    public const string Confidences = "confidences";

    public const string Urls = "urls";

    /// <summary>
    /// The indices of images that a task was to have, and that another has. The indices in places of its other images are from
    /// before these were left out.
    /// </summary>
    public const string Gaps = "gaps";

    /// <summary>
    /// On a place: the attempt at storing the task that it is claimed for; none for 0. On a task that is not stored: the first
    /// attempt that may still store it; none where its number is closed.
    /// </summary>
    public const string Attempt = "attempt";

    private const string Partition = "partition";
    private const string Number = "task";
    private const string Position = "index";
    private const string Anonymous = "anonymous";

    /// <summary>Which images of a task are gold, or, of a follow-up, where they have their places (<see cref="ImageMarks.Write"/>); none where there is nothing to say.</summary>
    public const string Gold = "gold";

    /// <summary>Which model versions a task's images are of (<see cref="TaskVersions.Write"/>); none where none is of any.</summary>
    public const string Versions = "modelVersions";

    /// <summary>In <see cref="Anonymous"/>: this image has none.</summary>
    private const int NoCount = -1;

    private static readonly PutCondition _ifNone = new($"attribute_not_exists({DynamoTable.HashKey})");

    private const string Listed = "listed/";

    /// <summary>Adjudications. All facts of a partition lie between the first and the last of these four, and its head does not.</summary>
    private const string Rulings = "ruling/";
    private const string Submissions = "sub/";
    private const string Tasks = "task/";

    public static string BlocksKey(Incarnation incarnation) => $"{incarnation}!blocks";

    public static string WorkersKey(Incarnation incarnation) => $"{incarnation}!workers";

    /// <summary>That a worker answers in a job, where a deletion of the job finds it.</summary>
    public static Item WorkerOfJob(Incarnation incarnation, WorkerId worker) => Key(WorkersKey(incarnation), worker.Value);

    /// <summary>The same, where whoever asks for the worker finds it.</summary>
    public static Item JobOfWorker(WorkerId worker, Incarnation incarnation) => Key(JobsKey(worker), incarnation.Value);

    public static WorkerId ReadWorker(Item item) => WorkerId.Stored(item[RangeKey].S);

    public static Incarnation ReadJob(Item item) => Incarnation.Parse(item[RangeKey].S);

    /// <param name="after">Only jobs after this one; null for all.</param>
    public static ItemRange JobsOf(WorkerId worker, Incarnation? after) =>
        // An incarnation begins with a letter or a digit, and none is the beginning of another.
        Between(JobsKey(worker), after is { } last ? $"{last}!" : "!", "~");

    public static Item HeadKey(PartitionAddress partition) => Key(partition.Key, Head);

    public static Item TaskKey(PartitionAddress partition, TaskNumber task) => Key(partition.Key, Tasks + Digits(task));

    public static Item PlaceKey(ClassAddress address, ImageUrl url) => Key(address.PlacesKey(Shard.Of(url)), url.Value);

    /// <summary>All but the head.</summary>
    public static ItemRange FactsOf(PartitionAddress partition) => Between(partition.Key, Listed, After(Tasks));

    public static ItemRange TasksOf(PartitionAddress partition) => Between(partition.Key, Tasks, After(Tasks));

    public static ItemRange TasksOf(PartitionAddress partition, TaskNumber first, TaskNumber last) =>
        Between(partition.Key, Tasks + Digits(first), Tasks + Digits(last));

    public static ItemRange SubmissionsOf(PartitionAddress partition, TaskNumber first, TaskNumber last) =>
        Between(partition.Key, Submissions + Digits(first), After($"{Submissions}{Digits(last)}/"));

    public static ItemRange RulingsOf(PartitionAddress partition, TaskNumber first, TaskNumber last) =>
        Between(partition.Key, Rulings + Digits(first), After($"{Rulings}{Digits(last)}/"));

    public static ItemRange ListedOf(PartitionAddress partition) => Between(partition.Key, Listed, After(Listed));

    public static ItemRange BlocksFrom(Incarnation incarnation, TaskNumber from) =>
        Between(BlocksKey(incarnation), Digits(from), Digits(new TaskNumber(int.MaxValue)));

    /// <param name="epoch">0: that there is no head.</param>
    public static PutCondition IfEpoch(long epoch) =>
        epoch == 0 ? _ifNone : new($"{Epoch} = :epoch", Values: new() { [":epoch"] = Value(epoch) });

    /// <summary>That the task's number is not closed, and neither is the attempt barred nor the task stored.</summary>
    public static PutCondition IfMayStore(int attempt) =>
        attempt == 0 ? _ifNone : new($"{Attempt} = :attempt", Values: new() { [":attempt"] = Value(attempt) });

    /// <summary>The same, of some attempt up to this one.</summary>
    public static PutCondition IfMayBar(int attempt) => new(
        $"attribute_not_exists({DynamoTable.HashKey}) OR {Attempt} <= :attempt", Values: new() { [":attempt"] = Value(attempt) });

    public static PutCondition IfNotStored { get; } = new($"attribute_not_exists({Confidences})");

    /// <summary>That the place says so; without a claim, that there is none.</summary>
    public static PutCondition IfClaim(Claim? standing)
    {
        if (standing is not { } claim) return _ifNone;
        var condition = new PutCondition(
            $"#partition = :partition AND #task = :task AND {(claim.Attempt == 0 ? $"attribute_not_exists({Attempt})" : $"{Attempt} = :attempt")}",
            new() { ["#partition"] = Partition, ["#task"] = Number },
            new() { [":partition"] = Value(claim.Place.Partition), [":task"] = Value(claim.Place.Task.Value) });
        if (claim.Attempt > 0) condition.Values![":attempt"] = Value(claim.Attempt);
        return condition;
    }

    public static Item Write(PartitionAddress partition, PartitionHead head)
    {
        var item = HeadKey(partition);
        item[Epoch] = Value(head.Epoch);
        item["retired"] = new() { BOOL = head.Retired };
        if (head.Summary is { } summary) item["summary"] = Bytes(summary.ToArray());
        item[Mark] = Value(Random.Shared.NextInt64());
        return item;
    }

    public static PartitionHead ReadHead(Item item) => new(
        DynamoTable.ReadNumber(item[Epoch]), item["retired"].BOOL is true,
        item.TryGetValue("summary", out var summary) ? (ReadOnlyMemory<byte>?)summary.B.ToArray() : null);

    /// <param name="gaps">See <see cref="Gaps"/>.</param>
    public static Item Write(PartitionAddress partition, TaskContent task, IReadOnlyCollection<int> gaps)
    {
        var item = TaskKey(partition, task.Number);
        item[Urls] = new() { L = [.. task.Images.Select(image => new AttributeValue(image.Url.Value))] };
        var confidences = new byte[task.Images.Length * sizeof(double)];
        foreach (var (index, confidence) in task.PackConfidences().Index())
            BinaryPrimitives.WriteDoubleLittleEndian(confidences.AsSpan(index * sizeof(double)), confidence);
        item[Confidences] = Bytes(confidences);
        if (task.Images.Any(image => image.Anonymous is not null)) item[Anonymous] = Bytes(WriteAnonymous(task.Images));
        if (ImageMarks.Write(task.Images) is { } gold) item[Gold] = new(gold);
        if (task.Versions.Write() is { } versions) item[Versions] = new(versions);
        if (gaps.Count > 0) item[Gaps] = new() { L = [.. gaps.Select(gap => Value(gap))] };
        return item;
    }

    public static bool IsStored(Item task) => task.ContainsKey(Confidences);

    /// <returns>Null for a closed number.</returns>
    public static TaskContent? ReadTask(Item item)
    {
        if (!IsStored(item)) return null;
        var confidences = ReadConfidences(item);
        var anonymous = item.TryGetValue(Anonymous, out var counts) ? counts.B.ToArray() : null;
        var gold = ReadGold(item).ToDictionary(mark => mark.Image, mark => mark.Answer);
        var spots = ImageMarks.ReadSpots(MarksOf(item));
        var versions = ReadVersions(item);
        var images = ReadUrls(item).Select((url, index) => new CorpusImage(
            url, double.IsNaN(confidences[index]) ? null : Percent.Create(confidences[index]), ReadAnonymous(anonymous, index),
            gold.TryGetValue(index, out var answer) ? answer : null, versions.Of(index), spots.IsEmpty ? null : spots[index]));
        return new TaskContent(ReadTaskNumber(item), [.. images]);
    }

    public static TaskNumber ReadTaskNumber(Item item) => ReadDigits(item[RangeKey].S.AsSpan(Tasks.Length));

    /// <summary>A task's images that have their place in it; none for any other item.</summary>
    public static IEnumerable<ImageUrl> ReadPlacedUrls(Item item)
    {
        if (!ImageMarks.ReadSpots(MarksOf(item)).IsEmpty) return [];
        var mixedIn = ReadGold(item).Where(mark => mark.Answer.Of is not null).Select(mark => mark.Image).ToHashSet();
        return ReadUrls(item).Where((_, index) => !mixedIn.Contains(index));
    }

    private static IEnumerable<ImageUrl> ReadUrls(Item item) => item.TryGetValue(Urls, out var urls) ? urls.L.Select(url => ImageUrl.Create(url.S)) : [];

    public static TaskOutline ReadOutline(Item item) => new(ReadTaskNumber(item), ReadConfidences(item), ReadGold(item), ReadVersions(item));

    private static ImmutableArray<GoldMark> ReadGold(Item item) => ImageMarks.ReadGold(MarksOf(item));

    private static string? MarksOf(Item item) => item.TryGetValue(Gold, out var marks) ? marks.S : null;

    private static TaskVersions ReadVersions(Item item) => TaskVersions.Read(item.TryGetValue(Versions, out var versions) ? versions.S : null);

    private static double[] ReadConfidences(Item item)
    {
        var bytes = item[Confidences].B.ToArray();
        var confidences = new double[bytes.Length / sizeof(double)];
        for (var index = 0; index < confidences.Length; index++) confidences[index] = BinaryPrimitives.ReadDoubleLittleEndian(bytes.AsSpan(index * sizeof(double)));
        return confidences;
    }

    public static ImmutableArray<int> ReadGaps(Item item) =>
        item.TryGetValue(Gaps, out var gaps) ? [.. gaps.L.Select(ReadInt)] : [];

    public static Item Write(PartitionAddress partition, Submission submission)
    {
        var worker = submission.Worker.Value.Replace("%", "%25", StringComparison.Ordinal).Replace("/", "%2F", StringComparison.Ordinal);
        var item = Key(partition.Key, string.Create(
            CultureInfo.InvariantCulture, $"{Submissions}{Digits(submission.Task)}/{worker}/{submission.At.UtcTicks:D19}/{submission.Hash}"));
        item["answers"] = new(submission.Answers.Text);
        if (submission.Source != default) item["source"] = Value((long)submission.Source);
        if (submission.Start != default) item["start"] = Value((long)submission.Start);
        if (submission.Taken is { } taken) item["taken"] = Value(taken.Ticks);
        return item;
    }

    public static Submission ReadSubmission(Item item)
    {
        var key = item[RangeKey].S.Split('/');
        return new Submission(
            ReadDigits(key[1]),
            WorkerId.Stored(Uri.UnescapeDataString(key[2])),
            new SubmissionTime(long.Parse(key[3], CultureInfo.InvariantCulture)),
            TaskAnswers.Parse(item["answers"].S),
            item.TryGetValue("source", out var source) ? (AnswerSource)ReadInt(source) : default,
            item.TryGetValue("start", out var start) ? (BoxesAtStart)ReadInt(start) : default,
            item.TryGetValue("taken", out var taken) ? new TimeSpan(DynamoTable.ReadNumber(taken)) : null);
    }

    public static Item Write(PartitionAddress partition, Adjudication adjudication)
    {
        var item = Key(partition.Key, string.Create(
            CultureInfo.InvariantCulture, $"{Rulings}{Digits(adjudication.Task)}/{adjudication.Index:D3}/{adjudication.At.UtcTicks:D19}/{adjudication.Hash}"));
        DynamoAdjudicationItem.Write(item, adjudication);
        return item;
    }

    public static Adjudication ReadAdjudication(Item item) => DynamoAdjudicationItem.Read(item[RangeKey].S.Split('/'), item);

    /// <summary>A task item of which attempts up to the claim's are barred.</summary>
    public static Item WriteBarred(PartitionAddress partition, Claim claim)
    {
        var item = TaskKey(partition, claim.Place.Task);
        item[Attempt] = Value(claim.Attempt + 1);
        return item;
    }

    /// <summary>Whether an attempt at storing a task that is not stored can't succeed any more.</summary>
    /// <param name="task">Null where there is no item of it.</param>
    public static bool IsBarred(Item? task, int attempt) => task is not null && (ReadNextAttempt(task) is not { } next || next > attempt);

    /// <returns>The first attempt that may still store the task; null where none may, because it is stored or closed.</returns>
    public static int? ReadNextAttempt(Item task) => task.TryGetValue(Attempt, out var attempt) ? ReadInt(attempt) : null;

    public static Item Write(ClassAddress address, ImageUrl url, Claim claim)
    {
        var item = PlaceKey(address, url);
        item[Url] = new(url.Value);
        item[Partition] = Value(claim.Place.Partition);
        item[Number] = Value(claim.Place.Task.Value);
        item[Position] = Value(claim.Place.Index);
        if (claim.Attempt > 0) item[Attempt] = Value(claim.Attempt);
        return item;
    }

    public static Claim ReadClaim(Item place) => new(
        new ImagePlace(ReadInt(place[Partition]), new TaskNumber(ReadInt(place[Number])), ReadInt(place[Position])),
        place.TryGetValue(Attempt, out var attempt) ? ReadInt(attempt) : 0);

    public static Item Write(Incarnation incarnation, TaskBlock block)
    {
        var item = Key(BlocksKey(incarnation), Digits(new TaskNumber(block.End - 1)));
        item["first"] = Value(block.First.Value);
        item["count"] = Value(block.Count);
        item["label"] = new(block.Label.Value);
        item[Partition] = Value(block.Partition);
        return item;
    }

    public static TaskBlock ReadBlock(Item item) =>
        new(new TaskNumber(ReadInt(item["first"])), ReadInt(item["count"]), Label.Create(item["label"].S), ReadInt(item[Partition]));

    public static Item Write(PartitionAddress partition, ListedState state)
    {
        var item = Key(partition.Key, Listed + Digits(state.Task));
        item["revision"] = Value(state.RulesRevision);
        item["counts"] = Value(state.Counts);
        item["at"] = Value(state.LastAnswerAt.UtcTicks);
        return item;
    }

    public static ListedState ReadListed(Item item) => new(
        ReadDigits(item[RangeKey].S.AsSpan(Listed.Length)), ReadInt(item["revision"]), ReadInt(item["counts"]), new SubmissionTime(DynamoTable.ReadNumber(item["at"])));

    private static byte[] WriteAnonymous(ImmutableArray<CorpusImage> images)
    {
        var bytes = new byte[images.Length * 2 * sizeof(int)];
        foreach (var (index, image) in images.Index())
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(index * 2 * sizeof(int)), image.Anonymous?.Confirms ?? NoCount);
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(((index * 2) + 1) * sizeof(int)), image.Anonymous?.Disconfirms ?? NoCount);
        }
        return bytes;
    }

    private static AnonymousVotes? ReadAnonymous(byte[]? bytes, int index)
    {
        if (bytes is null) return null;
        var confirms = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(index * 2 * sizeof(int)));
        return confirms == NoCount ? null : new(confirms, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(((index * 2) + 1) * sizeof(int))));
    }

    /// <summary>The worker comes last, so that nothing in its id can end the key.</summary>
    private static string JobsKey(WorkerId worker) => $"worker!{worker}";

    public static ItemRange Between(string hash, string first, string last) => ItemRange.Between(hash, RangeKey, first, last);

    /// <summary>A key behind all that begin so, and before all others that follow.</summary>
    private static string After(string prefix) => prefix[..^1] + (char)(prefix[^1] + 1);

    public static Item Key(string hash, string range) => new() { [DynamoTable.HashKey] = new(hash), [RangeKey] = new(range) };

    private static string Digits(TaskNumber task) => task.Value.ToString("D10", CultureInfo.InvariantCulture);

    private static TaskNumber ReadDigits(ReadOnlySpan<char> digits) => new(int.Parse(digits, CultureInfo.InvariantCulture));

    private static AttributeValue Value(long value) => DynamoTable.Number(value);

    private static int ReadInt(AttributeValue value) => (int)DynamoTable.ReadNumber(value);

    private static AttributeValue Bytes(byte[] value) => new() { B = new MemoryStream(value) };
}

/// <summary>What the place of an image says.</summary>
/// <param name="Place">Its task may not be stored yet, or never be; its index is that among the images that the task was to have.</param>
/// <param name="Attempt">Which attempt at storing the task claimed it, from 0.</param>
internal readonly record struct Claim(ImagePlace Place, int Attempt);
