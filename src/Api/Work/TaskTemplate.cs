using System.Text;
using System.Text.RegularExpressions;
using System.Text.Encodings.Web;
using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;
using Fluid;
using Microsoft.Extensions.Localization;

namespace BulkQA.Api;

/// <summary>
/// Renders a task from its job's Liquid template, as Ground Truth would: <c>task.input.sourceRef</c> is the list of
/// images, <c>grant_read_access</c> makes a picture's URL readable. Every value is HTML-encoded as it is put in; what a
/// template may take is bounded by <see cref="TemplateLimits"/>, and what it may say by <see cref="MarkupRules"/>.
/// </summary>
internal sealed partial class TaskTemplate(
    IObjectStore store, JobObjects objects, PictureAccess pictures, IStringLocalizer<Words> words, TimeProvider time, ILogger<TaskTemplate> log)
{
    public const int MaxBytes = 128 * 1024;

    private static readonly FluidParser _parser = new();

    /// <summary>The default in the language of whoever reads it, by a filter of ours.</summary>
    private static readonly string _worded = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "assets", "default.liquid"));

    /// <summary>The same in English, without that filter: what Ground Truth can use, too.</summary>
    private static readonly string _default = OwnFilter.Replace(_worded, text => text.Groups[1].Value.Replace("{0}", "{{ label }}", StringComparison.Ordinal));

    /// <summary>Its texts, which that filter says in other languages.</summary>
    public static readonly IReadOnlySet<string> OwnTexts = OwnFilter.Matches(_worded).Select(text => text.Groups[1].Value).ToHashSet();

    /// <summary>What a new template is tried with: the largest batch, and a label that breaks out of whatever isn't quoted.</summary>
    private static readonly LabeledTask[] _examples = [Example("Example", JobSettings.MaxBatchSize), Example("A \"b\" 'c' <d> & - 1", 2)];

    /// <summary>The job's own template, or the default one.</summary>
    public async Task<string> SourceAsync(JobInfo job)
    {
        await using var own = await store.OpenReadAsync(objects.Template(job.Incarnation));
        if (own is null) return _default;
        using var reader = new StreamReader(own, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }

    /// <summary>Gives the job a template of its own; says all that is wrong with one that can't be.</summary>
    public async Task<string?> ReplaceAsync(JobInfo job, byte[] utf8, CancellationToken cancellation)
    {
        if (utf8.Length is 0 or > MaxBytes) return $"it has {utf8.Length} bytes; give 1 to {MaxBytes}";
        var source = Encoding.UTF8.GetString(utf8);
        foreach (var example in _examples)
        {
            var (_, problems) = await TryRenderAsync(job, source, example);
            if (problems.Count > 0) return $"{(example == _examples[0] ? "" : $"with the label {example.Label}: ")}{string.Join("; ", problems)}";
        }
        await store.WriteAsync(objects.Template(job.Incarnation), utf8, cancellation);
        return null;
    }

    /// <summary>
    /// The page of a task. A template that can't show this one, as when it fails for its label alone, gives way to the
    /// default: what it left out or added would be refused with the answer, or answered unseen.
    /// </summary>
    public async Task<string> RenderAsync(JobInfo job, LabeledTask content)
    {
        var source = await SourceAsync(job);
        if (source == _default) source = _worded;
        var boxes = job.Settings.BoxesOf(content.Label, content.Content.Number);
        var (html, problems) = await TryRenderAsync(job, source, content, boxes);
        if (html is not null) return html;
        LogUnfit(job.Name.Value, content.Label.Value, string.Join("; ", problems));
        (html, problems) = await TryRenderAsync(job, _worded, content, boxes);
        return html ?? throw new InvalidOperationException($"the default template can't show a task of '{content.Label}': {string.Join("; ", problems)}");
    }

    /// <summary>The page and no problems; or no page, where <paramref name="source"/> can't show the task, and why.</summary>
    private async Task<(string? Html, IReadOnlyList<string> Problems)> TryRenderAsync(JobInfo job, string source, LabeledTask content, BoxesAtStart? boxes = null)
    {
        if (!_parser.TryParse(source, out var template, out var error)) return (null, [error]);
        try
        {
            var filters = new TemplateFilters(job, pictures, words);
            var (html, refusals) = Markup.Clean(await FillAsync(template, content, boxes, filters));
            IReadOnlyList<string> problems = [.. refusals, .. TaskPageCheck.Problems(html, content, filters.Granted)];
            return problems.Count > 0 ? (null, problems) : (html, []);
        }
        // The library has no word of its own for a template that fails: it divides by zero, rounds to a hundred digits, or
        // looks for a file, and throws what that throws.
        catch (Exception e) when (e is not (StorageException or OperationCanceledException))
        {
            return (null, [e.Message]);
        }
    }

    private async Task<string> FillAsync(IFluidTemplate template, LabeledTask content, BoxesAtStart? boxes, TemplateFilters filters)
    {
        var options = new TemplateLimits(time).Options(filters);
        var start = boxes is { } state ? new Dictionary<string, object> { ["boxesAtStart"] = BoxStates.NameOf(state)! } : [];
        var images = content.Images.Select(image => new Dictionary<string, object>(start)
        {
            ["s3_image_url"] = image.Url.Value,
            ["label"] = content.Label.Value,
            ["confidence"] = image.Confidence?.ToString() ?? "",
        }).ToArray();
        var context = new TemplateContext(options);
        context.SetValue("task", new Dictionary<string, object> { ["input"] = new Dictionary<string, object> { ["sourceRef"] = images } });
        await using var page = new BoundedWriter();
        await template.RenderAsync(page, HtmlEncoder.Default, context);
        return page.ToString();
    }

    private static LabeledTask Example(string label, int images) => new(Label.Create(label), new TaskContent(new TaskNumber(0), [.. Enumerable.Range(0, images).Select(number =>
        new CorpusImage(ImageUrl.Create($"{JobSettings.DefaultImageBase}{number}.jpg"), Percent.Create(90)))]));

    [GeneratedRegex("""\{\{ "([^"]*)" \| words(?:: label)? \}\}""")]
    private static partial Regex OwnFilter { get; }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The template of job {Job} can't show a task of label {Label}, the default one is shown instead: {Problems}")]
    private partial void LogUnfit(string job, string label, string problems);
}
