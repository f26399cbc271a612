using System.Text;
using System.Text.Encodings.Web;
using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;
using Fluid;
using Fluid.Values;

namespace BulkQA.Api;

/// <summary>
/// Renders a task from its job's Liquid template, as Ground Truth would: <c>task.input.sourceRef</c> is the list of
/// images, <c>grant_read_access</c> makes a picture's URL readable. Every value is HTML-encoded as it is put in; what a
/// template may take is bounded by <see cref="TemplateLimits"/>.
/// </summary>
internal sealed class TaskTemplate(IObjectStore store, JobObjects objects, PictureAccess pictures, TimeProvider time)
{
    public const int MaxBytes = 128 * 1024;

    private static readonly FluidParser _parser = new();
    private static readonly string _default = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "assets", "default.liquid"));

    /// <summary>What a new template is tried with.</summary>
    private static readonly TaskContent _example = new(Label.Create("Example"), [.. Enumerable.Range(0, JobSettings.MaxBatchSize).Select(number =>
        new ImportLine(ImageUrl.Create($"{JobSettings.DefaultImageBase}{number}.jpg"), Percent.Create(90)))]);

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
        if (!_parser.TryParse(Encoding.UTF8.GetString(utf8), out var template, out var error)) return error;
        try
        {
            await RenderAsync(job, template, _example);
        }
        // The library's own word for a template that can't be rendered is InvalidOperationException.
        catch (Exception e) when (e is FormatException or InvalidOperationException or ParseException)
        {
            return e.Message;
        }
        await store.WriteAsync(objects.Template(job.Incarnation), utf8, cancellation);
        return null;
    }

    public async Task<string> RenderAsync(JobInfo job, TaskContent content)
    {
        if (!_parser.TryParse(await SourceAsync(job), out var template, out var error))
            throw new InvalidOperationException($"the template of job '{job.Name}' does not parse: {error}");
        return await RenderAsync(job, template, content);
    }

    private async Task<string> RenderAsync(JobInfo job, IFluidTemplate template, TaskContent content)
    {
        var options = new TemplateLimits(time).Options();
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
        await using var page = new BoundedWriter();
        await template.RenderAsync(page, HtmlEncoder.Default, context);
        return page.ToString();
    }
}
