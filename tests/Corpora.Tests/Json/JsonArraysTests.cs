using System.Text;
using System.Text.Json;
using CsCheck;

namespace BulkQA.Corpora.Tests;

public sealed class JsonArraysTests
{
    private static readonly Gen<string> _space = Gen.OneOfConst("", "", "", " ", "\n", "\r\n\t ");

    private static readonly Gen<string> _scalar = Gen.OneOfConst(
        "null", "true", "false", "0", "-1.5e3", "\"\"", "\"a\"", "\"[{\"", "\"\\\"]\"", "\"\\\\\"", "\"\\u00e9 犬 🐕\"", "\",\"", "[]", "{}");

    private static readonly Gen<string> _value = Gen.Recursive<string>((depth, inner) => depth > 4 ? _scalar : Gen.Frequency(
        (4, _scalar),
        (1, Gen.Select(inner.Array[0, 3], _space, (values, space) => $"[{space}{string.Join($",{space}", values)}{space}]")),
        (2, Gen.Select(inner.Array[0, 3], _space, (values, space) => $"{{{space}{string.Join($"{space},", values.Select((value, index) => $"\"{index}\"{space}:{space}{value}"))}}}"))));

    private static readonly Gen<string> _array = Gen.Select(_value.Array[0, 5], _space, _space, (values, before, after) =>
        $"{before}[{after}{string.Join($"{before},{after}", values)}{before}]{after}");

    /// <summary>Wherever the stream is cut into reads.</summary>
    [Fact]
    public void Read_AnyArray_HasTheElementsThatTheSerializerFinds() => _array.Sample(text =>
    {
        var expected = JsonSerializer.Deserialize<JsonElement[]>(text)!.Select(element => element.GetRawText()).ToList();
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var cut = 0; cut <= bytes.Length; cut++) Assert.Equal(expected, Read(bytes, cut));
        Assert.Equal(expected, Read(bytes, chunk: 1));
    }, iter: 100);

    [Fact]
    public void Read_ArrayThatBreaksOff_IsRefusedWhereverItDoes() => _array.Sample(text =>
    {
        var bytes = Encoding.UTF8.GetBytes(text.TrimEnd());
        for (var length = 0; length < bytes.Length; length++) Assert.Throws<BadInputException>(() => Read(bytes[..length]));
    }, iter: 100);

    /// <summary>With characters lost, doubled and put in: what the serializer refuses is refused, and nothing else.</summary>
    [Fact]
    public void Read_DamagedArray_IsTakenOrRefusedAsTheSerializerDoes() =>
        Gen.Select(_array, Gen.Int[0, 1_000], Gen.OneOfConst("", ",", "[", "]", "{", "}", "\"", ":", "\\", "1", "x", " ", "null"), Gen.Int[0, 2]).Sample((text, place, insert, remove) =>
        {
            var at = place % (text.Length + 1);
            var damaged = text[..at] + insert + text[Math.Min(text.Length, at + remove)..];
            // Half a surrogate pair is not UTF-8, and a matter of its own.
            if (damaged.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar)) return;
            IEnumerable<string>? expected = null;
            try
            {
                expected = JsonSerializer.Deserialize<JsonElement[]>(damaged)?.Select(element => element.GetRawText());
            }
            catch (JsonException)
            {
            }
            var bytes = Encoding.UTF8.GetBytes(damaged);
            if (expected is null) Assert.Throws<BadInputException>(() => Read(bytes));
            else Assert.Equal(expected, Read(bytes));
        }, iter: 5_000);

    [Fact]
    public void Read_ByteOrderMark_IsSkipped() => Assert.Equal(["1"], Read([0xEF, 0xBB, 0xBF, .. "[1]"u8]));

    [Fact]
    public void Read_ElementOfInvalidUtf8_IsRejectedAndTheRestIsRead() =>
        Assert.Equal(["1", "!the element is not valid UTF-8", "2"], Read([.. "[1,\""u8, 0xFF, .. "\",2]"u8]).Select(element => element.Split(':')[0]));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1] 2")]
    [InlineData("[1,]")]
    [InlineData("[,1]")]
    [InlineData("[1 2]")]
    [InlineData("[{\"a\"}]")]
    [InlineData("[{]}")]
    public void Read_NoArray_IsRefused(string text) => Assert.Throws<BadInputException>(() => Read(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Read_ElementDeeperThanAllowed_IsRejectedAndTheRestIsRead()
    {
        string Nested(int depth) => new string('[', depth) + new string(']', depth);
        Assert.Equal([Nested(16), "!the element is nested deeper than 16 levels", "1"], Read(Encoding.UTF8.GetBytes($"[{Nested(16)},{Nested(17)},1]")));
    }

    [Theory]
    [InlineData(65_536, true)]
    [InlineData(65_537, false)]
    public void Read_LongElement_IsTakenUpToTheLimitHoweverTheStreamIsCut(int length, bool taken)
    {
        var element = $"\"{new string('x', length - 2)}\"";
        foreach (var cut in (int[])[0, 1, 2, 65_535, 65_536, 65_537, 65_538, 65_539])
            Assert.Equal(taken ? ["1", element, "2"] : ["1", "!the element is longer than 65536 bytes", "2"], Read(Encoding.UTF8.GetBytes($"[1,{element},2]"), cut));
    }

    [Theory]
    [InlineData("{\"a\":\"", "\"}", 'x')]
    [InlineData("{\"a\":\"", "\"}", ']')]
    [InlineData("[\"", "\",1]", '\\')]
    [InlineData("", "", '9')]
    [InlineData("[", "]", '1')]
    public void Read_ElementOfMegabytes_IsRejectedInBoundedMemoryAndTheRestIsRead(string before, string after, char filling)
    {
        var bytes = Encoding.UTF8.GetBytes($"[1,{before}{new string(filling, 10_000_000)}{after},2]");
        GC.Collect();
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(["1", "!the element is longer than 65536 bytes", "2"], Read(bytes));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 1_000_000);
    }

    /// <summary>The elements as written; of a rejected one the problem behind an exclamation mark.</summary>
    private static List<string> Read(byte[] bytes, int chunk = int.MaxValue)
    {
        using var stream = new CutStream(bytes, chunk);
        return [.. JsonArrays.ReadAsync(stream).ToBlockingEnumerable().Select(element =>
        {
            using var document = element.Document;
            return document?.RootElement.GetRawText() ?? $"!{element.Problem}";
        })];
    }

    /// <summary>Gives the first read so many bytes, or each of them where it is 1.</summary>
    private sealed class CutStream(byte[] bytes, int cut) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(cut == 1 || (Position == 0 && cut > 0 && cut < buffer.Length) ? buffer[..cut] : buffer, cancellationToken);
    }
}
