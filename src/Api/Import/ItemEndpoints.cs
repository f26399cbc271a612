using BulkQA.Corpora;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace BulkQA.Api;

internal static class ItemEndpoints
{
    public static IServiceCollection AddImport(this IServiceCollection services) => services.AddSingleton<CorpusImporter>();

    public static void MapItems(this IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/items/preview", PreviewAsync).For(Role.Lead).WithTags("Corpus").WithProblems()
            .WithSummary("Tells what an import into a new job would make of a corpus: the first 1,000 records, as a dry run does, without a job; stores nothing")
            .WithDescription($"Takes {PreviewBody.MaxBytes >> 20} MiB at most: of a format of lines the first of them do; of another send it whole, or create the job and ask for a dry run of its import.")
            .Accepts<string>("text/csv", BodyTypes)
            .WithMetadata(new PreviewBody());
        app.MapPost("/v1/jobs/{job}/items", ImportAsync).Records("importItems").WithTags("Corpus").WithProblems()
            .WithSummary("Imports a corpus; streamed, of any size; repeating it is harmless")
            .WithDescription(
                "CSV (comma, semicolon, tab or pipe) has a header, whose columns may come in any order among others: the image (`image`, `image_local_path`, `s3_image_url`, `file`, `filename`, `file_name`, "
                + "`filepath`, `path`, `image_path`, `url`, `uri`, `s3_uri`, `image_url`), the label (`label`, `class`, `class_name`, `category`, `prediction`) and the confidence "
                + "(`confidence`, `score`, `prob`, `probability`); or none, and then image, label and confidence in this order; where it is not clear which, `header` has to say. NDJSON has properties of the same names. Other formats and other names are said in the query. "
                + "The model version (`model_version`, `modelVersion`) may be there: a job has 100 at most. The confidence may be missing. Where all confidences lie between 0 and 1, `scale` has to say what they are. An image is a URL where it has a scheme, otherwise a path below the job's image base; "
                + "web addresses of S3 count as the `s3://` URL they mean. A corpus without items, or that "
                + "leaves open what its columns are, is refused whole; any other bad record is rejected alone. The answer says how the corpus was read.")
            .Accepts<string>("text/csv", BodyTypes)
            .WithMetadata(new UnlimitedBody());
    }

    private static string[] BodyTypes =>
        [.. CorpusFormats.All.SelectMany(format => format.MediaTypes).Concat(["application/json", "text/plain", "application/octet-stream"]).Distinct().Where(type => type != "text/csv")];

    private static async Task<Results<Ok<ImportSummary>, ProblemHttpResult>> PreviewAsync([AsParameters] PreviewQuery query, HttpRequest request, CancellationToken cancellation)
    {
        var problems = query.Problems().ToList();
        var settings = query.ReadSettings(problems);
        return FindFormat(query, problems, request, out var charset, out var refusal) is { } format
            ? TypedResults.Ok(await CorpusImporter.TryAsync(settings, request.Body, format, query.ToOptions(charset), cancellation)) : refusal!;
    }

    private static async Task<Results<Ok<ImportSummary>, ProblemHttpResult>> ImportAsync(
        string job, [AsParameters] ImportQuery query, HttpRequest request, IGrainFactory grains, CorpusImporter importer, CancellationToken cancellation)
    {
        if (FindFormat(query, [.. query.Problems()], request, out var charset, out var refusal) is not { } format) return refusal!;
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        if (info.State == JobState.Closed) return Problem.Conflict($"Job '{info.Name}' is closed; open it to import.");
        var options = query.ToOptions(charset);
        try
        {
            return TypedResults.Ok(query.DryRun == true
                ? await importer.TryAsync(info, request.Body, format, options, cancellation)
                : await importer.ImportAsync(info, request.Body, format, options, cancellation));
        }
        catch (JobGoneException e)
        {
            return Problem.Deleted(e.Job);
        }
    }

    /// <summary>The format of a corpus; null and why it is not read.</summary>
    private static ICorpusFormat? FindFormat(CorpusQuery query, List<(string Field, string Reason)> problems, HttpRequest request, out string? charset, out ProblemHttpResult? refusal)
    {
        (charset, refusal) = (null, null);
        if (problems.Count > 0)
        {
            refusal = Problem.Fields(problems);
            return null;
        }
        (var type, charset) = Body.TypeOf(request);
        if (type is null || charset is not null && !TextEncodings.IsKnown(charset) || CorpusFormats.Find(query.Format, type) is not { } format)
        {
            refusal = Problem.MediaType($"one of {string.Join(", ", CorpusFormats.All.SelectMany(known => known.MediaTypes).Distinct())}, or any with ?format=", request.ContentType);
            return null;
        }
        if (query.Gold is not null && !format.HasGold) refusal = Problem.Fields([("gold", $"{format.Name} has no column or attribute for it; csv, tsv, ndjson and parquet do")]);
        else if (query.ModelVersionColumn is not null && !format.HasGold)
            refusal = Problem.Fields([("modelVersionColumn", $"{format.Name} has no column or attribute for it; csv, tsv, ndjson and parquet do. Say it of all items by modelVersion")]);
        return refusal is null ? format : null;
    }
}

/// <summary>What a streaming endpoint needs to know of a request's body.</summary>
internal static class Body
{
    /// <summary>
    /// The media type in lower case, and the charset where it names one that is not UTF-8. No type where there is none, or where the
    /// body is compressed.
    /// </summary>
    public static (string? MediaType, string? Charset) TypeOf(HttpRequest request) =>
        request.Headers.ContentEncoding.Count == 0 && MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            ? (type.MediaType.Value?.ToLowerInvariant(), type.Charset.HasValue && HeaderUtilities.RemoveQuotes(type.Charset) is var charset && !IsUtf8(charset) ? charset.Value : null)
            : (null, null);

    /// <summary>The media type in lower case; null where there is none, or where the body is encoded or not UTF-8.</summary>
    public static string? MediaTypeOf(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && (!type.Charset.HasValue || IsUtf8(HeaderUtilities.RemoveQuotes(type.Charset)))
        && request.Headers.ContentEncoding.Count == 0
            ? type.MediaType.Value?.ToLowerInvariant()
            : null;

    /// <summary>US-ASCII is a part of UTF-8, and <c>utf8</c> a misspelling that means nothing else.</summary>
    private static bool IsUtf8(StringSegment charset) => Array.Exists(
        ["utf-8", "utf8", "us-ascii"], name => charset.Equals(name, StringComparison.OrdinalIgnoreCase));
}

/// <summary>A body that is read as a stream in bounded memory, and so may be of any size.</summary>
internal sealed class UnlimitedBody : IRequestSizeLimitMetadata
{
    public long? MaxRequestBodySize => null;
}

/// <summary>A body of which the beginning is looked at.</summary>
internal sealed class PreviewBody : IRequestSizeLimitMetadata
{
    public const long MaxBytes = 64L << 20;

    public long? MaxRequestBodySize => MaxBytes;
}
