namespace BulkQA.Web.Pictures;

/// <summary>Where a browser gets the picture of an image: from the service, or from the web where the job names the host.</summary>
public static class PictureAddress
{
    /// <summary>For a card.</summary>
    public static string Small(JobModel job, string imageUrl) => Holds(job, imageUrl) ? imageUrl : Links.Of($"/jobs/{Uri.EscapeDataString(job.Name)}/picture", ("url", imageUrl), ("size", "512"));

    /// <summary>In its full size.</summary>
    public static string Large(JobModel job, string imageUrl) => Holds(job, imageUrl) ? imageUrl : Links.Of($"/jobs/{Uri.EscapeDataString(job.Name)}/picture", ("url", imageUrl));

    private static bool Holds(JobModel job, string imageUrl) =>
        imageUrl.StartsWith("https://", StringComparison.OrdinalIgnoreCase) && !imageUrl.Contains('\\') && Uri.TryCreate(imageUrl, UriKind.Absolute, out var uri)
        && uri.IsDefaultPort && uri.UserInfo.Length == 0 && job.PictureHosts.Contains(uri.IdnHost, StringComparer.OrdinalIgnoreCase);
}
