using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using BulkQA.Core;

namespace BulkQA.Storage;

/// <summary>A task in the form in which SQLite keeps it. Made before the writer's turn: what it does there, everybody waits for.</summary>
internal sealed class SqliteTaskRow(TaskContent task)
{
    private static readonly JsonSerializerOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public TaskContent Task { get; } = task;

    /// <summary>One little-endian double an image; NaN for none.</summary>
    public byte[] Packed { get; } = MemoryMarshal.AsBytes<double>(task.PackConfidences()).ToArray();

    /// <summary>A JSON array of strings.</summary>
    public string Urls { get; } = Json(task.Images.Select(image => image.Url.Value));

    /// <summary>How many of its images have their place in it: all but gold that is mixed in, and none of a follow-up.</summary>
    public int Places { get; } = task.Images.Count(image => !image.IsElsewhere);

    /// <summary><see cref="Urls"/> with null for images that have their place elsewhere.</summary>
    public string PlacedUrls => Places == Task.Images.Length ? Urls : Json(Task.Images.Select(image => image.IsElsewhere ? null : image.Url.Value));

    /// <summary>As <see cref="ImageMarks.Write"/> writes it.</summary>
    public string? Gold { get; } = ImageMarks.Write(task.Images);

    /// <summary>As <see cref="TaskVersions.Write"/> writes it.</summary>
    public string? Versions { get; } = task.Versions.Write();

    /// <summary>A JSON array with <c>[confirms, disconfirms]</c> or null for each image; null where no image has any.</summary>
    public string? Anonymous { get; } = task.Images.All(image => image.Anonymous is null) ? null
        : JsonSerializer.Serialize(task.Images.Select(image => image.Anonymous is { } votes ? new[] { votes.Confirms, votes.Disconfirms } : null));

    public static string Json(IEnumerable<string?> urls) => JsonSerializer.Serialize(urls, _json);

    public static double[] Confidences(byte[] packed) => MemoryMarshal.Cast<byte, double>(packed).ToArray();

    public static TaskContent Unpack(int number, byte[] packed, string urls, string? anonymous, string? gold, string? versions)
    {
        var confidences = MemoryMarshal.Cast<byte, double>(packed);
        var names = JsonSerializer.Deserialize<string[]>(urls)!;
        var votes = anonymous is null ? null : JsonSerializer.Deserialize<int[]?[]>(anonymous);
        var marks = ImageMarks.ReadGold(gold).ToDictionary(mark => mark.Image, mark => mark.Answer);
        var spots = ImageMarks.ReadSpots(gold);
        var models = TaskVersions.Read(versions);
        var images = ImmutableArray.CreateBuilder<CorpusImage>(names.Length);
        for (var i = 0; i < names.Length; i++)
            images.Add(new CorpusImage(
                ImageUrl.Create(names[i]), double.IsNaN(confidences[i]) ? null : Percent.Create(confidences[i]),
                votes?[i] is [var confirms, var disconfirms] ? new AnonymousVotes(confirms, disconfirms) : null,
                marks.TryGetValue(i, out var answer) ? answer : null, models.Of(i), spots.IsEmpty ? null : spots[i]));
        return new TaskContent(new TaskNumber(number), images.MoveToImmutable());
    }
}
