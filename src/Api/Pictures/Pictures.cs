using System.Text;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Api;

/// <summary>
/// Serves the pictures of a job to its pages. URLs come from corpora and are hostile: only objects below the job's image
/// base are read, only as one of a few picture types, and a picture opened by itself can run nothing.
/// </summary>
internal static class Pictures
{
    public static void MapPictures(this IEndpointRouteBuilder app) =>
        app.MapGet("/jobs/{job}/picture", GetAsync).ExcludeFromDescription().For(Role.Anyone);

    /// <summary>Where the picture of an image is by itself, in its full size.</summary>
    public static string PathOf(string job, string imageUrl) => $"/jobs/{Uri.EscapeDataString(job)}/picture?url={Uri.EscapeDataString(imageUrl)}";

    /// <summary>Where a page finds it for a card.</summary>
    public static string CardPathOf(string job, string imageUrl) => $"{PathOf(job, imageUrl)}&size={Previews.CardSize}";

    private static async Task<IResult> GetAsync(
        string job, string? url, IGrainFactory grains, IObjectStore store, ImageBases bases, Previews previews, PictureDecoder decoder, PictureAccess access,
        HttpResponse response, CancellationToken cancellation, int? size = null)
    {
        if (size is not (null or Previews.CardSize or Previews.ScreenSize)) return Problem.Invalid($"size: {size} is none of {Previews.CardSize}, {Previews.ScreenSize}");
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        if (url is null || !url.StartsWith(info.Settings.ImageBase, StringComparison.Ordinal) || !ObjectUri.TryParse(url, out var asked) || bases.IsOwn(asked))
            return Problem.NotFound($"Pictures of job '{info.Name}' lie below {info.Settings.ImageBase}; this URL does not.");
        if (PictureType.OfName(asked.Key) is not { } type)
            return Problem.NotFound($"'{Path.GetExtension(asked.Key)}' is no picture type that is served.");
        if (type.Problem is { } never) return Problem.Unprocessable($"The picture {never}.");
        if (await FindAsync(store, asked, info.Settings.ImageBase, cancellation) is not var (uri, found)) return Problem.NotFound($"There is no picture at {url}.");
        // What browsers can't show by itself is converted for the screen.
        size ??= type.IsShown ? null : Previews.ScreenSize;
        if (size is { } wanted && type.IsDecoded && decoder.IsAvailable)
        {
            var preview = await previews.GetAsync(info, uri, type, found, wanted, cancellation);
            switch (preview.Outcome)
            {
                case PreviewOutcome.Made:
                    Protect(response);
                    return TypedResults.Bytes(preview.Content, PictureType.Sniff(preview.Content)?.MediaType);
                case PreviewOutcome.Busy:
                    return Problem.TooMany("Too many pictures wait to be made small; ask again.");
                case PreviewOutcome.Gone:
                    return Problem.NotFound($"There is no picture at {url}.");
                case PreviewOutcome.TooLarge:
                    return Problem.Unprocessable($"The picture {preview.Detail}.");
                case PreviewOutcome.Undecodable when !type.IsShown:
                    return Problem.Unprocessable($"The picture {preview.Detail}.");
            }
        }
        else if (!type.IsShown) return Problem.Unprocessable($"The picture is {type}, which browsers don't show, and there is no library here that converts it.");
        // Where the store serves it itself, it does; but for SVGs, which only our headers keep from running anything.
        // What a browser keeps must not outlive the signature.
        Protect(response);
        if (type != PictureType.Svg && access.Sign(info, uri) is { } signed) return TypedResults.Redirect(signed.AbsoluteUri);
        return await store.OpenReadAsync(uri, cancellation) is { } content
            ? TypedResults.Stream(content, type.MediaType) : Problem.NotFound($"There is no picture at {url}.");
    }

    private static void Protect(HttpResponse response)
    {
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
        response.Headers.CacheControl = "private, max-age=300";
    }

    /// <summary>
    /// The picture of that name, or of the same name in another normal form: macOS takes names apart (e and an accent) where
    /// a corpus has them composed.
    /// </summary>
    private static async Task<(ObjectUri Uri, ObjectInfo Info)?> FindAsync(IObjectStore store, ObjectUri uri, string imageBase, CancellationToken cancellation)
    {
        if (await store.FindAsync(uri, cancellation) is { } exact) return (uri, exact);
        // The base stays as it is: another form of it is another folder.
        var path = uri.ToString()[imageBase.Length..];
        // Text that is no Unicode has no forms.
        if (!ImageUrl.TryCreate(path, out _, out _)) return null;
        foreach (var form in (NormalizationForm[])[NormalizationForm.FormC, NormalizationForm.FormD])
        {
            if (path.IsNormalized(form) || !ObjectUri.TryParse(imageBase + path.Normalize(form), out var other)) continue;
            if (await store.FindAsync(other, cancellation) is { } found) return (other, found);
        }
        return null;
    }
}
