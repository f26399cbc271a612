using System.Security.Claims;
using BulkQA.Core;
using BulkQA.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>
/// Where jobs may say that their pictures lie. Everything below a job's base is shown to whoever may use the job, so that a
/// caller confined to jobs must be confined in this, too; and BulkQA's own objects, which are of every job, are never shown.
/// </summary>
internal sealed class ImageBases(IOptions<AccessOptions> access, IOptions<ObjectOptions> objects)
{
    /// <summary>What all of BulkQA's own objects lie below (<see cref="JobObjects"/>, <see cref="ObjectXmlRepository"/>).</summary>
    private static readonly string[] _ownFolders = ["jobs", ObjectXmlRepository.Folder];

    /// <summary>
    /// The base of a job whose creator gives none; null: the default of all jobs. A caller confined to jobs gets the job's own
    /// folder below that, unless the deployment opens the default to it or its own prefixes leave it to say.
    /// </summary>
    public string? DefaultFor(ClaimsPrincipal caller, JobName job, JobAssignment? assignment = null) =>
        IsConfined(caller) && caller.ImagePrefixes().Count == 0 && !access.Value.ImagePrefixes.Contains(JobSettings.DefaultImageBase) ? OwnFoldersOf(caller, job, assignment)[0] : null;

    /// <summary>Why the caller may not create a job with this base; null where it may.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="job">The job's name.</param>
    /// <param name="given">The base; null: the default.</param>
    /// <param name="assignment">Whom the job is for; null for nobody in particular.</param>
    public ProblemHttpResult? Refusal(ClaimsPrincipal caller, JobName job, string? given, JobAssignment? assignment = null)
    {
        var imageBase = given ?? JobSettings.DefaultImageBase;
        if (RefusalOfAnybody(imageBase) is { } refusal) return refusal;
        var deployments = access.Value.ImagePrefixes;
        var callers = caller.ImagePrefixes();
        if (callers.Count == 0 && !IsConfined(caller)) return null;
        // The default is where others' pictures lie, too: it is open to a confined caller where the deployment says so by name.
        if (callers.Count == 0)
            callers = [.. OwnFoldersOf(caller, job, assignment), .. deployments.Contains(JobSettings.DefaultImageBase) ? (string[])[JobSettings.DefaultImageBase] : []];
        return callers.Any(prefix => Covers(prefix, imageBase))
            ? null : Problem.Forbidden($"imageBase '{imageBase}' is not below what this caller may use: {string.Join(", ", callers)}.");
    }

    /// <summary>Why nobody may create a job with this base, also not one that another job has; null where callers may.</summary>
    public ProblemHttpResult? RefusalOfAnybody(string imageBase)
    {
        if (!IsCanonical(imageBase, out var place))
            return Problem.Fields([("imageBase", $"'{imageBase}' is not {Form}")]);
        // Above it, in it, or below it.
        if (place.Key.Length == 0 ? IsOurBucket(place) : IsOwn(place))
            return Problem.Fields([("imageBase", $"'{imageBase}' holds BulkQA's own objects, of every job; give a folder of pictures")]);
        var deployments = access.Value.ImagePrefixes;
        return deployments.Count > 0 && !deployments.Any(prefix => Covers(prefix, imageBase))
            ? Problem.Forbidden($"imageBase '{imageBase}' is not below what this deployment allows: {string.Join(", ", deployments)}.") : null;
    }

    private static bool Covers(string prefix, string imageBase) => IsCanonical(prefix, out _) && imageBase.StartsWith(prefix, StringComparison.Ordinal);

    /// <summary>Whether it is an object of BulkQA's own, which no job's pages show, whatever its base is.</summary>
    public bool IsOwn(ObjectUri uri) => IsOurBucket(uri) && _ownFolders.Any(folder => Same(uri.Key.Split('/')[0], folder));

    public const string Form = "of the form s3://bucket/folder/, a canonical path with the slash at the end";

    /// <summary>A bucket, or a folder of one: what begins so lies in it, and nothing else does.</summary>
    public static bool IsCanonical(string? text, out ObjectUri place) =>
        ObjectUri.TryParse(text, out place)
        && (place.Key.Length == 0 || place.Key.EndsWith('/'))
        && place.ToString().AsSpan().IndexOfAny('\\', '\0') < 0
        && !$"{place.Bucket}/{place.Key}"[..^1].Split('/').Any(part => part is "" or "." or "..");

    /// <summary>A person's grants are for jobs and teams, unless it is an operator of all.</summary>
    private static bool IsConfined(ClaimsPrincipal caller) => caller.Person() is null ? caller.IsConfined() : !new Leading(caller).LeadsAll;

    /// <summary>
    /// Of a lead below a team's that the job is for, because it chooses the job's name: below a folder of that name others' pictures may lie. No job's
    /// name has a dot.
    /// </summary>
    private static IReadOnlyList<string> OwnFoldersOf(ClaimsPrincipal caller, JobName job, JobAssignment? assignment) =>
        caller.Person() is not null && assignment is { Teams.Length: > 0 }
            ? [.. assignment.Teams.Select(team => $"{JobSettings.DefaultImageBase}team.{team.Key}/{job.Key}/")] : [$"{JobSettings.DefaultImageBase}{job.Key}/"];

    private bool IsOurBucket(ObjectUri uri) => Same(uri.Bucket, objects.Value.Bucket);

    /// <summary>Also under the other names that the file systems of desktops know the same folder by.</summary>
    private static bool Same(string part, string ours) => part.TrimEnd('.', ' ').Equals(ours, StringComparison.OrdinalIgnoreCase);
}
