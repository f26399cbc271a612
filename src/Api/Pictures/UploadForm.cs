using System.Diagnostics.CodeAnalysis;
using BulkQA.Core;
using BulkQA.Corpora;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace BulkQA.Api;

/// <summary>A part of a form.</summary>
/// <param name="FileName">As it was given; null or empty for a field that is no file.</param>
/// <param name="Field">The field's name; may be null.</param>
/// <param name="Content">Read once, before the next part.</param>
internal sealed record FormPart(string? FileName, string? Field, Stream Content)
{
    [MemberNotNullWhen(true, nameof(FileName))]
    public bool IsFile => !string.IsNullOrEmpty(FileName);
}

/// <summary>The parts of a <c>multipart/form-data</c> body, one after the other as they come.</summary>
internal sealed class UploadForm
{
    /// <summary>RFC 2046, 5.1.1.</summary>
    private const int MaxBoundary = 70;

    private const int MaxHeaderBytes = 16 * 1024;
    private const int MaxHeaders = 16;

    private readonly MultipartReader _reader;

    private UploadForm(MultipartReader reader) => _reader = reader;

    public static bool TryOpen(HttpRequest request, [NotNullWhen(true)] out UploadForm? form, [NotNullWhen(false)] out ProblemHttpResult? problem)
    {
        var boundary = HeaderUtilities.RemoveQuotes(MediaTypeHeaderValue.Parse(request.ContentType).Boundary).Value;
        var isBounded = !string.IsNullOrWhiteSpace(boundary) && boundary.Length <= MaxBoundary;
        form = isBounded ? new UploadForm(new MultipartReader(boundary!, request.Body) { HeadersCountLimit = MaxHeaders, HeadersLengthLimit = MaxHeaderBytes }) : null;
        problem = isBounded ? null : Problem.Invalid($"The form names no boundary of 1 to {MaxBoundary} characters.");
        return isBounded;
    }

    /// <summary>The next part; null at the end.</summary>
    /// <exception cref="BadInputException">The form can't be read on.</exception>
    public async Task<FormPart?> NextAsync(CancellationToken cancellation)
    {
        try
        {
            if (await _reader.ReadNextSectionAsync(cancellation) is not { } section) return null;
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)) throw new BadInputException("A part of the form has no Content-Disposition.");
            // Browsers write the letters of UTF-8 and escape no percent; others use the star.
            var name = disposition.FileNameStar.HasValue ? disposition.FileNameStar.Value : HeaderUtilities.RemoveQuotes(disposition.FileName).Value;
            return new FormPart(name, HeaderUtilities.RemoveQuotes(disposition.Name).Value, new FormContent(section.Body));
        }
        catch (Exception e) when (e is InvalidDataException or (IOException and not BadHttpRequestException) && !cancellation.IsCancellationRequested)
        {
            throw Broken(e);
        }
    }

    private static BadInputException Broken(Exception e) => new($"The form can't be read to its end: {e.Message}", e);

    /// <summary>The content of a part. A form that ends within a part is the sender's fault, and not one of ours that passes.</summary>
    private sealed class FormContent(Stream part) : ForwardStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                return await part.ReadAsync(buffer, cancellationToken);
            }
            catch (Exception e) when (e is InvalidDataException or (IOException and not BadHttpRequestException) && !cancellationToken.IsCancellationRequested)
            {
                throw Broken(e);
            }
        }
    }
}
