using System.Text;
using BulkQA.Core;

namespace BulkQA.Storage.Tests;

/// <summary>What every object store must do, whatever it is made of.</summary>
public abstract class ObjectStoreCompliance
{
    protected abstract IObjectStore Store { get; }

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OpenRead_Nothing_IsNull()
    {
        Assert.Null(await Store.OpenReadAsync(new ObjectUri("bucket", "no/such"), Cancellation));
        Assert.Null(await Store.OpenReadAsync(new ObjectUri("no-such-bucket", "x"), Cancellation));
    }

    [Theory]
    [InlineData("a.txt")]
    [InlineData("deep/er/é 犬 🐕 %2F#.txt")]
    public async Task Write_ThenRead_GivesTheContent(string key)
    {
        var uri = new ObjectUri("bucket", key);
        await Store.WriteAsync(uri, "one"u8.ToArray(), Cancellation);
        Assert.Equal("one", await ReadAsync(uri));
        await Store.WriteAsync(uri, "two, longer"u8.ToArray(), Cancellation);
        Assert.Equal("two, longer", await ReadAsync(uri));
        await Store.WriteAsync(uri, ReadOnlyMemory<byte>.Empty, Cancellation);
        Assert.Equal("", await ReadAsync(uri));
    }

    [Fact]
    public async Task Read_WhileRewritten_GivesOneContentOrTheOther()
    {
        var uri = new ObjectUri("bucket", "same");
        string[] contents = [new('a', 100_000), new('b', 100_000)];
        await Store.WriteAsync(uri, Encoding.UTF8.GetBytes(contents[0]), Cancellation);
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++) await Store.WriteAsync(uri, Encoding.UTF8.GetBytes(contents[i % 2]), Cancellation);
        }, Cancellation);
        while (!writing.IsCompleted) Assert.Contains(await ReadAsync(uri), contents);
        await writing;
    }

    [Fact]
    public async Task List_Prefix_GivesExactlyItsObjects()
    {
        foreach (var key in (string[])["jobs/a/1", "jobs/a/b/2", "jobs/ab/3", "other"])
            await Store.WriteAsync(new ObjectUri("list", key), "x"u8.ToArray(), Cancellation);
        Assert.Equal(["jobs/a/1", "jobs/a/b/2"], await ListAsync("jobs/a/"));
        Assert.Equal(["jobs/a/1", "jobs/a/b/2", "jobs/ab/3"], await ListAsync("jobs/a"));
        Assert.Equal(4, (await ListAsync("")).Length);
        Assert.Empty(await ListAsync("nothing/"));
    }

    [Fact]
    public async Task Delete_Twice_IsFine()
    {
        var uri = new ObjectUri("bucket", "gone/soon");
        await Store.WriteAsync(uri, "x"u8.ToArray(), Cancellation);
        await Store.DeleteAsync(uri, Cancellation);
        await Store.DeleteAsync(uri, Cancellation);
        Assert.Null(await Store.OpenReadAsync(uri, Cancellation));
    }

    private async Task<string> ReadAsync(ObjectUri uri)
    {
        await using var stream = await Store.OpenReadAsync(uri, Cancellation);
        using var reader = new StreamReader(stream!);
        return await reader.ReadToEndAsync(Cancellation);
    }

    private async Task<string[]> ListAsync(string prefix) =>
        [.. await Store.ListAsync(new ObjectUri("list", prefix), Cancellation).Select(uri => uri.Key).Order().ToListAsync(Cancellation)];
}
