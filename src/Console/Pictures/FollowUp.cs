using System.Text;
using System.Text.Json;

namespace BulkQA.Web.Pictures;

/// <summary>A new job of some images of another.</summary>
public static class FollowUp
{
    private const int MaxName = 63;
    private const string Suffix = "-again";

    /// <summary>A name for it.</summary>
    public static string NameOf(string job) => $"{job[..Math.Min(job.Length, MaxName - Suffix.Length)].TrimEnd('-')}{Suffix}";

    /// <summary>The body that creates it: with what of the other job's settings is as sensible for some of its images.</summary>
    /// <param name="job">The other one.</param>
    /// <param name="name">The new one's.</param>
    /// <param name="workers">Workers per task.</param>
    /// <param name="teams">Whom the caller leads: it is for those of the other job's teams alone; none for all of them.</param>
    public static object Request(JobModel job, string name, int workers, IReadOnlyList<string> teams)
    {
        var all = job.Assignment?.Teams ?? [];
        string[] given = [.. teams.Count == 0 ? all : all.Intersect(teams, StringComparer.OrdinalIgnoreCase)];
        return new
        {
            name,
            batchSize = job.BatchSize,
            workersPerTask = workers,
            bucketEdges = job.BucketEdges,
            // A weighted policy needs a model, which a new job has not; and a quorum may ask for more votes than there are workers.
            policy = job.Policy is "unanimous" or "majority" ? job.Policy : "majority",
            picturesOf = job.Name,
            work = job.Work,
            assignment = given.Length > 0 ? new { teams = given } : null,
        };
    }

    /// <summary>How REST is to read <see cref="Corpus"/>.</summary>
    public static string ImportPath(string job) => Links.Rest(job, "items", ("format", "ndjson"), ("scale", "percent"));

    /// <summary>The images as lines of JSON.</summary>
    public static string Corpus(IEnumerable<ImageModel> images)
    {
        var lines = new StringBuilder();
        foreach (var image in images) lines.Append(JsonSerializer.Serialize(new { image = image.ImageUrl, label = image.Label, confidence = image.Confidence, modelVersion = image.ModelVersion }, RestClient.Json)).Append('\n');
        return lines.ToString();
    }
}
