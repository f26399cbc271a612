using System.Text;
using System.Text.Encodings.Web;
using BulkQA.Grains;
using BulkQA.Storage;
using Fluid;
using Fluid.Values;

namespace BulkQA.Api;

/// <summary>
/// Renders a task from its job's Liquid template, as Ground Truth would: <c>task.input.sourceRef</c> is the list of
/// images, <c>grant_read_access</c> makes a picture's URL readable. Every value is HTML-encoded as it is put in; loops
/// and recursion are bounded.
/// </summary>
internal sealed class TaskTemplate(IObjectStore store, JobObjects objects, PictureAccess pictures)
{
    public const int MaxBytes = 128 * 1024;

    private const int MaxSteps = 100_000;
    private const int MaxRecursion = 20;

    private static readonly FluidParser _parser = new();
    private static readonly string _default = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "assets", "default.liquid"));

    /// <summary>The job's own template, or the default one.</summary>
    public async Task<string> SourceAsync(JobInfo job)
    {
        await using var own = await store.OpenReadAsync(objects.Template(job.Incarnation));
        if (own is null) return _default;
        using var reader = new StreamReader(own, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }

    /// <summary>Gives the job a template of its own; says why not where it can't be one.</summary>
    public async Task<string?> ReplaceAsync(JobInfo job, byte[] utf8, CancellationToken cancellation)
    {
        if (utf8.Length is 0 or > MaxBytes) return $"it has {utf8.Length} bytes; give 1 to {MaxBytes}";
        if (!_parser.TryParse(Encoding.UTF8.GetString(utf8), out _, out var error)) return error;
        await store.WriteAsync(objects.Template(job.Incarnation), utf8, cancellation);
        return null;
    }

    public async Task<string> RenderAsync(JobInfo job, TaskContent content)
    {
        if (!_parser.TryParse(await SourceAsync(job), out var template, out var error))
            throw new InvalidOperationException($"the template of job '{job.Name}' does not parse: {error}");
        var options = new TemplateOptions { MaxSteps = MaxSteps, MaxRecursion = MaxRecursion };
        options.Filters.AddFilter("grant_read_access", (input, _, _) =>
            new StringValue(pictures.UrlOf(job, input.ToStringValue())));
        var images = content.Images.Select(image => new Dictionary<string, object>
        {
            ["s3_image_url"] = image.Url.Value,
            ["label"] = content.Label.Value,
            ["confidence"] = image.Confidence.ToString(),
        }).ToArray();
        var context = new TemplateContext(options);
        context.SetValue("task", new Dictionary<string, object> { ["input"] = new Dictionary<string, object> { ["sourceRef"] = images } });
        return await template.RenderAsync(context, HtmlEncoder.Default);
    }
}
