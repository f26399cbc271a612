using System.Globalization;
using System.Net.Http.Json;
using Microsoft.Playwright;

namespace BulkQA.Api.Tests;

/// <summary>The pictures of the next batch are got while this one is looked at; the batch itself is handed out when it is asked for.</summary>
public sealed class AheadWorkerPageTests(SharedApi api, Browser browser) : IClassFixture<Browser>
{
    /// <summary>Notes how long it took from pressing the button to the next page whose batch can be submitted: then all its pictures are drawn.</summary>
    private const string Stopwatch = """
        document.addEventListener('click', event => { if (event.target.closest('button.submit')) sessionStorage.setItem('pressed', Date.now()); }, { capture: true });
        const look = () => {
          if (document.querySelector('button.submit')?.disabled === false && sessionStorage.getItem('pressed')) {
            window.shownAfter = Date.now() - sessionStorage.getItem('pressed');
            sessionStorage.removeItem('pressed');
          }
          requestAnimationFrame(look);
        };
        look();
        """;

    /// <summary>By the page itself: a route of Playwright's would go round the browser's store.</summary>
    private const string WithoutAhead = "const real = fetch; window.fetch = (url, ...rest) => String(url).includes('/ahead?') ? Promise.reject(new Error('not ahead')) : real(url, ...rest);";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ahead_OfTheBatchThatIsHeld_ArePicturesOfTheNextOneWhichNobodyHasYet()
    {
        var job = await CreateAsync(batches: 3);
        var held = await NextAsync(job, "ann");
        var pictures = await AheadAsync(job, held, "ann");
        Assert.Equal(WorkerJobs.BatchSize, pictures.Count);
        Assert.All(pictures, path => Assert.Contains("size=512", path, StringComparison.Ordinal));
        // Asked again it is the same, and what is held stays what it was.
        Assert.Equal(pictures, await AheadAsync(job, held, "ann"));
        Assert.Equal(held, await NextAsync(job, "ann"));
        // Who asks in between gets another one, and is told of what is left.
        var other = await NextAsync(job, "bob");
        Assert.NotEqual(held, other);
        await AnswerAsync(job, held, "ann");
        var next = await NextAsync(job, "ann");
        Assert.NotEqual(other, next);
        Assert.Equal(await PicturesAsync(job, next), pictures.Order(StringComparer.Ordinal));
        Assert.Empty(await AheadAsync(job, next, "ann"));
        Assert.Empty(await AheadAsync(job, other, "ann"));
    }

    /// <summary>What was told and never asked for is another's at once.</summary>
    [Fact]
    public async Task Ahead_OfTheLastBatch_IsKeptFromNobody()
    {
        var job = await CreateAsync(batches: 2);
        var held = await NextAsync(job, "ann");
        Assert.NotEmpty(await AheadAsync(job, held, "ann"));
        Assert.NotEqual(held, await NextAsync(job, "bob"));
    }

    /// <summary>Where this batch is the last one that the worker gets, or where teams give so many answers each, nothing is got.</summary>
    [Theory]
    [InlineData("""{"maxTasksPerDay":2}""", true)]
    [InlineData("""{"maxTasksPerDay":1}""", false)]
    [InlineData("""{"maxTasksPerWorker":1}""", false)]
    [InlineData("""{"portion":{"tasks":1,"pauseMinutes":5}}""", false)]
    public async Task Ahead_WhereLimitsEndWithThisBatch_IsNothing(string assignment, bool isSome)
    {
        var job = await CreateAsync(batches: 3);
        using var body = new StringContent($$"""{"assignment":{{assignment}}}""", System.Text.Encoding.UTF8, "application/json");
        (await api.Http.PatchAsync($"/v1/jobs/{job}", body, Cancellation)).EnsureSuccessStatusCode();
        var held = await NextAsync(job, "ann");
        Assert.Equal(isSome, (await AheadAsync(job, held, "ann")).Count > 0);
        await AnswerAsync(job, held, "ann");
        var next = await api.Http.GetAsync($"/v1/jobs/{job}/tasks/next?worker=ann", Cancellation);
        Assert.Equal(isSome, next.IsSuccessStatusCode);
        if (isSome) Assert.Empty(await AheadAsync(job, await NextAsync(job, "ann"), "ann"));
    }

    /// <summary>That a picture was there ahead makes it none that was seen.</summary>
    [Fact]
    public async Task NextBatch_WithADamagedPicture_SaysSoThoughItWasGotAhead()
    {
        var job = await CreateAsync(batches: 2);
        for (var number = 0; number < 2 * WorkerJobs.BatchSize; number++) await WorkerJobs.WritePictureAsync(api, $"{job}/{number}.png", number);
        var damaged = Path.Combine(api.DataDirectory, "objects", "bulkqa", "images", job, $"{WorkerJobs.BatchSize}.png");
        var bytes = await File.ReadAllBytesAsync(damaged, Cancellation);
        await File.WriteAllBytesAsync(damaged, bytes.AsMemory(0, bytes.Length / 2), Cancellation);
        var page = await browser.OpenAsync();
        await page.OpenAsync(api, job, "ann");
        await WaitAsync(page, $"JSON.parse(sessionStorage.getItem('bulkqa:whole') ?? '[]').length === {WorkerJobs.BatchSize - 1}");
        await page.Locator("button.submit").ClickAsync();
        await Assertions.Expect(page.GetByText("1 picture can't be shown and will count as not seen.")).ToBeVisibleAsync();
    }

