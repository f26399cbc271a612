using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class ClassViewTests
{
    private static readonly JobSettings _settings = new() { WorkersPerTask = 2 };

    private static readonly Gen<(int Image, Vote[] Votes)> _message =
        Gen.Select(Gen.Int[0, 11], VoteSetTests.AnyVote.Array[1, 4]);

    /// <summary>
    /// Votes in any order, split and repeated, contributions late and repeated: the counters are those of a naive fold
    /// over each worker's last answer.
    /// </summary>
    [Fact]
    public void Apply_ContributionsInAnyOrderAndRepeated_GivesTheNaiveFold() =>
        Gen.Select(_message.Array[0, 40], Gen.Int).Sample((messages, seed) =>
        {
            var random = new Random(seed);
            var view = new ClassView(_settings, _ => true);
            var (rows, versions) = (new Dictionary<int, VoteSet>(), new Dictionary<int, int>());
            var late = new List<(int Image, Contribution Contribution)>();
            for (var image = 0; image < 12; image++)
                Deliver(image);
            foreach (var (image, votes) in messages.Concat(messages.Where(_ => random.Next(3) == 0)).OrderBy(_ => random.Next()))
            {
                rows[image] = rows.GetValueOrDefault(image, VoteSet.Empty).Merge(votes, out _);
                Deliver(image);
            }
            foreach (var (image, contribution) in late.OrderBy(_ => random.Next())) view.Apply(Hash(image), contribution);
            Assert.Equal(Naive(messages), view.Tally());

            void Deliver(int image)
            {
                versions[image] = versions.GetValueOrDefault(image) + 1;
                var set = rows.GetValueOrDefault(image, VoteSet.Empty);
                var contribution = new Contribution(
                    versions[image], Confidence(image), set.Confirms, set.Disconfirms, Verdict.Unreviewed, set.LastAt, Place(image));
                late.Add((image, contribution));
                if (random.Next(4) > 0) view.Apply(Hash(image), contribution);
            }
        });

    [Fact]
    public void ChangePolicy_Refolds()
    {
        var view = new ClassView(_settings, _ => true);
        view.Apply(Hash(0), new Contribution(2, Percent.Create(99), 2, 1, Verdict.Split, default, null));
        Assert.Equal(1, view.Tally().All.Split);
        view.ChangePolicy(VerdictPolicy.Majority);
        Assert.Equal((0, 1), (view.Tally().All.Split, view.Tally().All.Confirmed));
    }

    [Fact]
    public async Task Tally_FromAnotherThread_IsNeverOfHalfAChange()
    {
        var view = new ClassView(_settings, _ => true);
        view.Apply(new ImageHash(0), Of(1));
        var writing = Task.Run(
            () =>
            {
                for (var version = 2; version < 300_000; version++) view.Apply(new ImageHash(0), Of(version));
            },
            TestContext.Current.CancellationToken);
        while (!writing.IsCompleted)
        {
            var tally = view.Tally();
            Assert.Equal((1, 1, 2L), (tally.All.Total, tally.All.Reviewed, tally.Votes));
        }
        await writing;

        // Two workers, who change their minds with every version.
        static Contribution Of(int version) => new(version, null, version % 2 * 2, (version + 1) % 2 * 2, default, default, null);
    }

    [Fact]
    public void Apply_TaskAtHomeElsewhere_IsNotCounted()
    {
        var view = new ClassView(_settings, shard => shard.Number < 8);
        view.Apply(new ImageHash(0), new Contribution(1, null, 0, 0, default, default, new TaskPlace(new TaskNumber(1), new Shard(9))));
        view.Apply(new ImageHash(1), new Contribution(1, null, 0, 0, default, default, new TaskPlace(new TaskNumber(2), new Shard(7))));
        Assert.Equal(1, view.Tally().Tasks);
    }

    [Fact]
    public void Apply_ImageOfAnotherRange_IsNotCounted()
    {
        var view = new ClassView(_settings, shard => shard.Number < 8);
        Assert.False(view.Apply(new ImageHash(9), new Contribution(1, null, 0, 0, default, default, null)));
        Assert.True(view.Apply(new ImageHash(7), new Contribution(1, null, 0, 0, default, default, null)));
        Assert.Equal(1, view.Tally().All.Total);
    }

    /// <summary>Written without any of the types under test's own arithmetic.</summary>
    private static ClassTally Naive((int Image, Vote[] Votes)[] messages)
    {
        var buckets = new BucketTally[BucketEdges.Default.BucketCount];
        long votes = 0, last = 0;
        var done = new Dictionary<int, bool>();
        for (var image = 0; image < 12; image++)
        {
            var answers = messages.Where(message => message.Image == image).SelectMany(message => message.Votes)
                .GroupBy(vote => vote.Worker)
                .Select(group => group.OrderBy(vote => vote.At.UtcTicks).ThenBy(vote => vote.Confirmed ? 0 : 1).Last()).ToList();
            var (yes, no) = (answers.Count(vote => vote.Confirmed), answers.Count(vote => !vote.Confirmed));
            var bucket = image % 4;
            var old = buckets[bucket];
            buckets[bucket] = new BucketTally(
                old.Total + 1, old.Confirmed + (yes > 0 && no == 0 ? 1 : 0), old.Disconfirmed + (no > 0 && yes == 0 ? 1 : 0), old.Split + (yes > 0 && no > 0 ? 1 : 0));
            votes += answers.Count;
            last = answers.Select(vote => vote.At.UtcTicks).Append(last).Max();
            var task = image / 5;
            done[task] = done.GetValueOrDefault(task, true) && answers.Count >= 2;
        }
        return new ClassTally([.. buckets], votes, done.Count, done.Count(task => task.Value), new SubmissionTime(last));
    }

    private static ImageHash Hash(int image) => new((UInt128)(image + 1));

    private static Percent Confidence(int image) => Percent.Create(80 + (5 * (image % 4)));

    private static TaskPlace Place(int image) => new(new TaskNumber(image / 5), new Shard(0));
}
