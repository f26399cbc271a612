using System.Text;
using BulkQA.Core;
using BulkQA.Corpora;

namespace BulkQA.Api;

/// <summary>
/// Shuffles a corpus that may be larger than memory, by <see cref="ShuffleKey"/>: the same corpus and seed give the same order
/// whenever the import is repeated. Lines wait in 256 temporary files by their keys' first byte, so that a 256th of the corpus
/// is in memory at a time. See <see cref="TemporaryFile"/>.
/// </summary>
internal sealed class CorpusShuffle(int seed) : IAsyncDisposable
{
    private const int Parts = 256;

    private readonly FileStream?[] _parts = new FileStream?[Parts];

    public void Add(CorpusItem item, long line)
    {
        var key = ShuffleKey.Of(seed, item.Label, item.Url);
        var part = _parts[(int)(key >> 56)] ??= TemporaryFile.Create("shuffle");
        using var writer = new BinaryWriter(part, Encoding.UTF8, leaveOpen: true);
        writer.Write(key);
        writer.Write(line);
        writer.Write(item.Url.Value);
        writer.Write(item.Label.Value);
        writer.Write(item.Confidence?.Value ?? double.NaN);
        writer.Write(item.Anonymous?.Confirms ?? -1);
        writer.Write(item.Anonymous?.Disconfirms ?? -1);
        writer.Write(item.Version?.Value ?? "");
    }

    /// <summary>All lines, in random order. Of two with the same image the earlier comes first, as in the corpus.</summary>
    public IEnumerable<(CorpusItem Item, long Line)> Read()
    {
        foreach (var part in _parts)
            if (part is not null)
                foreach (var entry in Read(part).OrderBy(entry => entry.Key).ThenBy(entry => entry.Line)) yield return (entry.Item, entry.Line);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in _parts)
            if (part is not null) await part.DisposeAsync();
    }

    private static List<(ulong Key, long Line, CorpusItem Item)> Read(FileStream part)
    {
        part.Position = 0;
        using var reader = new BinaryReader(part, Encoding.UTF8, leaveOpen: true);
        var entries = new List<(ulong, long, CorpusItem)>();
        while (part.Position < part.Length)
        {
            var (key, line) = (reader.ReadUInt64(), reader.ReadInt64());
            var (url, label, confidence) = (ImageUrl.Create(reader.ReadString()), Label.Create(reader.ReadString()), reader.ReadDouble());
            var (confirms, disconfirms) = (reader.ReadInt32(), reader.ReadInt32());
            var version = reader.ReadString();
            entries.Add((key, line, new CorpusItem(
                url, label, double.IsNaN(confidence) ? null : Percent.Create(confidence), confirms < 0 ? null : new AnonymousVotes(confirms, disconfirms),
                Version: version.Length == 0 ? null : ModelVersion.Create(version))));
        }
        return entries;
    }
}
