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

    /// <summary>A megabyte and a bit, so that no buffer holds it whole.</summary>
    [Fact]
    public async Task Write_OfAStream_TakesWhatIsLeftOfItAndLeavesItOpen()
    {
        var uri = new ObjectUri("bucket", "streamed/a b+c%20é.bin");
        var content = new byte[1_100_000];
        new Random(1).NextBytes(content);
        using var stream = new MemoryStream(content);
        stream.Position = 7;
        await Store.WriteAsync(uri, stream, Cancellation);
        Assert.True(stream.CanRead);
        await using var read = await Store.OpenReadAsync(uri, Cancellation);
        using var copy = new MemoryStream();
        await read!.CopyToAsync(copy, Cancellation);
        Assert.Equal(content[7..], copy.ToArray());
        await Store.WriteAsync(uri, new MemoryStream("short"u8.ToArray()), Cancellation);
        Assert.Equal("short", await ReadAsync(uri));
    }

    [Fact]
    public async Task Write_OfAStreamThatFails_LeavesTheOldContent()
    {
        var uri = new ObjectUri("bucket", "half");
        await Store.WriteAsync(uri, "old"u8.ToArray(), Cancellation);
        await Assert.ThrowsAnyAsync<Exception>(() => Store.WriteAsync(uri, new BreakingStream(), Cancellation));
        Assert.Equal("old", await ReadAsync(uri));
    }

    [Fact]
    public async Task Find_SaysLengthAndAnotherVersionForAnotherContent()
    {
        var uri = new ObjectUri("bucket", "found/é.txt");
        Assert.Null(await Store.FindAsync(new ObjectUri("bucket", "no/such"), Cancellation));
        await Store.WriteAsync(uri, "one"u8.ToArray(), Cancellation);
        var first = await Store.FindAsync(uri, Cancellation);
        Assert.Equal(3, first!.Value.Length);
        Assert.Equal(first, await Store.FindAsync(uri, Cancellation));
        await Store.WriteAsync(uri, "two"u8.ToArray(), Cancellation);
        Assert.NotEqual(first, await Store.FindAsync(uri, Cancellation));
        Assert.Null(await Store.FindAsync(new ObjectUri("bucket", "found"), Cancellation));
    }

    /// <summary>Two names that look the same and are not: neither store takes one for the other.</summary>
    [Fact]
    public async Task Keys_ComposedAndDecomposed_AreTwo()
    {
        var (composed, decomposed) = (new ObjectUri("bucket", "forms/\u00e9.jpg"), new ObjectUri("bucket", "forms/e\u0301.jpg"));
        await Store.WriteAsync(composed, "composed"u8.ToArray(), Cancellation);
        Assert.Null(await Store.FindAsync(decomposed, Cancellation));
        await Store.WriteAsync(decomposed, "decomposed"u8.ToArray(), Cancellation);
        Assert.Equal(("composed", "decomposed"), (await ReadAsync(composed), await ReadAsync(decomposed)));
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

    /// <summary>Gives some and then fails, as a connection does.</summary>
    private sealed class BreakingStream() : MemoryStream(new byte[200_000])
    {
        public override int Read(byte[] buffer, int offset, int count) => Break() ?? base.Read(buffer, offset, count);

        public override int Read(Span<byte> buffer) => Break() ?? base.Read(buffer);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => Task.FromResult(Break() ?? base.Read(buffer, offset, count));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Break() ?? base.Read(buffer.Span));

        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) => throw new IOException("the connection broke");

        private int? Break() => Position > 100_000 ? throw new IOException("the connection broke") : null;
    }
}
