namespace BulkQA.Web;

/// <summary>Addresses of the console's pages. What a page shows is in its address, so that it can be passed on, and outlives a circuit.</summary>
public static class Links
{
    public static string Job(string job, params ReadOnlySpan<(string Name, string? Value)> query) => Of($"/console/jobs/{Uri.EscapeDataString(job)}", query);

    public static string Pictures(string job, params ReadOnlySpan<(string Name, string? Value)> query) => Of($"/console/jobs/{Uri.EscapeDataString(job)}/pictures", query);

    public static string Charts(string job, params ReadOnlySpan<(string Name, string? Value)> query) => Of($"/console/jobs/{Uri.EscapeDataString(job)}/charts", query);

    public static string Workers(string job, params ReadOnlySpan<(string Name, string? Value)> query) => Of($"/console/jobs/{Uri.EscapeDataString(job)}/workers", query);

    public static string Worker(string job, string worker, params ReadOnlySpan<(string Name, string? Value)> query) =>
        Of($"/console/jobs/{Uri.EscapeDataString(job)}/workers/{Uri.EscapeDataString(worker)}", query);

    public static string Decisions(string job) => $"/console/jobs/{Uri.EscapeDataString(job)}/decisions";

    public static string Report(string job) => $"/console/jobs/{Uri.EscapeDataString(job)}/report";

    public static string Settings(string job, params ReadOnlySpan<(string Name, string? Value)> query) => Of($"/console/jobs/{Uri.EscapeDataString(job)}/settings", query);

    public static string Operations(params ReadOnlySpan<(string Name, string? Value)> query) => Of("/console/operations", query);

    public static string People(params ReadOnlySpan<(string Name, string? Value)> query) => Of("/console/people", query);

    public static string Person(string person) => $"/console/people/{Uri.EscapeDataString(person)}";

    /// <summary>Of REST, the job itself.</summary>
    public static string Rest(string job) => $"/v1/jobs/{Uri.EscapeDataString(job)}";

    /// <summary>Of REST, below the job.</summary>
    public static string Rest(string job, string what, params ReadOnlySpan<(string Name, string? Value)> query) => Of($"{Rest(job)}/{what}", query);

    /// <summary>What has no value is left out.</summary>
    public static string Of(string path, params ReadOnlySpan<(string Name, string? Value)> query)
    {
        var parts = new List<string>();
        foreach (var (name, value) in query)
            if (!string.IsNullOrEmpty(value)) parts.Add($"{name}={Uri.EscapeDataString(value)}");
        return parts.Count == 0 ? path : $"{path}?{string.Join('&', parts)}";
    }
}
