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
            if (jobs.Count == 1 && jobs[0].Int("tasks") > 0 && jobs[0].Int("tasks") == jobs[0].Int("tasksDone")) return;
            Assert.True(await timer.WaitForNextTickAsync(timeout.Token));
        }
    }
}
