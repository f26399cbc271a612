using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;
using Microsoft.Extensions.Localization;

namespace BulkQA.Api;

/// <summary>What the worker page shows above any template: the job's instructions, and how to tell the class of the batch. Everything is encoded.</summary>
internal static class WorkGuidance
{
    /// <summary>From memory: the class is asked, which was asked for the batch. Null where it can't say just now: that is no reason to keep a batch from a worker.</summary>
    public static async Task<ClassGuidance?> FindAsync(JobInfo job, Label label, IGrainFactory grains)
    {
        try
        {
            return await grains.GetClass(job, label).GetGuidanceAsync();
        }
        catch (Exception e) when (FailureClassifier.Classify(e) == FailureKind.Transient)
        {
            return null;
        }
    }

    /// <summary>The panel; empty where there is nothing to say.</summary>
    public static string Html(IStringLocalizer<Words> words, JobInfo job, Label label, ClassGuidance? guidance, PictureAccess pictures)
    {
        if (job.Settings.Work.Instructions is null && guidance is null) return "";
        return $"""
            <section class="guidance" aria-label="{Encode(words["How to check"])}"><details data-job="{Encode(job.Name.Value)}">
              <summary>{Encode(words["How to check"])}</summary>
              {Text(job.Settings.Work.Instructions)}
              {(guidance is null ? "" : OfClass(guidance))}
            </details></section>
            """;

        string OfClass(ClassGuidance said) => $"""
            <h2>{Encode(label.Value)}</h2>
              {Text(said.Text)}
              <div class="examples">
                {Examples("right", words["Right: this is {0}", label.Value], said.Right)}
                {Examples("wrong", words["Wrong: this is not {0}", label.Value], said.Wrong)}
              </div>
            """;

        string Examples(string side, string heading, IReadOnlyList<ImageUrl> examples) => examples.Count == 0 ? "" : $"""
            <section class="{side}">
                  <h3>{Encode(heading)}</h3>
                  <ul>{string.Concat(examples.Select((url, index) => $"<li><button type=\"button\" class=\"example\"><img src=\"{Encode(pictures.UrlOf(job, url.Value))}\" alt=\"{Encode(words["{0}, example {1}", heading, index + 1])}\" decoding=\"async\"></button></li>"))}</ul>
                </section>
            """;
    }

    /// <summary>Whether batches are looked at whole first, for the page's script.</summary>
    public static string Attribute(JobInfo job) => job.Settings.Work.SeeWholeBatch ? " data-see=\"whole\"" : "";

    private static string Text(string? text) => text is null ? "" : $"<p class=\"text\">{Encode(text)}</p>";

    private static string Encode(string text) => WorkEncoder.Encode(text);
}
