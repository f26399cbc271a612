using System.Text.Json;

namespace BulkQA.Api.Tests;

/// <summary>Whether and what a worker is told of the gold in a batch: images <c>s3://b/right-*</c> and <c>s3://b/wrong-*</c>, and no other.</summary>
public sealed class GoldFeedbackTests(SharedApi api)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answer_OfAJobThatTells_SaysHowTheWorkerDidOnGoldAlone()
    {
        var job = await JobAsync(true);
        var batch = await NextAsync(job, "ann");
        // Before it nothing is told.
        Assert.DoesNotContain("gold", batch.GetRawText(), StringComparison.OrdinalIgnoreCase);
        var gold = batch.Items("images").Where(IsGold).ToList();
        Assert.Equal(2, gold.Count);
        var told = (await AnswerAsync(job, "ann", batch, image => new { Confirmed = true })).GetProperty("gold");
        Assert.Equal((2, 1), (told.Int("checks"), told.Int("right")));
        Assert.Equal(
            gold.Select(image => (image.String("box"), IsRight(image) ? "right" : "wrong", IsRight(image))),
            told.Items("images").Select(check => (check.String("box"), check.String("gold"), check.GetProperty("hit").GetBoolean())));
        // Can't tell is not right, and what was not seen is no check.
        Assert.Equal((1, 0), await ToldAsync("bob", image => IsRight(image) ? new { CantTell = true } : new { NotSeen = true }));
        Assert.Equal((2, 2), await ToldAsync("cid", image => new { Confirmed = IsRight(image) }));
        Assert.False((await AnswerAsync(job, "dan", batch, image => IsGold(image) ? new { NotSeen = true } : new { Confirmed = true })).TryGetProperty("gold", out _));

        async Task<(int, int)> ToldAsync(string worker, Func<JsonElement, object> answer) =>
            (await AnswerAsync(job, worker, batch, answer)).GetProperty("gold") is var said ? (said.Int("checks"), said.Int("right")) : default;
    }

    /// <summary>Whoever was told what is known of it would put it right, and qualify by it.</summary>
    [Fact]
    public async Task Answer_ThatSaysOtherOfGoldThanBeforeItWasTold_IsRefused()
    {
        var job = await JobAsync(true);
        var batch = await NextAsync(job, "ann");
        await AnswerAsync(job, "ann", batch, _ => new { Confirmed = true });
        await (await SendAsync(job, "ann", batch, image => new { Confirmed = IsRight(image) || !IsGold(image) })).ProblemAsync(409);
        // The same again, and another answer about the rest, are taken.
        Assert.Equal(1, (await AnswerAsync(job, "ann", batch, image => new { Confirmed = IsGold(image) })).GetProperty("gold").Int("right"));
        // What was not seen was not told of.
        await AnswerAsync(job, "bob", batch, image => IsGold(image) ? new { NotSeen = true } : new { Confirmed = true });
        Assert.Equal(2, (await AnswerAsync(job, "bob", batch, image => new { Confirmed = IsRight(image) })).GetProperty("gold").Int("right"));
    }

    [Fact]
    public async Task Answer_OfAJobThatDoesNotTell_SaysNothingOfGold()
    {
        var job = await JobAsync(false);
        Assert.DoesNotContain("gold", (await AnswerAsync(job, "ann", await NextAsync(job, "ann"), _ => new { Confirmed = true })).GetRawText(), StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The worker would put right what it was told.</summary>
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Batch_WhoseGoldWasTold_IsNotShownAgain(bool isTold, bool isShown)
    {
        var job = await JobAsync(isTold);
        var batch = await NextAsync(job, "ann");
        await AnswerAsync(job, "ann", batch, _ => new { Confirmed = true });
        var page = await api.Http.GetStringAsync($"/work/{job}?worker=ann&again={batch.Int("task")}", Cancellation);
        Assert.Equal(isShown, page.Contains("data-again", StringComparison.Ordinal));
    }

    private static bool IsGold(JsonElement image) => !image.String("imageUrl").Contains("/image-", StringComparison.Ordinal);

    private static bool IsRight(JsonElement image) => image.String("imageUrl").Contains("/right-", StringComparison.Ordinal);

    /// <summary>Of one batch of ten, two of them gold: one right, one wrong.</summary>
    private async Task<string> JobAsync(bool tells)
    {
        var job = await api.Http.CreateJobAsync(new { batchSize = 10, workersPerTask = 4, gold = new { oneIn = 5 }, work = new { goldFeedback = tells } });
        await api.Http.ImportAsync(job, "image,label,confidence,gold\ns3://b/right-0,Dog,,right\ns3://b/wrong-1,Dog,,wrong\n" + string.Concat(Enumerable.Range(0, 8).Select(number => $"s3://b/image-{number},Dog,90,\n")));
        return job;
    }

    private Task<JsonElement> NextAsync(string job, string worker) => api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/next?worker={worker}");

    private async Task<JsonElement> AnswerAsync(string job, string worker, JsonElement batch, Func<JsonElement, object> answer) => await (await SendAsync(job, worker, batch, answer)).JsonAsync();

    private Task<HttpResponseMessage> SendAsync(string job, string worker, JsonElement batch, Func<JsonElement, object> answer) =>
        api.Http.AnswerAsync(job, batch.Int("task"), worker, batch.Items("images").ToDictionary(image => image.String("box"), answer));
}
