using System.Globalization;
using System.Net.Http.Json;

namespace BulkQA.Api.Tests;

/// <summary>The page of a job on wide and narrow screens.</summary>
public sealed class JobPageTests(SharedApi api, Browser browser) : IClassFixture<Browser>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Percentages of a sampled job say two things, and labels are of several words; nothing of the page itself scrolls sideways, and no word is broken.</summary>
    [Theory]
    [InlineData(1_440, true)]
    [InlineData(390, false)]
    public async Task JobPage_OfASampledJobWithLongLabels_FitsTheScreen(int width, bool isWholeTable)
    {
        const string Long = "Great white shark (Carcharodon carcharias)";
        var job = await api.Http.CreateJobAsync(new { batchSize = 10, workersPerTask = 1, order = "random(7)", level = 0.9, sample = new { images = 20 } });
        await api.Http.ImportAsync(job, string.Concat(Enumerable.Range(0, 200).SelectMany(image => (string[])["Dog", Long], (image, label) => string.Create(CultureInfo.InvariantCulture, $"s3://b/{image}.jpg,{label},{80 + (image % 20)}\n"))));
        while (await api.Http.GetAsync($"/v1/jobs/{job}/tasks/next?worker=ann", Cancellation) is { StatusCode: System.Net.HttpStatusCode.OK } found)
        {
            var task = await found.JsonAsync();
            (await api.Http.AnswerAsync(job, task.Int("task"), "ann", task.Items("images").ToDictionary(image => image.String("box"), image => new { Confirmed = image.String("box")[^1] != '3' }))).EnsureSuccessStatusCode();
        }
        var page = await OpenAsync(job, width);
        Assert.Contains("of\u00a0all", await page.InnerTextAsync("#classes"), StringComparison.Ordinal);
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= document.documentElement.clientWidth"));
        if (isWholeTable) Assert.True(await page.EvaluateAsync<bool>("[...document.querySelectorAll('.scroll')].every(box => box.scrollWidth <= box.clientWidth)"));
        // As wide as its longest word at least.
        Assert.True(await page.EvaluateAsync<bool>("""
            (() => {
              const cell = [...document.querySelectorAll('#classes td:first-child')].find(found => found.textContent.includes('Carcharodon'));
              const word = document.createElement('span');
              word.textContent = '(Carcharodon';
              cell.appendChild(document.createElement('div')).append(word);
              return word.getClientRects().length === 1;
            })()
            """));
        await Browser.ScreenshotAsync(page, $"job-sampled-{width}");
    }

    [Fact]
    public async Task JobPage_OfAClassThatFell_SaysSoAboveTheTable()
    {
        var job = await api.Http.CreateJobAsync(new { workersPerTask = 1, alarm = new { minCorrectPercent = 95 } });
        await api.Http.ImportAsync(job, string.Concat(Enumerable.Range(0, 30).Select(image => $"s3://b/{image}.jpg,Dog <b>,90\n")));
        await api.Http.VoteAsync(job, Enumerable.Range(0, 30).Select(image => (object)new { imageUrl = $"s3://b/{image}.jpg", label = "Dog <b>", workerId = "ann", confirmed = image > 20, submittedAt = "2026-11-01T12:00:00Z" }));
        Assert.Equal(1, (await api.Http.GetJsonAsync($"/v1/jobs/{job}/alarms")).Int("standing"));
        var page = await OpenAsync(job, 1_200);
        var notice = await page.InnerTextAsync("#alarms");
        Assert.Contains("A class fell below 95 %", notice, StringComparison.Ordinal);
        Assert.Contains("Dog <b>: shown by the reviews of 2026-11-01 (21 of 30 incorrect that day)", notice, StringComparison.Ordinal);
        (await api.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { alarm = (object?)null }, Cancellation)).EnsureSuccessStatusCode();
        await page.ReloadAsync();
        Assert.Equal(0, await page.Locator("#alarms").CountAsync());
    }

    private async Task<Microsoft.Playwright.IPage> OpenAsync(string job, int width)
    {
        var page = await browser.OpenAsync();
        await page.SetViewportSizeAsync(width, 900);
        await page.GotoAsync(new Uri(api.Http.BaseAddress!, $"/jobs/{job}").ToString());
        return page;
    }
}
