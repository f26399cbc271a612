using System.Text.Json;

namespace BulkQA.Api.Tests;

public sealed class SampleTests
{
    [Fact]
    public async Task Start_WithSampleAndSimulatedWorkers_LoadsItOnceAndAnswersIt()
    {
        using var folder = new TemporaryFolder();
        for (var start = 0; start < 2; start++)
        {
            await using var api = await ApiProcess.StartAsync(
                folder.Path, "--sample", "--simulate-workers", "3", "--simulated-accuracy", "1", "--BulkQA:Sample:SimulatedPace", "00:00:00");
            await WaitUntilDoneAsync(api);
            var job = await api.Http.GetJsonAsync("/v1/jobs/sample-shapes");
            Assert.Equal((320, 960), (job.Int("images"), job.Int("votes")));
            // Right every time, they confirm what fits and nothing else; the confusable classes are the worse ones.
            var classes = (await api.Http.GetJsonAsync("/v1/jobs/sample-shapes/classes")).Items("classes")
                .ToDictionary(row => row.String("label"), row => row.GetProperty("correctPercent").GetDouble());
            Assert.True(classes["Star"] > classes["Octagon"]);
            Assert.InRange(classes.Values.Min(), 40, 95);
            // The other one is answered already, and left alone on the second start.
            Assert.Equal([(640, 640, 1_920, 40)], from one in (JsonElement[])[await api.Http.GetJsonAsync("/v1/jobs/sample-reviewed")] select (one.Int("images"), one.Int("reviewed"), one.Int("votes"), one.Int("tasksDone")));
            foreach (var view in (string[])["workers", "corrections", "decisions", "gold"]) Assert.NotEmpty((await api.Http.GetJsonAsync($"/v1/jobs/sample-reviewed/{view}")).Items());
            Assert.Single((await api.Http.GetJsonAsync("/v1/jobs/sample-reviewed/reliability")).Items());
            Assert.Contains("tooFast", (await api.Http.GetJsonAsync("/v1/jobs/sample-reviewed/workers/simulated-eve")).Items("flags").Select(flag => flag.String("kind")));
            Assert.Equal(2, (await api.Http.GetJsonAsync("/v1/jobs/sample-reviewed/model-versions")).GetArrayLength());
            var picture = (await api.Http.GetJsonAsync("/v1/jobs/sample-shapes/images?limit=1")).Items().Single().String("imageUrl");
            Assert.Contains("<svg", await api.Http.GetStringAsync($"/jobs/sample-shapes/picture?url={picture}", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    private static async Task WaitUntilDoneAsync(ApiProcess api)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            var jobs = (await api.Http.GetJsonAsync("/v1/jobs")).Items().ToList();
            if (jobs.Count == 2 && jobs.TrueForAll(job => job.Int("tasks") > 0 && job.Int("tasks") == job.Int("tasksDone"))
                && (await api.Http.GetJsonAsync("/v1/jobs/sample-reviewed/reliability")).Items().Any(model => model.String("state") == "done")) return;
            Assert.True(await timer.WaitForNextTickAsync(timeout.Token));
        }
    }
}
