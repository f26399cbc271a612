using BulkQA.Core;

namespace BulkQA.Api;

/// <summary>Lines that were taken, and are perhaps not what was meant.</summary>
/// <param name="Kind">What is the matter, for programs: <c>pictureNotShown</c> or <c>confidenceScale</c>.</param>
/// <param name="Detail">How many lines, what the matter is with them, and what to do, for people.</param>
/// <param name="Lines">The first 100 of them, in order.</param>
public sealed record ImportWarning(string Kind, string Detail, IReadOnlyList<long> Lines)
{
    public const int MaxLines = 100;
}

/// <summary>Gathers the warnings of one import: one a kind, with its count and first lines.</summary>
internal sealed class ImportWarnings(string imageBase)
{
    private readonly ImageBase _imageBase = new(imageBase);
    private readonly Found _notShown = new();
    private readonly Found _atMostOne = new();
    private bool _anyAboveOne;

    /// <summary>Looks at an item, whether it becomes an image or not. They come in the order of their lines.</summary>
    public void Look(CorpusItem item, long line)
    {
        if (!_imageBase.Holds(item.Url)) _notShown.Add(line);
        if (_anyAboveOne) return;
        if (item.Confidence.Value > 1) _anyAboveOne = true;
        else _atMostOne.Add(line);
    }

    public IReadOnlyList<ImportWarning> ToList()
    {
        var warnings = new List<ImportWarning>();
        if (_notShown.Count > 0)
        {
            warnings.Add(_notShown.Warn(
                "pictureNotShown",
                $"{Lines(_notShown.Count)} pictures that can't be shown here: pictures are only read below the job's imageBase, {imageBase}, "
                + "by paths without '.', '..', '//' and backslashes. The images count, and can be judged elsewhere."));
        }
        if (!_anyAboveOne && _atMostOne.Count > 0)
        {
            warnings.Add(_atMostOne.Warn(
                "confidenceScale",
                $"{Lines(_atMostOne.Count)} confidences of at most 1, and none has a greater one. They were taken as percent, from 0 to 100: "
                + "if they are fractions, delete the job, multiply them by 100 and import again."));
        }
        return warnings;
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
