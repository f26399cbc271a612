using System.IO.Hashing;
using System.Runtime.InteropServices;
using BulkQA.Core;
using BulkQA.Corpora;

namespace BulkQA.Api;

/// <summary>Lines that were taken, and are perhaps not what was meant.</summary>
/// <param name="Kind">
/// What is the matter, for programs: <c>pictureNotShown</c>, <c>confidenceScale</c>, <c>noConfidence</c>, <c>noGold</c>, <c>noModelVersion</c>, <c>similarLabels</c> or <c>severalLabels</c>.
/// </param>
/// <param name="Detail">How many lines, what the matter is with them, and what to do, for people.</param>
/// <param name="Lines">The first 100 of them, in order.</param>
public sealed record ImportWarning(string Kind, string Detail, IReadOnlyList<long> Lines)
{
    public const int MaxLines = 100;
}

/// <summary>Gathers the warnings of one import, in bounded memory: one a kind, with its count and first lines.</summary>
internal sealed class ImportWarnings(JobSettings settings)
{
    /// <summary>Images among which those with several labels are looked for.</summary>
    private const int MaxImages = 500_000;

    private const int MaxLabels = 20_000;

    private readonly ImageBase _imageBase = new(settings.ImageBase);
    private readonly Found _notShown = new();
    private readonly Found _atMostOne = new();
    private readonly Found _withoutConfidence = new();
    private readonly Found _similar = new();
    private readonly Found _several = new();
    private readonly List<string> _similarPairs = [];
    private readonly Dictionary<string, string> _spellings = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _otherSpellings = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, int> _labelOf = [];
    private bool _anyAboveOne;

    /// <summary>Looks at an item, whether it becomes an image or not. They come in the order of their lines.</summary>
    public void Look(CorpusItem item, long line)
    {
        if (!_imageBase.Holds(item.Url) && !settings.PictureHosts.Holds(item.Url.Value)) _notShown.Add(line);
        if (item.Confidence is not { } confidence) _withoutConfidence.Add(line);
        else if (confidence.Value > 1) _anyAboveOne = true;
        else if (!_anyAboveOne) _atMostOne.Add(line);
        LookAtSpelling(item.Label.Value, line);
        LookAtImage(item, line);
    }

    /// <param name="reading">How the corpus was read.</param>
    public IReadOnlyList<ImportWarning> ToList(CorpusReading reading)
    {
        var warnings = new List<ImportWarning>();
        if (_notShown.Count > 0)
        {
            warnings.Add(_notShown.Warn(
                "pictureNotShown",
                $"{Lines(_notShown.Count)} pictures that can't be shown here: pictures are only read below the job's imageBase, {settings.ImageBase}, "
                + "by paths without '.', '..', '//' and backslashes, and from https hosts that the job names (pictureHosts). The images count, and can be judged elsewhere."));
        }
        if (!_anyAboveOne && _atMostOne.Count > 0 && reading.TakenAsTheJobHolds)
        {
            warnings.Add(_atMostOne.Warn(
                "confidenceScale",
                $"{Lines(_atMostOne.Count)} confidences of at most 1, and none has a greater one. They were taken as percent, as the job holds percents already: "
                + "if they are fractions, delete the job, and import with ?scale=fraction."));
        }
        if (_withoutConfidence.Count > 0)
        {
            warnings.Add(_withoutConfidence.Warn(
                "noConfidence",
                $"{Lines(_withoutConfidence.Count)} no confidence, so that their images count in the bucket 'unknown'."
                + (reading.Confidence is null ? " Where a column has it, name it by ?confidence= and import into a new job." : "")));
        }
        if (reading.Options.Gold is { } gold && reading.Gold is null)
            warnings.Add(new ImportWarning("noGold", $"No record has '{(gold.Length > 60 ? gold[..60] + "…" : gold)}', which was named for gold: all images are to be judged.", []));
        if (reading.Options.VersionColumn is { } version && reading.Version is null)
            warnings.Add(new ImportWarning("noModelVersion", $"No record has '{(version.Length > 60 ? version[..60] + "…" : version)}', which was named for the model version: no image is of any.", []));
        if (_similar.Count > 0)
        {
            warnings.Add(_similar.Warn(
                "similarLabels",
                $"{Lines(_similar.Count)} labels that differ from an earlier one by case or by spaces alone, and are classes of their own: {string.Join("; ", _similarPairs)}."));
        }
        if (_several.Count > 0)
        {
            warnings.Add(_several.Warn(
                "severalLabels",
                $"{Lines(_several.Count)} an image that an earlier line has with another label. Each label is an item of its own. Looked for among the first {MaxImages} images."));
        }
        return warnings;
    }

    private void LookAtSpelling(string label, long line)
    {
        var plain = label.AsSpan().Trim();
        var spellings = _spellings.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!spellings.TryGetValue(plain, out var first))
        {
            if (_spellings.Count < MaxLabels) spellings[plain] = label;
            return;
        }
        if (first == label) return;
        _similar.Add(line);
        if (_otherSpellings.Count < MaxLabels && _otherSpellings.Add(label) && _similarPairs.Count < 10) _similarPairs.Add($"'{first}' and '{label}'");
    }

    private void LookAtImage(CorpusItem item, long line)
    {
        // By hashes: a URL may have a thousand bytes, and one wrong warning in some billions of images harms nobody.
        var key = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(item.Url.Value.AsSpan()));
        var label = item.Label.Value.GetHashCode(StringComparison.Ordinal);
        if (_labelOf.TryGetValue(key, out var other))
        {
            if (other != label) _several.Add(line);
        }
        else if (_labelOf.Count < MaxImages)
        {
            _labelOf[key] = label;
        }
    }

    private static string Lines(long count) => count == 1 ? "1 line has" : $"{count} lines have";

    private sealed class Found
    {
        private readonly List<long> _lines = [];

        public long Count { get; private set; }

        public void Add(long line)
        {
            Count++;
            if (_lines.Count < ImportWarning.MaxLines) _lines.Add(line);
        }

        public ImportWarning Warn(string kind, string detail) => new(kind, detail, _lines);
    }
}
