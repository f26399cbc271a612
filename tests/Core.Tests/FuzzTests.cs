using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace BulkQA.Core.Tests;

/// <summary>
/// Everything that reads what comes from outside, given damaged and made-up input: it is taken, or refused with a
/// <see cref="BadInputException"/>; nothing else, not slowly, and not at the price of memory out of proportion.
/// <c>BULKQA_FUZZ_ROUNDS</c> says how often (10,000), <c>BULKQA_FUZZ_SEED</c> from where. It reports what was wrong with how
/// many inputs.
/// </summary>
public sealed partial class FuzzTests
{
    private const long BaseBytes = 8 * 1024 * 1024;
    private const int BytesPerByte = 2_000;

    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(2);

    private static readonly string[] _labels = ["Dog", "Dog", "Dog"];

    private static readonly Dictionary<string, (string[] Samples, Func<byte[], IEnumerable<string>> Read)> _readers = new()
    {
        ["corpus, CSV"] = (["image_local_path,label,confidence\na.jpg,\"Dog, big\",87.5\nb.jpg,Cat,90\n", "s3_image_url,label,confidence,WorkerConfirmCount\r\ns3://b/1,犬,80,3\r\n", "Score,class,filename\r80,Dog,a.jpg\r81,\"x\ry\",https://e/b.jpg\r", "a.jpg,Dog,80\ns3://c/b.jpg,Dog,81"],
            bytes => ReadAll(bytes, CorpusFormat.Csv)),
        ["corpus, NDJSON"] = (["{\"s3_image_url\":\"s3://b/1\",\"label\":\"Dog\",\"confidence\":\"80\"}\n{\"image_local_path\":\"a\",\"label\":\"x\",\"confidence\":1e1}\n"],
            bytes => ReadAll(bytes, CorpusFormat.NdJson)),
        ["votes, array"] = (["""[{"imageUrl":"s3://b/1","label":"Dog","workerId":"w","confirmed":true}, {"a":[[1,"\\\"]"]]} ,null,-1.5e3,"x"]"""],
            bytes => JsonArrays.ReadAsync(new MemoryStream(bytes)).ToBlockingEnumerable().Select(element =>
            {
                element.Document?.Dispose();
                return element.Problem;
            }).OfType<string>()),
        ["message, by task"] = (["""{"schema":2,"job":"dogs","incarnation":"dogs~0123456789ab","submittedAt":639000000000000000,"task":3,"workers":[{"worker":"ann","answers":"cdtn-","boxes":"ticked","seconds":12.5},{"worker":"bob","answers":"ccccc"}]}"""],
            bytes => WrittenAgain(AnswersMessage.Parse(bytes))),
        ["message, by image"] = (["""{"schema":2,"job":"dogs","images":[{"url":"s3://b/1","label":"Dog","answers":{"ann":"confirm","bob":"notSeen"}}]}""", """{"schema":1,"job":"dogs","incarnation":"dogs~0123456789ab","task":3,"submittedAt":639000000000000000,"images":[{"url":"s3://b/1","label":"Dog","confidence":"87.5","answers":{"ann":true,"bob":false}}]}"""],
            bytes => WrittenAgain(AnswersMessage.Parse(bytes))),
        ["payload"] = (["""[{"datasetObjectId":"0","dataObject":{"s3Uri":"s3://b/0.json"},"annotations":[{"workerId":"a","annotationData":{"content":"{\"Dog-0\":{\"Confirmed\":true}}"}}]},{"datasetObjectId":"1","dataObject":{"content":"[]"},"annotations":[]}]"""],
            bytes => Read(Payload.Parse(bytes))),
        ["post-labeling request"] = (["""{"version":"2018-10-16","labelingJobArn":"arn:aws:sagemaker:us-east-1:123456789012:labeling-job/dogs","labelCategories":null,"labelAttributeName":"dogs","roleArn":"arn:aws:iam::1:role/r","payload":{"s3Uri":"s3://b/p.json"}}"""],
            bytes => Nothing(PostLabelingRequest.Parse(bytes))),
        ["pre-labeling request"] = (["""{"version":"2018-10-16","labelingJobArn":"arn:aws:sagemaker:us-east-1:123456789012:labeling-job/dogs","dataObject":{"source-ref":"s3://b/0.json"}}""", """{"dataObject":{"source":"[]"}}"""],
            bytes => Nothing(PreLabelingRequest.Parse(bytes))),
        ["labeling input"] = (["""[{"s3_image_url":"s3://b/1","label":"Dog","confidence":"87.27"}]""", """[{"s3_image_url":"s3://b/1","label":"Dog","policy":"quorum(2)","policyRevision":3}]"""],
            bytes => TaskPolicy.Of(LabelingInput.ReadArray(bytes), out var problem) is null && problem is not null ? [problem] : []),
        ["manifest line"] = (["""{"source-ref":"s3://b/custom-labeling-inputs/0.json"}"""], bytes => Nothing(Manifest.SourceRefOf(Encoding.UTF8.GetString(bytes)))),
        ["answers"] = (["""{"Dog-0":{"Confirmed":true},"Dog-1":{"Confirmed":false},"Dog-2":{"Confirmed":true}}""", """{"Dog-0":{"NotSeen":true},"Dog-1":{"CantTell":true,"Confirmed":false},"Dog-2":{"NotSeen":false,"Confirmed":true}}"""], bytes => Answers.Parse(Encoding.UTF8.GetString(bytes), _labels, out var problems) is null ? problems : []),
        ["places key"] = (["dogs~0123456789ab/Dog %2F@3"], bytes => Nothing(ClassAddress.ParsePlacesKey(Encoding.UTF8.GetString(bytes)))),
        ["partition key"] = (["dogs~0123456789ab/Dog %2F#3"], bytes => Nothing(PartitionAddress.Parse(Encoding.UTF8.GetString(bytes)))),
        ["image key"] = (["dogs~0123456789ab/Dog %40|s3://b/1|2"], bytes => Nothing(ImageAddress.Parse(Encoding.UTF8.GetString(bytes)))),
        ["task answers"] = (["ccdt-n"], bytes => Nothing(TaskAnswers.Parse(Encoding.UTF8.GetString(bytes)))),
        ["order"] = (["asCut", "byValue", "random(3)"], bytes => TaskOrder.TryParse(Encoding.UTF8.GetString(bytes), out _) ? [] : ["no order"]),
        ["policy"] = (["unanimous", "quorum(3)"], bytes => VerdictPolicy.TryParse(Encoding.UTF8.GetString(bytes), out _) ? [] : ["no policy"]),
    };

