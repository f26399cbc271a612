namespace BulkQA.Web;

/// <summary>What somebody should look at in a job.</summary>
public static class Attention
{
    public static IEnumerable<(string Text, string Link)> Of(JobModel job)
    {
        if (job.Alarms > 0) yield return (job.Alarms == 1 ? "1 alarm" : $"{job.Alarms} alarms", Links.Decisions(job.Name));
        if (job.Unseen > 0) yield return ($"{Words.Count(job.Unseen)} not seen", Links.Pictures(job.Name, ("problem", "unseen")));
        if (job.InDoubt > 0) yield return ($"{Words.Count(job.InDoubt.Value)} in doubt", Links.Pictures(job.Name, ("verdict", "Split")));
        if (job.SetAside.Count > 0) yield return (job.SetAside.Count == 1 ? "1 worker set aside" : $"{job.SetAside.Count} workers set aside", Links.Workers(job.Name));
        if (job.LabelingJob is { FailureReason: not null }) yield return ("labeling job failed", Links.Job(job.Name));
    }
}
