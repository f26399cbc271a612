using System.Net.Http.Json;

namespace BulkQA.Api.Tests;

/// <summary>Ground Truth's workers see what a job's boxes start with, or its labeling job is not created.</summary>
public sealed class LabelingBoxesTests(SharedApi api)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private const string Template = """
        <crowd-form>{% for one in task.input.sourceRef %}
          <crowd-card image="{{ one.s3_image_url | grant_read_access }}"><crowd-checkbox name="{{ one.label }}-{{ forloop.index0 }}" value="Confirmed" CHECKED></crowd-checkbox></crowd-card>
        {% endfor %}</crowd-form>
        """;

    [Theory]
    [InlineData("ticked", "Untick every picture that does not show what its label says.")]
    [InlineData("unticked", "Tick the pictures that show what their label says, and no others.")]
    [InlineData("random(7)", "Tick the pictures that show what their label says, and no others.")]
    public async Task Create_DefaultTemplate_TellsWorkersWhatTheBoxesAskFor(string boxes, string description)
    {
        var request = await (await CreateAsync(await JobAsync(new { boxes }))).JsonAsync();
        Assert.Equal(description, request.GetProperty("HumanTaskConfig").String("TaskDescription"));
    }

    [Fact]
    public async Task Create_TemplateThatIgnoresTheBoxes_Is409UnlessThereIsNothingToIgnore()
    {
        var job = await JobAsync(new { boxesByClass = new { Cat = "unticked" } });
        await PutAsync(job, Template.Replace("CHECKED", "checked", StringComparison.Ordinal));
        Assert.Contains("task.input.sourceRef[0].boxesAtStart", await (await CreateAsync(job)).ProblemAsync(409), StringComparison.Ordinal);
        await PutAsync(job, Template.Replace("CHECKED", "{% unless one.boxesAtStart == 'unticked' %}checked{% endunless %}", StringComparison.Ordinal));
        await (await CreateAsync(job)).JsonAsync();
        var plain = await JobAsync(new { });
        await PutAsync(plain, Template.Replace("CHECKED", "checked", StringComparison.Ordinal));
        await (await CreateAsync(plain)).JsonAsync();
    }

    private Task<HttpResponseMessage> CreateAsync(string job) => api.Http.PostAsJsonAsync($"/v1/jobs/{job}/labeling-job?dryRun=true", new { }, Cancellation);

    private async Task PutAsync(string job, string template) =>
        Assert.Equal(System.Net.HttpStatusCode.NoContent, (await api.Http.PutAsync($"/v1/jobs/{job}/template", HttpExtensions.Text(template, "text/html"), Cancellation)).StatusCode);

    private async Task<string> JobAsync(object settings)
    {
        var job = await api.Http.CreateJobAsync(settings);
        await api.Http.ImportAsync(job, "a.jpg,Dog,90");
        return job;
    }
}
