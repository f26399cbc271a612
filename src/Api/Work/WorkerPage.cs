using System.Globalization;
using System.Security.Claims;
using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Localization;

namespace BulkQA.Api;

/// <summary>The page a worker answers on: one task at a time, rendered from the job's template.</summary>
internal static class WorkerPage
{
    private const string WorkerCookie = "bulkqa-worker";

    public static IServiceCollection AddWorkerPage(this IServiceCollection services) => services.AddSingleton<TaskTemplate>().AddSingleton<TeamJobs>().AddSingleton<WorkList>();

    public static void MapWorkerPage(this IEndpointRouteBuilder app)
    {
        app.MapGet("/work/{job}", ShowAsync).ExcludeFromDescription().For(Role.Worker);
        app.MapPost("/work/{job}/worker", SignIn).DisableAntiforgery().ExcludeFromDescription().For(Role.Worker);
        var template = app.MapGroup("/v1/jobs/{job}/template").WithTags("Worker page").WithProblems();
        template.MapGet("/", GetTemplateAsync).WithSummary("The Liquid template the job's worker page is rendered from").For(Role.Viewer);
        template.MapPut("/", PutTemplateAsync).Records("putTemplate").WithSummary("Gives the job a template of its own, such as a Ground Truth one")
            .Accepts<string>("text/html", "text/plain");
    }

    private static async Task<IResult> ShowAsync(
        string job, HttpRequest request, ClaimsPrincipal caller, IGrainFactory grains, TaskAnswering answering, TaskTemplate template, PictureAccess pictures, LinkedWorkers linked, IStringLocalizer<Words> words, TaskListing tasks, TimeProvider time)
    {
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        // A name that was typed in counts where nobody knows better.
        var named = request.Query["worker"].FirstOrDefault() ?? (caller.IsInRole(Role.Operator) && caller.Person() is null ? CookieOf(request) : null);
        if (caller.WorkerOf(named, "worker", out var worker) is { } problem) return problem.StatusCode == StatusCodes.Status403Forbidden ? problem : Html(WorkerPageHtml.SignIn(words, info.Name.Value));
        // The page goes on under the id that it was asked for, which the caller may answer under.
        var person = await linked.ResolveAsync(worker);
        var again = await BatchAgain.FindAsync(info, request.Query["again"].FirstOrDefault(), person, tasks, time);
        var lease = again ?? await grains.GetDispatch(info).LeaseAsync(person);
        // Whoever takes what comes goes on with the job whose turn it is.
        var next = caller.Person() is null ? null : request.Query["then"] == "next" ? $"{WorkEndpoints.Page}-next" : WorkEndpoints.Page;
        // Somebody else took it meanwhile: the list has what is left.
        if (lease is null && next is not null && next != WorkEndpoints.Page) return TypedResults.Redirect(WorkEndpoints.Page);
        if (lease is null || await answering.ReadAsync(info, lease.Task) is not { } content)
            return Html(WorkerPageHtml.NothingLeft(words, info.Name.Value, caller.PersonName() ?? worker.Value, next is not null, (await grains.FindRefusalAsync(info, person) is { } refusal ? WorkRefusals.Say(words, info.Name.Value, refusal) : null) ?? (await NotQualified.FindAsync(info, person, grains))?.Say(words)));
        var said = WorkGuidance.FindAsync(info, content.Label, grains);
        var rendered = await template.RenderAsync(info, content);
        var guidance = WorkGuidance.Html(words, info, content.Label, await said, pictures);
        BrowserGuard.AllowPictures(request.HttpContext.Response, pictures.OriginsOf(info));
        // From a browser's store it would come with a time of before, and signatures that have ended.
        request.HttpContext.Response.Headers.CacheControl = "no-store";
        return Html(WorkerPageHtml.Task(words, info.Name.Value, info.CreatedAt, worker.Value, lease, content.Label.Value, info.Settings.BoxesOf(content.Label, lease.Task), time.GetUtcNow(), rendered, caller.PersonName() ?? worker.Value, next, again is not null, guidance, WorkGuidance.Attribute(info)));
    }

