using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>Reads the bodies of uploads: files of a form, a zip, or zips among files of a form.</summary>
internal sealed class PictureUploads(
    IGrainFactory grains, IObjectStore store, ImageBases bases, PictureDecoder decoder, Previews previews, IOptions<PictureOptions> options)
{
    private const int MaxFieldBytes = 1_000;
    private const int MaxZipInMemory = 1 << 20;
    private const string FolderField = "folder";
    private const string ReplaceField = "replace";

    /// <summary>What became of the upload, or why nothing did.</summary>
    /// <param name="job">The job's name.</param>
    /// <param name="folder">Below its image base; null or empty: right there. A form may have a field of that name instead.</param>
    /// <param name="replace">Whether pictures that are there are replaced. A form may have a field of that name instead.</param>
    /// <param name="context">Of the request.</param>
    public async Task<(PictureSummary? Summary, ProblemHttpResult? Problem)> ReadAsync(string job, string? folder, bool replace, HttpContext context)
    {
        var request = context.Request;
        var type = Body.MediaTypeOf(request);
        if (type is not ("multipart/form-data" or "application/zip" or "application/x-zip-compressed"))
            return (null, Problem.MediaType("multipart/form-data or application/zip", request.ContentType));
        if (await grains.FindJobAsync(job) is not { } info) return (null, Problem.NoJob(job));
        if (info.State == JobState.Closed) return (null, Problem.Conflict($"Job '{info.Name}' is closed; open it to upload pictures."));
        // To write where others' pictures lie takes what it takes to have a job there, which is more than to use one that has.
        if (bases.Refusal(context.User, info.Name, info.Settings.ImageBase, info.Settings.Assignment) is { } refusal) return (null, refusal);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = options.Value.MaxUploadBytes;
        if (!TryReadFolder(folder, out var below)) return (null, NoFolder(folder));
        var target = new UploadTarget(info, below, replace);
        var cancellation = context.RequestAborted;
        if (type == "multipart/form-data")
        {
            return UploadForm.TryOpen(request, out var form, out var unbounded) ? await ReadFormAsync(target, form, cancellation) : (null, unbounded);
        }
        await using var upload = Begin(target, cancellation);
        await using var zip = await PictureBuffer.ReadAsync(request.Body, options.Value.MaxUploadBytes, MaxZipInMemory, cancellation);
        if (zip is null) return (null, TooLong());
        await upload.AddZipAsync(zip);
        return (await upload.FinishAsync(), null);
    }

    private PictureUpload Begin(UploadTarget target, CancellationToken cancellation) => new(target, store, bases, decoder, previews, options.Value, cancellation);

    private async Task<(PictureSummary?, ProblemHttpResult?)> ReadFormAsync(UploadTarget target, UploadForm form, CancellationToken cancellation)
    {
        PictureUpload? upload = null;
        try
        {
            while (await form.NextAsync(cancellation) is { } part)
            {
                if (part.IsFile)
                {
                    upload ??= Begin(target, cancellation);
                    if (part.FileName.EndsWith(".zip", StringComparison.OrdinalIgnoreCase)) await AddZipAsync(upload, part.FileName, part.Content, cancellation);
                    else await upload.AddAsync(part.FileName, part.Content);
                    continue;
                }
                // A form in which nothing was chosen has a file without a name.
                await using var value = await PictureBuffer.ReadAsync(part.Content, MaxFieldBytes, MaxFieldBytes, cancellation);
                using var reader = new StreamReader(value ?? Stream.Null);
                var text = await reader.ReadToEndAsync(cancellation);
                switch (part.Field)
                {
                    case FolderField or ReplaceField when upload is not null:
                        return (null, Problem.Invalid("The fields folder and replace come before the files; some of those are stored already."));
                    case FolderField when text.Trim().Length > 0:
                        if (value is null || !TryReadFolder(text.Trim(), out var below)) return (null, NoFolder(text));
                        target = target with { Folder = below };
                        break;
                    case ReplaceField:
                        target = target with { Replaces = text is "true" or "on" };
                        break;
                    case var field when text.Length > 0 && field != FolderField:
                        return (null, Problem.Invalid($"The form's field '{field}' is neither a file with a name nor one of folder, replace."));
                }
            }
            if (upload is null) return (null, Problem.Invalid("The form holds no file."));
            return (await upload.FinishAsync(), null);
        }
        finally
        {
            if (upload is not null) await upload.DisposeAsync();
        }
    }

    private async Task AddZipAsync(PictureUpload upload, string name, Stream content, CancellationToken cancellation)
    {
        await using var zip = await PictureBuffer.ReadAsync(content, options.Value.MaxUploadBytes, MaxZipInMemory, cancellation);
        try
        {
            if (zip is null) upload.Reject(name, $"takes more than {options.Value.MaxUploadBytes >> 20} MiB, which is the most of one upload");
            else await upload.AddZipAsync(zip);
        }
        // Others of the form are stored already; so this one is theirs to mend and the rest counts.
        catch (BadInputException e)
        {
            upload.Reject(name, $"can't be unpacked: {e.Message}");
        }
    }

    private static bool TryReadFolder(string? folder, out string below)
    {
        below = string.IsNullOrEmpty(folder) ? "" : $"{folder.TrimEnd('/')}/";
        return below.Length == 0 || ObjectUri.PathProblem(below.AsSpan()[..^1]) is null;
    }

    private static ProblemHttpResult NoFolder(string? folder) => Problem.Invalid($"folder: '{folder}' is not the path of a folder below the job's imageBase, such as 2026/june");

    private ProblemHttpResult TooLong() => Problem.TooLarge($"An upload takes {options.Value.MaxUploadBytes >> 20} MiB at most; send it in parts.");
}
