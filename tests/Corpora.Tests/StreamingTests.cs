using System.Text;

namespace BulkQA.Corpora.Tests;

/// <summary>A corpus of any length takes the memory of a few lines, in every format that is read as a stream.</summary>
[Collection(nameof(StreamingTests))]
[CollectionDefinition(nameof(StreamingTests), DisableParallelization = true)]
public sealed class StreamingTests
{
    private const int Records = 200_000;
    private const int LookEvery = 40_000;
    private const long MaxGrowthBytes = 4 * 1024 * 1024;

    private static readonly Dictionary<string, (string Before, Func<int, string> Record, string Between, string After)> _formats = new()
    {
        ["csv"] = ("image;label;confidence\n", number => $"folder/{number:d7}.jpg;Dog;90", "\n", "\n"),
        ["tsv"] = ("image\tlabel\n", number => $"folder/{number:d7}.jpg\tDog", "\n", "\n"),
        ["ndjson"] = ("", number => $$"""{"image":"folder/{{number:d7}}.jpg","label":"Dog","confidence":90}""", "\n", ""),
        ["groundtruth"] = ("", number => $$$"""{"source-ref":"s3://b/{{{number:d7}}}.jpg","x":0,"x-metadata":{"class-name":"Dog","confidence":0.9}}""", "\n", ""),
        ["rekognition"] = ("", number => $$$"""{"image":"{{{number:d7}}}.jpg","Labels":[{"Name":"Dog","Confidence":90}]}""", "\n", ""),
        ["labelstudio"] = ("[", number => $$$"""{"data":{"image":"{{{number:d7}}}.jpg"},"predictions":[{"score":0.9,"result":[{"value":{"choices":["Dog"]}}]}]}""", ",", "]"),
        ["fiftyone"] = ("""{"samples":[""", number => $$$"""{"filepath":"{{{number:d7}}}.jpg","p":{"_cls":"Classification","label":"Dog","confidence":0.9}}""", ",", "]}"),
        ["imagefolder"] = ("", number => $"Dog/{number:d7}.jpg", "\n", ""),
    };

    public static TheoryData<string> Formats => [.. _formats.Keys];

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Read_HundredsOfThousandsOfRecords_TakesTheMemoryOfAFew(string format)
    {
        var (before, record, between, after) = _formats[format];
        using var body = new GeneratedStream(Texts());
        var (count, first) = (0, 0L);
        await foreach (var line in Corpus.Lines(body, format))
        {
            Assert.NotNull(line.Item);
            if (++count % LookEvery != 0) continue;
            var held = GC.GetTotalMemory(forceFullCollection: true);
            if (first == 0) first = held;
            Assert.True(held - first < MaxGrowthBytes, $"{held - first:N0} bytes more after {count:N0} records");
        }
        Assert.Equal(Records, count);

        IEnumerable<string> Texts()
        {
            yield return before;
            for (var number = 0; number < Records; number++) yield return number == 0 ? record(number) : between + record(number);
            yield return after;
        }
    }

    /// <summary>Texts that are made as they are read.</summary>
    private sealed class GeneratedStream(IEnumerable<string> texts) : MemoryStream
    {
        private readonly IEnumerator<string> _texts = texts.GetEnumerator();
        private ReadOnlyMemory<byte> _rest;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (_rest.IsEmpty && _texts.MoveNext()) _rest = Encoding.UTF8.GetBytes(_texts.Current);
            var taken = Math.Min(buffer.Length, _rest.Length);
            _rest[..taken].CopyTo(buffer);
            _rest = _rest[taken..];
            return ValueTask.FromResult(taken);
        }
    }
}