    /// <summary>How long it takes with and without is printed; that the pictures are there before the batch is, is asserted.</summary>
    [Fact]
    public async Task NextBatch_Of25Photos_HasItsPicturesBeforeItIsAskedFor()
    {
        const int Photos = 25, Batches = 5;
        var job = await PictureJobs.CreateAsync(api);
        var photo = Drawn.Photo(1_600, 1_200, 9);
        foreach (var some in Enumerable.Range(0, Photos * Batches).Chunk(Photos))
            await api.Http.UploadAsync(job, Uploads.Form([.. some.Select(number => ($"{number}.jpg", photo))]));
        await api.Http.ImportAsync(job, string.Join('\n', Enumerable.Range(0, Photos * Batches).Select(number => $"{number}.jpg,Dog,90")));
        foreach (var isAhead in (bool[])[true, false])
        {
            var page = await browser.OpenAsync();
            await page.AddInitScriptAsync(Stopwatch);
            if (!isAhead) await page.AddInitScriptAsync(WithoutAhead);
            await page.OpenAsync(api, job, isAhead ? "ann" : "bob");
            var took = new List<int>();
            for (var batch = 1; batch < Batches; batch++)
            {
                // Its own pictures are there, and those of the batch that is to come are looked at.
                if (isAhead) await WaitAsync(page, $"(whole => whole.length === {Photos} && [...document.querySelectorAll('crowd-card img')].every(image => !whole.includes(image.src)))(JSON.parse(sessionStorage.getItem('bulkqa:whole') ?? '[]'))");
                await page.EvaluateAsync("delete window.shownAfter");
                await page.Locator("button.submit").ClickAsync();
                await WaitAsync(page, "window.shownAfter !== undefined");
                took.Add(await page.EvaluateAsync<int>("window.shownAfter"));
                // Of the batch that is shown none came over the network again.
                if (isAhead) Assert.Equal(0, await page.EvaluateAsync<int>("[...document.querySelectorAll('crowd-card img')].filter(image => performance.getEntriesByName(image.src)[0]?.transferSize > 0).length"));
            }
            TestContext.Current.TestOutputHelper?.WriteLine($"{(isAhead ? "ahead" : "not ahead")}: {string.Join(", ", took)} ms from the press to the next batch's pictures");
        }
    }

    /// <summary>By a script of the page's own: its policy forbids evaluated ones.</summary>
    private static async Task WaitAsync(IPage page, string isSo)
    {
        // The page may be left while it waits.
        for (var limit = TimeProvider.System.GetUtcNow().AddSeconds(30); TimeProvider.System.GetUtcNow() < limit;)
        {
            try
            {
                await page.EvaluateAsync($"() => new Promise(resolve => {{ const look = () => ({isSo}) ? resolve() : requestAnimationFrame(look); look(); }})");
                return;
            }
            catch (PlaywrightException e) when (e.Message.Contains("Execution context was destroyed", StringComparison.Ordinal))
            {
            }
        }
        Assert.Fail($"never so: {isSo}");
    }

    /// <summary>Of batches of which each wants one answer.</summary>
    private async Task<string> CreateAsync(int batches)
    {
        var job = await api.Http.CreateJobAsync(new { batchSize = WorkerJobs.BatchSize, workersPerTask = 1 });
        await api.Http.ImportAsync(job, string.Join('\n', Enumerable.Range(0, batches * WorkerJobs.BatchSize).Select(number => $"{job}/{number}.png,Dog,{80 + (number % 20)}")));
        return job;
    }

    private async Task<int> NextAsync(string job, string worker) => (await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/next?worker={worker}")).Int("task");

    private async Task<List<string>> AheadAsync(string job, int task, string worker) =>
        [.. (await api.Http.GetJsonAsync(string.Create(CultureInfo.InvariantCulture, $"/work/{job}/ahead?task={task}&worker={worker}"))).GetProperty("pictures").EnumerateArray().Select(path => path.GetString()!)];

    private async Task<IEnumerable<string>> PicturesAsync(string job, int task) =>
        (await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/{task}")).Items("images").Select(image => $"/jobs/{job}/picture?url={Uri.EscapeDataString(image.String("imageUrl"))}&size=512").Order(StringComparer.Ordinal);

    private async Task AnswerAsync(string job, int task, string worker)
    {
        var boxes = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/{task}")).Items("images").ToDictionary(image => image.String("box"), _ => new Dictionary<string, bool> { ["Confirmed"] = true });
        (await api.Http.PostAsJsonAsync($"/v1/jobs/{job}/tasks/{task}/annotations", new { workerId = worker, answers = boxes }, Cancellation)).EnsureSuccessStatusCode();
    }
}
