using System.Globalization;
using System.Net.Http.Json;

namespace BulkQA.Api.Tests;

/// <summary>A job with something to see on every page: two versions of a model, three classes, votes of three workers on most images, an alarm's level, a target.</summary>
public sealed class ReviewedJob(SharedApi api) : IAsyncLifetime
{
    public string Name { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Name = await api.Http.CreateJobAsync(new { batchSize = 10, workersPerTask = 1, policy = "majority", order = "random(7)", level = 0.95 });
        await api.Http.ImportAsync(Name, "image,label,confidence,model_version\n" + string.Concat(Enumerable.Range(0, 120).Select(image =>
            string.Create(CultureInfo.InvariantCulture, $"s3://b/{image}.jpg,{(image % 3) switch { 0 => "Dog", 1 => "Cat", _ => "Great white shark" }},{80 + (image % 20)},v{1 + (image % 2)}\n"))));
        foreach (var (image, right) in ((int, string)[])[(0, "Wolf"), (3, "Wolf"), (6, "Cat")])
            (await api.Http.PutAsJsonAsync($"/v1/jobs/{Name}/image/adjudication?url=s3://b/{image}.jpg&label=Dog", new { verdict = "Disconfirmed", rightLabel = right }, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        for (var task = 0; task < 9; task++)
        {
            var leased = await (await api.Http.GetAsync($"/v1/jobs/{Name}/tasks/next?worker=ann", TestContext.Current.CancellationToken)).JsonAsync();
            (await api.Http.AnswerAsync(Name, leased.Int("task"), "ann", leased.Items("images").ToDictionary(image => image.String("box"), image => new { Confirmed = image.String("imageUrl")[^5] is not ('3' or '7') })))
                .EnsureSuccessStatusCode();
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
