using static Microsoft.Playwright.Assertions;

namespace BulkQA.Api.Tests;

/// <summary>What people named in a script that is written from right to left, on the console's pages.</summary>
public sealed class RightToLeftNamesTests(SharedApi api, Browser browser) : IClassFixture<Browser>
{
    private const string Label = "كلب (صغير)!";
    private const string Worker = "سارة (ليل)!";

    [Theory]
    [InlineData(1_440, false)]
    [InlineData(390, true)]
    public async Task LabelsAndWorkers_OnPagesOfAJob_ReadFromRightToLeft(int width, bool isDark)
    {
        var job = await api.Http.CreateJobAsync(new { workersPerTask = 1 });
        foreach (var number in (int[])[1, 2]) await WorkerJobs.WritePictureAsync(api, $"{job}/{number}.png", number);
        await api.Http.ImportAsync(job, $"{job}/1.png,{Label},90\n{job}/2.png,Bee (small),91\n");
        await api.Http.VoteAsync(job, [new { imageUrl = $"s3://bulkqa/images/{job}/1.png", label = Label, workerId = Worker, confirmed = true }]);
        var page = await browser.OpenConsoleAsync(api.Http, $"/console/jobs/{job}", width, isDark, until: ".heat b");
        await LookAsync("table", "tbody tr:has-text('كلب') th", Label);
        foreach (var (name, path, selector, letters) in ((string, string, string, string)[])
            [("pictures", "pictures", ".picture-label:has-text('كلب')", Label), ("workers", "workers", "tbody th:has-text('سارة')", Worker), ("worker", $"workers/{Uri.EscapeDataString(Worker)}", "main h2:has-text('سارة')", Worker)])
        {
            await page.GotoAsync(new Uri(api.Http.BaseAddress!, $"/console/jobs/{job}/{path}").ToString());
            await LookAsync(name, selector, letters);
        }

        async Task LookAsync(string name, string selector, string letters)
        {
            var found = page.Locator(selector).First;
            await Expect(found).ToBeVisibleAsync();
            await found.EvaluateAsync("element => element.id = 'looked-at'");
            var places = await page.PlacesAsync("#looked-at", letters);
            Assert.Equal(letters.Length, places.Length);
            Assert.Equal(places.OrderDescending(), places);
            await page.AssertGoodAsync($"console-{name}-arabic-{width}");
        }
    }
}
