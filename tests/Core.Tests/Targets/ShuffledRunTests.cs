using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class ShuffledRunTests
{
    private static readonly Gen<ulong[]> _keys = Gen.ULong[0, 20].Array[0, 6];

    /// <summary>However the keys are parted, the run says whether each is above the one before.</summary>
    [Fact]
    public void Then_KeysInParts_SaysWhetherAllAscend() => _keys.Array[0, 4].Sample(parts =>
    {
        var all = parts.SelectMany(part => part).ToArray();
        var expected = new ShuffledRun(all.Cast<ulong?>().FirstOrDefault(), all.Cast<ulong?>().LastOrDefault(), all.Zip(all.Skip(1)).All(pair => pair.First < pair.Second));
        Assert.Equal(expected, parts.Select(part => part.Aggregate(ShuffledRun.Empty, (run, key) => run.Then(key))).Aggregate(ShuffledRun.Empty, (run, part) => run.Then(part)));
    });

    /// <summary>One import, whatever was cut off and sent again, is one run; two of them are not.</summary>
    [Fact]
    public void Then_TwoImportsOfHalfTheImages_AreNoRun()
    {
        var label = Label.Create("Dog");
        var keys = Enumerable.Range(0, 200).Select(number => ShuffleKey.Of(7, label, ImageUrl.Create($"s3://b/{number}"))).ToList();
        Assert.True(Run(keys.Order()).IsShuffled);
        Assert.False(Run([.. keys.Take(100).Order(), .. keys.Skip(100).Order()]).IsShuffled);
    }

    private static ShuffledRun Run(IEnumerable<ulong> keys) => keys.Aggregate(ShuffledRun.Empty, (run, key) => run.Then(key));
}
