using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

internal static class PictureEndpoints
{
    public static IServiceCollection AddPictures(this IServiceCollection services)
    {
        services.AddOptions<PictureOptions>().BindConfiguration(PictureOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<PictureOptions>, PictureOptionsValidator>();
        return services.AddSingleton<PictureDecoder>().AddSingleton<PictureAccess>().AddSingleton<Previews>().AddSingleton<PictureUploads>();
    }

    public static void MapPictureUploads(this IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/jobs/{job}/pictures", UploadAsync).Records("uploadPictures").WithTags("Corpus").WithProblems()
            .WithSummary("Uploads pictures to the job's image base: files of a form, or a zip; repeating it is harmless")
            .WithDescription(
                "A file's name is its path below the image base, or below `folder` there, to the letter. In a form, a file whose name ends in .zip is unpacked. "
                + "JPEG, PNG, GIF, WebP, AVIF, BMP, SVG and TIFF are taken, each under a name that says so; what else comes is rejected by name, and the rest is stored. "
                + "A picture that is there with another content is only replaced with `replace=true`. A zip that is too large, or can't be read, is refused whole.")
            .Accepts<string>("multipart/form-data", "application/zip")
            .WithMetadata(new UnlimitedBody());
        app.MapPost("/jobs/{job}/pictures", ShowUploadAsync).Records("uploadPictures").ExcludeFromDescription().WithMetadata(new UnlimitedBody());
    }

    private static async Task<Results<Ok<PictureSummary>, ProblemHttpResult>> UploadAsync(
        string job, HttpContext context, PictureUploads uploads, string? folder = null, bool replace = false)
    {
        var (summary, problem) = await uploads.ReadAsync(job, folder, replace, context);
        return problem is null ? TypedResults.Ok(summary) : problem;
    }

    /// <summary>The same for the form of the job's page.</summary>
    private static async Task<IResult> ShowUploadAsync(string job, HttpContext context, PictureUploads uploads)
    {
        var (summary, problem) = await uploads.ReadAsync(job, null, false, context);
        return problem is null ? new RazorComponentResult<UploadedPage>(new { Job = job, Summary = summary }) : problem;
    }
}