    private static RedirectHttpResult SignIn(string job, [Microsoft.AspNetCore.Mvc.FromForm] string? worker, HttpResponse response)
    {
        if (WorkerId.TryCreate(worker, out var id, out _))
            response.Cookies.Append(WorkerCookie, Uri.EscapeDataString(id.Value), new CookieOptions
            {
                HttpOnly = true,
                SameSite = SameSiteMode.Strict,
                MaxAge = TimeSpan.FromDays(30),
            });
        return TypedResults.Redirect($"/work/{Uri.EscapeDataString(job)}");
    }

    private static string? CookieOf(HttpRequest request) =>
        request.Cookies[WorkerCookie] is { } cookie ? Uri.UnescapeDataString(cookie) : null;

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> GetTemplateAsync(
        string job, IGrainFactory grains, TaskTemplate template) =>
        await grains.FindJobAsync(job) is { } info
            ? TypedResults.Text(await template.SourceAsync(info), "text/plain; charset=utf-8")
            : Problem.NoJob(job);

    private static async Task<Results<NoContent, ProblemHttpResult>> PutTemplateAsync(
        string job, HttpRequest request, IGrainFactory grains, TaskTemplate template, CancellationToken cancellation)
    {
        if (Body.MediaTypeOf(request) is not ("text/html" or "text/plain")) return Problem.MediaType("text/html or text/plain", request.ContentType);
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancellation);
        return await template.ReplaceAsync(info, buffer.ToArray(), cancellation) is { } problem
            ? Problem.Invalid($"The template can't be used: {problem}")
            : TypedResults.NoContent();
    }

    private static ContentHttpResult Html(string html) => TypedResults.Content(html, "text/html; charset=utf-8");
}

/// <summary>The frames around what a template renders. Everything that isn't ours is encoded.</summary>
internal static class WorkerPageHtml
{
    public static string SignIn(IStringLocalizer<Words> words, string job) => Frame(words, words["Work on {0}", job], $"""
        <main class="narrow">
          <h1>{Name(job)}</h1>
          <p>{Encode(words["Who are you? Your answers are kept under this name."])}</p>
          <form method="post" action="/work/{Uri.EscapeDataString(job)}/worker">
            <label>{Encode(words["Name"])} <input name="worker" maxlength="100" required autofocus></label>
            <button>{Encode(words["Start"])}</button>
          </form>
        </main>
        """);

    /// <param name="hasPortal">Whether the worker has a page of all its jobs.</param>
    /// <param name="refusal">Why the worker gets nothing; null where all is answered.</param>
    public static string NothingLeft(IStringLocalizer<Words> words, string job, string name, bool hasPortal, string? refusal) => Frame(words, words["{0}: nothing left", job], $"""
        {(hasPortal ? $"<header class=\"bar\"><strong>{Name(job)}</strong>{Who(words, name)}</header>" : "")}
        <main class="narrow" data-done="true">
          <h1>{Encode(refusal is null ? words["Nothing left for you"] : words["No batches for you"])}</h1>
          <p>{Encode(refusal ?? words["{0}, every batch of {1} is answered, with others right now, or could not be shown to you. Thank you!", name, job])}</p>
          <p><a href="/work/{Uri.EscapeDataString(job)}">{Encode(words["Look again"])}</a> · {(hasPortal ? $"<a href=\"{WorkEndpoints.Page}\">{Encode(words["Your jobs"])}</a>" : $"<a href=\"/jobs/{Uri.EscapeDataString(job)}\">{Encode(words["See the results"])}</a>")}</p>
        </main>
        """);

