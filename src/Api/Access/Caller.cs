using System.Security.Claims;
using BulkQA.Core;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

/// <summary>What a request's principal says about its caller.</summary>
internal static class Caller
{
    /// <summary>The claim that holds a worker's id.</summary>
    public const string WorkerClaim = "bulkqa:worker";

    /// <summary>The claims that confine a caller to jobs, by <see cref="JobName.Key"/>; a caller without any may use all.</summary>
    public const string JobClaim = "bulkqa:job";

    /// <summary>The claims that say below what the images of the caller's jobs must lie.</summary>
    public const string ImagePrefixClaim = "bulkqa:image-prefix";

    public static ClaimsPrincipal Of(
        string scheme, string name, IEnumerable<string> roles, string? worker, IEnumerable<string> jobs, IEnumerable<string> imagePrefixes) => new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.Name, name),
            .. roles.Select(role => new Claim(ClaimTypes.Role, role)),
            .. worker is null ? [] : (Claim[])[new Claim(WorkerClaim, worker)],
            .. jobs.Select(job => new Claim(JobClaim, job.ToLowerInvariant())),
            .. imagePrefixes.Select(prefix => new Claim(ImagePrefixClaim, prefix)),
        ], scheme));

    /// <summary>The caller's name as decisions keep it, cut where it is too long.</summary>
    public static string Who(this ClaimsPrincipal caller) =>
        Utf8.Cut(caller.FindFirstValue(ClaimTypes.Name) ?? caller.FindFirstValue("sub") ?? "operator", Adjudication.MaxNameBytes);

    public static bool IsConfined(this ClaimsPrincipal caller) => caller.HasClaim(claim => claim.Type == JobClaim);

    public static bool MayUse(this ClaimsPrincipal caller, string job) =>
        !caller.IsConfined() || caller.HasClaim(JobClaim, job.ToLowerInvariant())
        || (caller.Identity is ConfinedIdentity { Jobs: var jobs } && jobs.Any(names => names.Contains(job.ToLowerInvariant())));

    public static IReadOnlyList<string> ImagePrefixes(this ClaimsPrincipal caller) => [.. caller.FindAll(ImagePrefixClaim).Select(claim => claim.Value)];

    /// <summary>
    /// In whose name this caller answers: a worker only in its own, whatever the request says; an operator in that given.
    /// </summary>
    /// <returns>Null where <paramref name="given"/> is not who the caller is.</returns>
    public static string? AnswersAs(this ClaimsPrincipal caller, string? given)
    {
        if (caller.IsInRole(Role.Operator)) return given ?? caller.FindFirstValue(WorkerClaim) ?? "";
        var own = caller.FindFirstValue(WorkerClaim);
        return given is null || (WorkerId.TryCreate(given, out var one, out _) && WorkerId.TryCreate(own, out var other, out _) && one == other) ? own : null;
    }

    /// <summary>Whom the caller answers as; otherwise why it can't.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="given">Whom the request names; null for nobody.</param>
    /// <param name="field">Where.</param>
    /// <param name="worker">Where null is returned.</param>
    public static ProblemHttpResult? WorkerOf(this ClaimsPrincipal caller, string? given, string field, out WorkerId worker)
    {
        worker = default;
        if (caller.AnswersAs(given) is not { } own) return Problem.Forbidden($"{field}: that is somebody else, or you are no worker; leave it out");
        return WorkerId.TryCreate(own, out worker, out var problem) ? null : Problem.Fields([(field, problem)]);
    }
}
