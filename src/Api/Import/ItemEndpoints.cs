using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace BulkQA.Api;

internal static class ItemEndpoints
{
    public static IServiceCollection AddImport(this IServiceCollection services) => services.AddSingleton<CorpusImporter>();

    public static void MapItems(this IEndpointRouteBuilder app) =>
        app.MapPost("/v1/jobs/{job}/items", ImportAsync).WithTags("Corpus").WithProblems()
            .WithSummary("Imports a corpus; streamed, of any size; repeating it is harmless")
            .WithDescription(
                "CSV has a header, whose columns may come in any order among others: the image (`image`, `image_local_path`, `s3_image_url`, `file`, `filename`, `file_name`, "
                + "`path`, `image_path`, `url`, `uri`, `s3_uri`, `image_url`), the label (`label`, `class`, `class_name`, `category`, `prediction`) and the confidence in percent "
                + "(`confidence`, `score`, `prob`, `probability`); or none, and then image, label and confidence in this order. NDJSON has `image_local_path` or `s3_image_url`, "
                + "`label` and `confidence`. An image is a URL where it has a scheme, otherwise a path below the job's image base. A corpus without items, or with a first line "
                + "that leaves open what its columns are, is refused whole; any other bad line is rejected alone.")
            .Accepts<string>("text/csv", "application/x-ndjson")
            .WithMetadata(new UnlimitedBody());

    private static async Task<Results<Ok<ImportSummary>, ProblemHttpResult>> ImportAsync(
        string job, HttpRequest request, IGrainFactory grains, CorpusImporter importer, CancellationToken cancellation)
    {
        if (FormatOf(request) is not { } format) return Problem.MediaType("text/csv or application/x-ndjson", request.ContentType);
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        if (info.State == JobState.Closed) return Problem.Conflict($"Job '{info.Name}' is closed; open it to import.");
        try
        {
            return TypedResults.Ok(await importer.ImportAsync(info, request.Body, format, cancellation));
        }
        catch (JobGoneException e)
        {
            return Problem.Deleted(e.Job);
        }
    }

    private static CorpusFormat? FormatOf(HttpRequest request) => Body.MediaTypeOf(request) switch
    {
        "text/csv" or "application/csv" => CorpusFormat.Csv,
        "application/x-ndjson" or "application/ndjson" or "application/jsonl" or "application/x-jsonlines" => CorpusFormat.NdJson,
        _ => null,
    };
}

/// <summary>What a streaming endpoint needs to know of a request's body.</summary>
internal static class Body
{
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