    /// <param name="boxes">How they begin, whatever the template says; null leaves it to that.</param>
    /// <param name="servedAt">Our clock now: pages measure from it, and give it back.</param>
    /// <param name="rendered">Of the template, with nothing in it that acts.</param>
    /// <param name="name">What the worker is called.</param>
    /// <param name="next">Where the worker goes on; null for the same page again.</param>
    /// <param name="isAgain">Whether it is the batch before, which nobody keeps for the worker: it is answered already.</param>
    /// <param name="guidance">As <see cref="WorkGuidance.Html"/> gives it.</param>
    /// <param name="asked">As <see cref="WorkGuidance.Attribute"/> gives it.</param>
    public static string Task(IStringLocalizer<Words> words, string job, DateTimeOffset jobCreatedAt, string worker, TaskLease lease, string label, BoxesAtStart? boxes, DateTimeOffset servedAt, string rendered, string name, string? next, bool isAgain, string guidance, string asked)
    {
        var task = $"/v1/jobs/{Uri.EscapeDataString(job)}/tasks/{lease.Task}";
        var place = isAgain ? words["the batch before, again"] : words["batch {0} of {1}", lease.Answered + 1, lease.Total];
        return Frame(words, isAgain ? words["{0}: the batch before", label] : words["{0}: batch {1} of {2}", label, lease.Answered + 1, lease.Total], $"""
            <header class="bar">
              <strong>{Name(job)}</strong>
              <span>{Encode(place)}</span>
              {(isAgain ? "" : $"<progress max=\"{lease.Total}\" value=\"{lease.Answered}\"></progress>")}
              {(next is null ? $"<span>{Name(name)}</span>" : $"<a href=\"{WorkEndpoints.Page}\">{Encode(words["Your jobs"])}</a>{Who(words, name)}")}
            </header>
            {guidance}
            <main id="task"{asked} data-action="{Encode($"{task}/annotations")}" data-unshown="{Encode($"{task}/unshown")}"{(isAgain ? " data-again=\"true\"" : $" data-lease=\"{Encode($"{task}/lease")}\" data-ahead=\"{Encode(WorkAhead.PathOf(job, lease.Task, worker, next is not (null or WorkEndpoints.Page)))}\"")} data-lease-seconds="{Math.Max(0, (lease.ExpiresAt - servedAt).TotalSeconds).ToString("F0", CultureInfo.InvariantCulture)}" data-job="{Encode(job)}" data-task="{lease.Task}" data-label="{Encode(label)}"
              data-worker="{Encode(worker)}" data-key="{Encode($"{job}/{lease.Task}/{worker}")}" data-served-at="{Encode($"{servedAt:O}")}" data-job-created-at="{Encode($"{jobCreatedAt:O}")}"{(next is null or WorkEndpoints.Page ? "" : $" data-next=\"{next}\"")}{(boxes is { } start ? $" data-boxes=\"{BoxStates.NameOf(start)}\"" : "")}>
            {rendered}
            </main>
            """);
    }

    /// <summary>Who is signed in, and the way out.</summary>
    private static string Who(IStringLocalizer<Words> words, string name) =>
        $"<a class=\"right\" href=\"{AccountPages.Path}\">{Name(name)}</a><form method=\"post\" action=\"/sign-out\" class=\"inline\"><button class=\"quiet\">{Encode(words["Sign out"])}</button></form>";

    private static string Frame(IStringLocalizer<Words> words, string title, string body) => $"""
        <!doctype html>
        <html lang="{SupportedCultures.Current.Tag}" dir="{SupportedCultures.Current.Direction}">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          {(SupportedCultures.ScriptWords(words) is { } texts ? $"<meta name=\"bulkqa-words\" content=\"{Encode(texts)}\">" : "")}
          <title>{Encode(title)}</title>
          <link rel="stylesheet" href="/assets/site.css">
          <script src="/assets/crowd-elements.js" type="module"></script>
        </head>
        <body>
        {body}
        </body>
        </html>
        """;

    /// <summary>What people named, in whatever direction that is written.</summary>
    private static string Name(string name) => $"<bdi>{Encode(name)}</bdi>";

    private static string Encode(string text) => WorkEncoder.Encode(text);
}
