using System.Globalization;
using System.Security.Claims;
using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace BulkQA.Api;

/// <summary>Plain pages for browsers without scripts, rendered here: the jobs, a job's class table and thresholds, the images behind each number.</summary>
internal static class ResultsPages
{
    private const int PageSize = 100;

    /// <summary>Of the intervals beside percentages, where the job has no level.</summary>
    private static readonly Certainty _certainty = new(Certainty.DefaultLevel, Scope.Corpus);

    public static IServiceCollection AddResultsPages(this IServiceCollection services)
    {
        services.AddRazorComponents();
        services.TryAddSingleton<ModelStore>();
        services.TryAddSingleton<JobRules>();
        return services.AddSingleton<ImageReader>().AddSingleton<ImageQuery>().AddSingleton<ImageRanking>();
    }

    public static void MapResultsPages(this IEndpointRouteBuilder app)
    {
        var pages = app.MapGroup("").ExcludeFromDescription().For(Role.Viewer);
        pages.MapGet("/", () => TypedResults.Redirect(ConsoleHosting.Path));
        pages.MapGet("/jobs", JobsAsync).TellsOfJobs();
        pages.MapGet("/jobs/{job}", JobAsync);
        pages.MapGet("/jobs/{job}/images", ImagesAsync);
    }

    private static async Task<IResult> JobsAsync(IGrainFactory grains, ClaimsPrincipal caller, string? cursor = null)
    {
        if (await JobListing.PageAsync(grains, caller, PageSize, cursor) is not { } page) return Problem.Invalid("cursor: not one of this page");
        return new RazorComponentResult<JobsPage>(new { Jobs = page.Items, Next = page.NextCursor });
    }

    private static async Task<IResult> JobAsync(string job, IGrainFactory grains, ClaimsPrincipal caller, double maxIncorrectPerCorrect = ResultEndpoints.DefaultRatio, string? basis = null)
    {
        if (!ResultEndpoints.TryReadBasis(basis, out var isFinal)) return ResultEndpoints.UnknownBasis(basis!);
        if (!ResultEndpoints.IsRatio(maxIncorrectPerCorrect)) return ResultEndpoints.NoRatio(maxIncorrectPerCorrect);
        if (await grains.FindTalliesAsync(job) is not { } tallies) return Problem.NoJob(job);
        var certainty = tallies.Job.Settings.CertaintyOf(null, null) ?? _certainty with { Scope = tallies.Job.Settings.Scope };
        var shown = isFinal ? tallies.AsFinal() : tallies;
        var alike = LookAlikes.Find((await grains.GetClasses(tallies.Job).GetWorkersAsync()).Workers.Select(worker => worker.Key));
        return new RazorComponentResult<JobPage>(new
        {
            Job = await grains.AnswerAsync(tallies),
            Target = await TargetSummary.FindAsync(tallies.Job, grains),
            Alarms = (IReadOnlyList<ClassAlarm>)(tallies.Job.Settings.Alarm is null ? [] : [.. (await grains.GetAlarms(tallies.Job).ListAsync()).Where(alarm => alarm.Stands)]),
            Alike = (IReadOnlyList<string>)[.. alike.Select(entry => string.Join(", ", entry.Value.Select(other => other.Value).Append(entry.Key).Order(StringComparer.Ordinal))).Distinct()],
            Table = ClassTable.Build(tallies.Job.Name.Value, tallies.Job.Settings.BucketEdges, shown.Classes, emptyAsZero: false, certainty, tallies.Job.HasUnevenBuckets) with { Condition = RandomOrder.ConditionOf(shown) },
            Certainty = certainty,
            Thresholds = (IReadOnlyList<ClassThreshold>)ResultEndpoints.Thresholds(shown, maxIncorrectPerCorrect),
            IsFinal = isFinal,
            Ratio = maxIncorrectPerCorrect,
            MayUpload = caller.IsInRole(Role.Operator) && tallies.Job.State == JobState.Open,
        });
    }

    private static async Task<IResult> ImagesAsync(
        string job, IGrainFactory grains, ImageQuery query, PictureAccess pictures, HttpResponse response, CancellationToken cancellation,
        string? label = null, string? verdict = null, string? bucket = null, string? problem = null, string? cursor = null)
    {
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        var (filter, invalid) = ImageFilter.Read(info.Settings, label, verdict, bucket, problem, worker: null, posteriorFrom: null, posteriorTo: null, text: null);
        if (filter is null) return invalid!;
        var page = await query.PageAsync(info, filter, PageSize, cursor, cancellation);
        BrowserGuard.AllowPictures(response, pictures.OriginsOf(info));
        return new RazorComponentResult<ImagesPage>(new
        {
            Job = info.Name.Value,
            PictureOf = (Func<string, (string, string)>)(url => (pictures.UrlOf(info, url), PictureAccess.OriginalOf(info, url))),
            Label = label,
            Verdict = verdict,
            Bucket = bucket,
            filter.Selection.Unseen,
            OnlyUnseen = Link(info.Name, label, verdict, bucket, ImageFilter.UnseenProblem, null),
            SeenToo = Link(info.Name, label, verdict, bucket, null, null),
            Images = page.Items,
            Next = page.NextCursor is null ? null : Link(info.Name, label, verdict, bucket, problem, page.NextCursor),
        });
    }

    private static string Link(JobName job, string? label, string? verdict, string? bucket, string? problem, string? cursor)
    {
        (string Name, string? Value)[] query = [("label", label), ("verdict", verdict), ("bucket", bucket), ("problem", problem), ("cursor", cursor)];
        var parts = query.Where(part => part.Value is not null).Select(part => $"{part.Name}={Uri.EscapeDataString(part.Value!)}");
        return string.Create(CultureInfo.InvariantCulture, $"/jobs/{job}/images?{string.Join('&', parts)}");
    }
}