    public static TheoryData<string> Readers => [.. _readers.Keys];

    [Theory]
    [MemberData(nameof(Readers))]
    public void Reader_WhateverComes_TakesItOrRefusesIt(string name)
    {
        var (samples, read) = _readers[name];
        var (rounds, seed) = (Setting("ROUNDS") ?? 10_000, Setting("SEED") ?? 1);
        var problems = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var round = 0; round < rounds; round++)
        {
            var random = new Random(seed + round);
            var input = Damage(Encoding.UTF8.GetBytes(samples[random.Next(samples.Length)]), random);
            var (began, allocated) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
            try
            {
                var found = read(input).Select(Kind).Distinct().DefaultIfEmpty("(taken)");
                foreach (var problem in found) problems[problem] = problems.GetValueOrDefault(problem) + 1;
            }
            catch (BadInputException e)
            {
                Assert.NotEmpty(e.Message);
                problems[Kind(e.Message)] = problems.GetValueOrDefault(Kind(e.Message)) + 1;
            }
            catch (Exception e)
            {
                Assert.Fail($"{name}, BULKQA_FUZZ_SEED={seed + round} BULKQA_FUZZ_ROUNDS=1: {e}\ninput (base64): {Convert.ToBase64String(input)}");
            }
            var bytes = GC.GetAllocatedBytesForCurrentThread() - allocated;
            Assert.True(bytes < BaseBytes + ((long)input.Length * BytesPerByte), $"{name}, BULKQA_FUZZ_SEED={seed + round}: {bytes:N0} bytes for {input.Length:N0}");
            Assert.True(Stopwatch.GetElapsedTime(began) < _limit, $"{name}, BULKQA_FUZZ_SEED={seed + round}: took {Stopwatch.GetElapsedTime(began)}");
        }
        TestContext.Current.SendDiagnosticMessage($"{name}, {rounds} rounds: {string.Join("; ", problems.OrderByDescending(problem => problem.Value).Select(problem => $"{problem.Value} {problem.Key}"))}");
    }

    private static List<string> ReadAll(byte[] bytes, CorpusFormat format)
    {
        var problems = new List<string>();
        // Everything comes from memory: the enumerator never really waits.
        var lines = CorpusReader.ReadAsync(new MemoryStream(bytes), format, "s3://b/", TestContext.Current.CancellationToken).GetAsyncEnumerator();
        while (lines.MoveNextAsync().AsTask().GetAwaiter().GetResult())
        {
            Assert.True(lines.Current.Item is null != lines.Current.Problem is null);
            if (lines.Current.Problem is { } problem) problems.Add(problem);
        }
        return problems;
    }

    private static IEnumerable<string> Read((IReadOnlyList<PayloadObject> Objects, IReadOnlyList<string> Problems) payload) =>
        payload.Problems.Concat(payload.Objects.SelectMany(found => found.Problems));

    /// <summary>What was taken can be sent on, and is then taken whole.</summary>
    private static ImmutableArray<string> WrittenAgain((AnswersMessage Message, ImmutableArray<string> Problems) read)
    {
        var (message, problems) = read;
        if (message.Workers.Length + message.Images.Length > 0) Assert.Empty(AnswersMessage.Parse(message.Write()).Problems);
        return problems;
    }

    private static IEnumerable<string> Nothing(object? _) => [];

    /// <summary>A sentence without what it quotes.</summary>
    private static string Kind(string problem)
    {
        var kind = Quoted().Replace(problem.ReplaceLineEndings(" "), "…");
        return kind.Length <= 60 ? kind : kind[..60];
    }

    [GeneratedRegex("""(?<=JSON( array)?): .*|'[^']*'|"[^"]*"|[0-9.,]+|\{.*|<.*""")]
    private static partial Regex Quoted();

    private static byte[] Damage(byte[] sample, Random random)
    {
        var bytes = sample.ToList();
        for (var times = random.Next(1, 6); times > 0; times--)
        {
            var at = random.Next(bytes.Count + 1);
            switch (random.Next(9))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                case 2 when bytes.Count > 0:
                    bytes.RemoveRange(Math.Min(at, bytes.Count - 1), 1);
                    break;
                case 3:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 4:
                    bytes.InsertRange(at, bytes.Take(random.Next(bytes.Count + 1)).ToList());
                    break;
                case 5:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Nasty(random)));
                    break;
                case 6:
                    bytes.InsertRange(at, Enumerable.Repeat((byte)"[{\"(,"[random.Next(5)], random.Next(1, 3_000)));
                    break;
                case 7:
                    bytes.InsertRange(at, Enumerable.Repeat((byte)'9', random.Next(1, 400)));
                    break;
                default:
                    var noise = new byte[random.Next(64)];
                    random.NextBytes(noise);
                    bytes.InsertRange(at, noise);
                    break;
            }
        }
        return [.. bytes];
    }

    private static string Nasty(Random random)
    {
        string[] texts = ["null", "true", "-0", "1e999", "NaN", "\"\\ud800\"", "\\ud800", "\\u0000", "\u0000", "{}", "[]", "\"\"", "../..", "%2F%00", "\uFEFF", "\r\n", "=1+1", "9223372036854775808", "-1", "{{", "\"a\":", ",,,"];
        return texts[random.Next(texts.Length)];
    }

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable($"BULKQA_FUZZ_{name}"), CultureInfo.InvariantCulture, out var value) ? value : null;
}
