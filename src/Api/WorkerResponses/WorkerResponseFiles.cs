using System.Collections.Immutable;
using System.Globalization;
using BulkQA.Core;
using BulkQA.Corpora;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

/// <summary>Worker responses as they come: in bounded memory, file by file.</summary>
internal static class WorkerResponseFiles
{
    /// <summary>Of a zip, and of what it unpacks to.</summary>
    private const long MaxZipBytes = 1L << 30;

    /// <summary>A labeling job has 100,000 objects at most, and one file for each time that somebody submitted.</summary>
    private const int MaxFiles = 1_000_000;

    private const int MaxInMemory = 1 << 20;

    /// <exception cref="BadInputException">It can't be read, or is more than one upload may be; nothing of it is taken.</exception>
    public static async Task<ProblemHttpResult?> ReadZipAsync(Stream body, WorkerResponseIntake intake, CancellationToken cancellation)
    {
        await using var zip = await PictureBuffer.ReadAsync(body, MaxZipBytes, MaxInMemory, cancellation);
        if (zip is null) return Problem.TooLarge($"A zip takes {MaxZipBytes >> 20} MiB at most; send it in parts.");
        var reader = ZipReader.Open(zip);
        if (reader.Count > MaxFiles) throw new BadInputException($"The zip has {reader.Count} entries, and {MaxFiles} are the most; send it in parts.");
        var unpacked = 0L;
        foreach (var entry in reader.Entries())
        {
            if (ZipUnpacking.IsIgnored(entry.Name)) continue;
            if (entry.Problem is null && entry.Length <= Answers.MaxBytes && (unpacked += entry.Length) > MaxZipBytes) return Problem.TooLarge($"A zip unpacks to {MaxZipBytes >> 20} MiB at most; send it in parts. What comes before '{entry.Name}' is taken.");
            if (entry.Problem is { } unreadable) intake.Reject(entry.Name, unreadable);
            else if (entry.Length > Answers.MaxBytes) intake.Reject(entry.Name, TooLong);
            else if (await ZipUnpacking.UnpackAsync(reader, entry, MaxInMemory, cancellation) is not { } content) intake.Reject(entry.Name, "is damaged in the zip");
            else await using (content) await AddFileAsync(entry.Name, content, intake, cancellation);
        }
        return null;
    }

    /// <exception cref="BadInputException">The form can't be read on.</exception>
    public static async Task<ProblemHttpResult?> ReadFormAsync(HttpRequest request, WorkerResponseIntake intake, CancellationToken cancellation)
    {
        if (!UploadForm.TryOpen(request, out var form, out var problem)) return problem;
        for (var files = 0; await form.NextAsync(cancellation) is { } part; files++)
        {
            if (files == MaxFiles) return Problem.TooLarge($"A form has {MaxFiles} files at most; send it in parts.");
            if (!part.IsFile) intake.Reject(part.Field ?? "", "is no file with a name");
            else await AddFileAsync(part.FileName, part.Content, intake, cancellation);
        }
        return null;
    }

    /// <summary>Each line as a file, with <c>object</c> beside <c>answers</c>.</summary>
    public static async Task ReadLinesAsync(Stream body, WorkerResponseIntake intake, CancellationToken cancellation)
    {
        var line = 0L;
        await foreach (var record in JsonLines.ReadAsync(body, cancellation))
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"line {++line}");
            using var document = record.Document;
            if (document is null) intake.Reject(place, record.Problem!);
            else await TakeAsync(place, () => GroundTruthResponse.ReadLine(document.RootElement), intake);
        }
    }

    private static string TooLong => string.Create(CultureInfo.InvariantCulture, $"takes more than {Answers.MaxBytes >> 20} MiB, which is the most of one file");

    private static async Task AddFileAsync(string name, Stream content, WorkerResponseIntake intake, CancellationToken cancellation)
    {
        if (GroundTruthResponse.ObjectOf(name) is not { } number)
        {
            intake.Reject(name, "does not end in iteration-{n}/{object}/{time}.json");
            return;
        }
        await using var whole = await PictureBuffer.ReadAsync(content, Answers.MaxBytes, Answers.MaxBytes, cancellation);
        if (whole is null) intake.Reject(name, TooLong);
        else await TakeAsync(name, () => GroundTruthResponse.Parse(((MemoryStream)whole).ToArray()) is var (responses, problems) ? (number, responses, problems) : default, intake);
    }

    private static async Task TakeAsync(
        string place, Func<(int Object, ImmutableArray<GroundTruthResponse> Responses, ImmutableArray<string> Problems)> read, WorkerResponseIntake intake)
    {
        try
        {
            var (number, responses, problems) = read();
            foreach (var problem in problems) intake.Reject(place, problem);
            await intake.AddAsync(place, number, responses);
        }
        catch (BadInputException e)
        {
            intake.Reject(place, e.Message);
        }
    }
}
