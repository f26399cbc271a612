using System.Collections.Immutable;
using System.Globalization;

namespace BulkQA.Core;

/// <summary>Says of one image of a task that it is gold.</summary>
/// <param name="Image">Its index in the task.</param>
public readonly record struct GoldMark(int Image, GoldAnswer Answer)
{
    /// <summary>The marks of a task's images, in their order.</summary>
    public static ImmutableArray<GoldMark> Of(IEnumerable<CorpusImage> images) =>
        [.. images.Index().Where(image => image.Item.Gold is not null).Select(image => new GoldMark(image.Index, image.Item.Gold!.Value))];

    /// <summary>
    /// A text for stores: of each mark its index, <c>r</c> or <c>w</c> for right or wrong and, where it is mixed in, the gold image's
    /// task and index, as in <c>3r17.4 9w</c>. Null for no marks.
    /// </summary>
    public static string? Write(ImmutableArray<GoldMark> marks) => marks.IsEmpty ? null : string.Join(' ', marks.Select(mark => string.Create(
        CultureInfo.InvariantCulture, $"{mark.Image}{(mark.Answer.IsRight ? 'r' : 'w')}{(mark.Answer.Of is { } of ? $"{of.Task.Value}.{of.Index}" : "")}")));

    /// <summary>The marks that <see cref="Write"/> wrote.</summary>
    /// <exception cref="BadInputException">It is no such text.</exception>
    public static ImmutableArray<GoldMark> Read(string? text) => text is null ? [] : [.. text.Split(' ').Select(ReadOne)];

    private static GoldMark ReadOne(string text)
    {
        var letter = text.AsSpan().IndexOfAny('r', 'w');
        if (letter > 0 && Number(text.AsSpan(0, letter), out var image))
        {
            var of = text.AsSpan(letter + 1);
            if (of.IsEmpty) return new(image, new GoldAnswer(text[letter] == 'r'));
            if (of.IndexOf('.') is > 0 and var dot && Number(of[..dot], out var task) && Number(of[(dot + 1)..], out var index))
                return new(image, new GoldAnswer(text[letter] == 'r', new GoldPlace(new TaskNumber(task), index)));
        }
        throw new BadInputException($"'{text}' is not a mark of a gold image");
    }

    private static bool Number(ReadOnlySpan<char> text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
