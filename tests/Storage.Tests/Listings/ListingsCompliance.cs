using System.Text;

namespace BulkQA.Storage.Tests;

/// <summary>What listings must do, whatever they are made of. A backend derives from this and names its own, which others may write to.</summary>
public abstract class ListingsCompliance
{
    private readonly string _set = $"set-{Guid.NewGuid():N}";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected abstract IListings Listings { get; }

    [Fact]
    public async Task Read_OfASetThatNothingWasPutInto_GivesNothing() => Assert.Empty(await ReadAsync());

    [Fact]
    public async Task Add_AgainAndInAnyOrder_GivesEachKeyOnceInTheOrderOfItsBytes()
    {
        string[] keys = ["zoë/2", "ann/1", "Ann/3", "犬/4", "🐕/5", "ann b/1", "a'; DROP TABLE listings; --", new('x', 900)];
        foreach (var key in (string[])[.. keys, .. keys]) await Listings.AddAsync(_set, key, Cancellation);
        await Listings.AddAsync(_set + "-other", "elsewhere", Cancellation);
        Assert.Equal(keys.OrderBy(key => Convert.ToHexString(Encoding.UTF8.GetBytes(key)), StringComparer.Ordinal), await ReadAsync());
    }

    [Fact]
    public async Task Read_ByPrefixAndAfterAKey_GivesThoseAlone()
    {
        foreach (var key in (string[])["an", "ann/1", "ann/2", "anna/1", "ao", "犬/1", "犬小屋/1"]) await Listings.AddAsync(_set, key, Cancellation);
        Assert.Equal(["ann/1", "ann/2", "anna/1"], await ReadAsync("ann"));
        Assert.Equal(["ann/2", "anna/1"], await ReadAsync("ann", "ann/1"));
        Assert.Equal(["ann/1", "ann/2"], await ReadAsync("ann/", "an"));
        Assert.Equal(["犬/1", "犬小屋/1"], await ReadAsync("犬"));
        Assert.Equal(["ao", "犬/1", "犬小屋/1"], await ReadAsync("", "anna/2"));
        Assert.Empty(await ReadAsync("ann", "b"));
        Assert.Empty(await ReadAsync("ann", "anna/1"));
    }

    [Fact]
    public async Task Remove_AgainAndOfWhatIsNotThere_LeavesTheOthers()
    {
        foreach (var key in (string[])["a", "b", "c"]) await Listings.AddAsync(_set, key, Cancellation);
        for (var call = 0; call < 2; call++) await Listings.RemoveAsync(_set, "b", Cancellation);
        await Listings.RemoveAsync(_set + "-none", "b", Cancellation);
        Assert.Equal(["a", "c"], await ReadAsync());
        await Listings.AddAsync(_set, "b", Cancellation);
        Assert.Equal(["a", "b", "c"], await ReadAsync());
    }

    [Fact]
    public async Task Read_MoreThanAPage_GivesAllWhileOthersAreTakenOut()
    {
        var keys = Enumerable.Range(0, 1_200).Select(number => $"{number:D5}").ToList();
        await Parallel.ForEachAsync(keys, Cancellation, async (key, token) => await Listings.AddAsync(_set, key, token));
        var found = new List<string>();
        await foreach (var key in Listings.ReadAsync(_set, "", null, Cancellation))
        {
            found.Add(key);
            await Listings.RemoveAsync(_set, key, Cancellation);
        }
        Assert.Equal(keys, found);
        Assert.Empty(await ReadAsync());
    }

    private Task<List<string>> ReadAsync(string prefix = "", string? after = null) => Listings.ReadAsync(_set, prefix, after, Cancellation).ToListAsync(Cancellation).AsTask();
}
