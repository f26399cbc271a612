using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace BulkQA.Web.Tests;

public sealed class LiveFeedTests : IAsyncDisposable
{
    private const string Path = "/v1/jobs/a";

    private readonly FakeTimeProvider _time = new();
    private readonly RestStub _rest = new();
    private readonly LiveFeed _feed;

    public LiveFeedTests() => _feed = new LiveFeed(_time, NullLogger<LiveFeed>.Instance);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Subscribe_ManyOfOneScope_AskOnceEachRoundAndAreAllTold()
    {
        _rest.Answer(Path, new { votes = 1 });
        var all = new List<Watcher>();
        for (var watcher = 0; watcher < 20; watcher++) all.Add(await WatchAsync());
        foreach (var watcher in all) await watcher.UntilAsync(1);
        var begun = _rest.Count(Path);
        _rest.Answer(Path, new { votes = 2 });
        await NextRoundAsync();
        foreach (var watcher in all) await watcher.UntilAsync(2);
        Assert.InRange(_rest.Count(Path) - begun, 1, 3);
        Assert.Equal(1, _feed.Subjects);
    }

    [Fact]
    public async Task Rounds_WithoutAChange_TellNobody()
    {
        _rest.Answer(Path, new { votes = 1 });
        var watcher = await WatchAsync();
        await watcher.UntilAsync(1);
        for (var round = 0; round < 3; round++) await NextRoundAsync();
        Assert.Equal([1], watcher.Told);
    }

    [Fact]
    public async Task Subscribe_OfAnotherScope_AsksByItself()
    {
        _rest.Answer(Path, new { votes = 1 });
        var first = await WatchAsync();
        _rest.Scope = "another";
        var second = await WatchAsync();
        await first.UntilAsync(1);
        await second.UntilAsync(1);
        Assert.Equal(2, _feed.Subjects);
    }

    [Fact]
    public async Task Round_ThatIsRefused_EndsTheSubscriptionAndSaysWhy()
    {
        _rest.Answer(Path, new { votes = 1 });
        var watcher = await WatchAsync();
        await watcher.UntilAsync(1);
        _rest.Refuse(Path, HttpStatusCode.Forbidden, "no longer");
        await NextRoundAsync();
        await Eventually.HoldsAsync(() => watcher.Problems.Count == 1 && _feed.Subjects == 0, () => _time.Advance(LiveFeed.Period));
        Assert.Equal("no longer", watcher.Problems[0].Detail);
    }

    [Fact]
    public async Task Round_ThatFails_IsTriedAgain()
    {
        _rest.Refuse(Path, HttpStatusCode.ServiceUnavailable, "later");
        var watcher = await WatchAsync();
        await Eventually.HoldsAsync(() => watcher.Problems.Count > 0, () => _time.Advance(LiveFeed.Period));
        _rest.Answer(Path, new { votes = 7 });
        await Eventually.HoldsAsync(() => watcher.Told.Contains(7), () => _time.Advance(LiveFeed.Period));
    }

    [Fact]
    public async Task Subscriber_WhoIsNotAskedInTurn_IsCheckedAgainAfterTheInterval()
    {
        _rest.Answer(Path, new { votes = 1 });
        var (mine, other) = (new RestStub(), await WatchAsync());
        mine.Answer(Path, new { votes = 1 });
        var watcher = await WatchAsync(mine);
        await other.UntilAsync(1);
        await watcher.UntilAsync(1);
        mine.Refuse(Path, HttpStatusCode.NotFound, "gone");
        await Eventually.HoldsAsync(() => watcher.Problems.Count == 1, () => _time.Advance(LiveFeed.CheckInterval));
        Assert.Empty(other.Problems);
    }

    /// <summary>Else one who got more rights would show others what they may not see.</summary>
    [Fact]
    public async Task Subscriber_WhoseScopeBecomesAnother_SharesNothingWithTheOthersAnyMore()
    {
        var (mine, theirs) = (new RestStub(), new RestStub());
        mine.Answer(Path, new { votes = 1 });
        theirs.Answer(Path, new { votes = 1 });
        var (promoted, other) = (await WatchAsync(mine), await WatchAsync(theirs));
        await promoted.UntilAsync(1);
        await other.UntilAsync(1);
        Assert.Equal(1, _feed.Subjects);
        mine.Scope = "more";
        mine.Answer(Path, new { votes = 99 });
        await Eventually.HoldsAsync(() => promoted.Told.Contains(99), () => _time.Advance(LiveFeed.Period));
        theirs.Answer(Path, new { votes = 2 });
        await Eventually.HoldsAsync(() => other.Told.Contains(2), () => _time.Advance(LiveFeed.Period));
        Assert.DoesNotContain(99, other.Told);
        Assert.DoesNotContain(2, promoted.Told);
        Assert.Equal(2, _feed.Subjects);
    }

    [Fact]
    public async Task Page_ThatCanNotShowWhatItIsTold_HoldsUpNoOther()
    {
        _rest.Answer(Path, new { votes = 1 });
        using var broken = await _feed.SubscribeAsync<JobModel>(_rest.NewClient(), Path, _ => throw new InvalidOperationException("as the test wants"), _ => Task.CompletedTask);
        var watcher = await WatchAsync();
        await watcher.UntilAsync(1);
        _rest.Answer(Path, new { votes = 2 });
        await Eventually.HoldsAsync(() => watcher.Told.Contains(2), () => _time.Advance(LiveFeed.Period));
    }

    [Fact]
    public async Task LastSubscriberThatGoes_EndsTheAsking()
    {
        _rest.Answer(Path, new { votes = 1 });
        var watcher = await WatchAsync();
        await watcher.UntilAsync(1);
        watcher.Subscription.Dispose();
        await Eventually.HoldsAsync(() => _feed.Subjects == 0, () => _time.Advance(LiveFeed.Period));
    }

    public async ValueTask DisposeAsync()
    {
        await _feed.DisposeAsync();
        _rest.Dispose();
    }

    private async Task NextRoundAsync()
    {
        var before = _rest.Count(Path);
        await Eventually.HoldsAsync(() => _rest.Count(Path) > before, () => _time.Advance(LiveFeed.Period));
    }

    private async Task<Watcher> WatchAsync(RestStub? rest = null)
    {
        var watcher = new Watcher();
        watcher.Subscription = await _feed.SubscribeAsync<JobModel>((rest ?? _rest).NewClient(), Path, watcher.TellAsync, watcher.FailAsync);
        return watcher;
    }

    private sealed class Watcher
    {
        private readonly Lock _lock = new();
        private readonly List<long> _told = [];
        private readonly List<RestException> _problems = [];

        public IDisposable Subscription { get; set; } = null!;

        public IReadOnlyList<long> Told { get { lock (_lock) return [.. _told]; } }

        public IReadOnlyList<RestException> Problems { get { lock (_lock) return [.. _problems]; } }

        public Task TellAsync(JobModel job)
        {
            lock (_lock) _told.Add(job.Votes);
            return Task.CompletedTask;
        }

        public Task FailAsync(RestException problem)
        {
            lock (_lock) _problems.Add(problem);
            return Task.CompletedTask;
        }

        public Task UntilAsync(long votes) => Eventually.HoldsAsync(() => Told.Contains(votes));
    }
}
