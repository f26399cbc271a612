namespace BulkQA.Api.Tests;

/// <summary>Jobs each with a folder of pictures of its own.</summary>
internal static class PictureJobs
{
    public static async Task<string> CreateAsync(SharedApi api, object? settings = null)
    {
        var name = $"job-{Guid.NewGuid():N}";
        var body = System.Text.Json.JsonSerializer.SerializeToNode(settings ?? new { })!.AsObject();
        body["name"] = name;
        body["imageBase"] = BaseOf(name);
        await (await api.Http.PostAsync("/v1/jobs", HttpExtensions.Text(body.ToJsonString(), "application/json"), TestContext.Current.CancellationToken)).JsonAsync();
        return name;
    }

    public static string BaseOf(string job) => $"s3://uploads/{job}/";

    public static string FolderOf(SharedApi api, string job) => Path.Combine(api.DataDirectory, "objects", "uploads", job);

    /// <summary>The paths of its pictures, in order.</summary>
    public static string[] StoredOf(SharedApi api, string job) => Directory.Exists(FolderOf(api, job))
        ? [.. Directory.EnumerateFiles(FolderOf(api, job), "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(FolderOf(api, job), path)).Order(StringComparer.Ordinal)]
        : [];
}
