using Orleans.Storage;

namespace BulkQA.Storage.Tests;

/// <summary>What every grain storage must do, whatever it is made of: the guarantees of Orleans' own providers.</summary>
public abstract class GrainStorageCompliance
{
    private const string Name = "state";

    protected abstract IGrainStorage Storage { get; }

    [Theory]
    [InlineData("plain")]
    [InlineData("job~0123/Dog %2F|#_ 犬 🐕")]
    [InlineData("' OR 1=1 --")]
    public async Task Write_ThenRead_GivesTheState(string key)
    {
        var grain = GrainId.Create("test", key + Guid.NewGuid());
        var written = State("hello");
        await Storage.WriteStateAsync(Name, grain, written);
        Assert.True(written.RecordExists);
        var read = await ReadAsync(grain);
        Assert.Equal(("hello", written.ETag, true), (read.State!.Text, read.ETag, read.RecordExists));
    }

    [Fact]
    public async Task Read_Nothing_IsANewStateWithoutETag()
    {
        var read = await ReadAsync(NewGrain());
        Assert.Equal(("", null, false), (read.State!.Text, read.ETag, read.RecordExists));
    }

    [Fact]
    public async Task Write_InsertOverExisting_IsRefused()
    {
        var grain = NewGrain();
        await Storage.WriteStateAsync(Name, grain, State("first"));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.WriteStateAsync(Name, grain, State("second")));
        Assert.Equal("first", (await ReadAsync(grain)).State!.Text);
    }

    [Fact]
    public async Task Write_StaleETag_IsRefusedAndPreservesTheState()
    {
        var grain = NewGrain();
        var first = State("first");
        await Storage.WriteStateAsync(Name, grain, first);
        var stale = new GrainState<TestState>(new TestState { Text = "stale" }, first.ETag!);
        first.State = new TestState { Text = "second" };
        await Storage.WriteStateAsync(Name, grain, first);
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.WriteStateAsync(Name, grain, stale));
        Assert.Equal("second", (await ReadAsync(grain)).State!.Text);
    }

    [Fact]
    public async Task Clear_StaleETag_IsRefusedAndPreservesTheState()
    {
        var grain = NewGrain();
        var state = State("first");
        await Storage.WriteStateAsync(Name, grain, state);
        var stale = new GrainState<TestState>(new TestState(), state.ETag!);
        await Storage.WriteStateAsync(Name, grain, state);
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.ClearStateAsync(Name, grain, stale));
        Assert.Equal("first", (await ReadAsync(grain)).State!.Text);
    }

    [Fact]
    public async Task Clear_Twice_IsFineAndLeavesNothing()
    {
        var grain = NewGrain();
        var state = State("first");
        await Storage.WriteStateAsync(Name, grain, state);
        await Storage.ClearStateAsync(Name, grain, state);
        await Storage.ClearStateAsync(Name, grain, state);
        Assert.False((await ReadAsync(grain)).RecordExists);
        await Storage.ClearStateAsync(Name, NewGrain(), State(""));
    }

    [Fact]
    public async Task ETag_EveryWriteAndClear_IsNew()
    {
        var grain = NewGrain();
        var state = State("x");
        var seen = new HashSet<string?>();
        for (var round = 0; round < 3; round++)
        {
            await Storage.WriteStateAsync(Name, grain, state);
            Assert.True(seen.Add(state.ETag));
            await Storage.WriteStateAsync(Name, grain, state);
            Assert.True(seen.Add(state.ETag));
            var before = state.ETag;
            await Storage.ClearStateAsync(Name, grain, state);
            Assert.NotEqual(before, state.ETag);
        }
    }

    [Fact]
    public async Task Write_StaleFromBeforeAClear_IsRefused()
    {
        var grain = NewGrain();
        var state = State("old");
        await Storage.WriteStateAsync(Name, grain, state);
        var stale = new GrainState<TestState>(new TestState { Text = "stale" }, state.ETag!);
        await Storage.ClearStateAsync(Name, grain, state);
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.WriteStateAsync(Name, grain, stale));
        state.State = new TestState { Text = "new" };
        await Storage.WriteStateAsync(Name, grain, state);
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.WriteStateAsync(Name, grain, stale));
        Assert.Equal("new", (await ReadAsync(grain)).State!.Text);
    }

    [Fact]
    public async Task States_OfOneGrainByName_AreIndependent()
    {
        var grain = NewGrain();
        var (one, two) = (State("one"), State("two"));
        await Storage.WriteStateAsync("a", grain, one);
        await Storage.WriteStateAsync("b", grain, two);
        await Storage.ClearStateAsync("a", grain, one);
        var read = new GrainState<TestState>(new TestState());
        await Storage.ReadStateAsync("b", grain, read);
        Assert.Equal("two", read.State!.Text);
    }

    [Fact]
    public async Task Write_ManyAtOnceFromTheSameETag_OneWins()
    {
        var grain = NewGrain();
        var state = State("x");
        await Storage.WriteStateAsync(Name, grain, state);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(async number =>
        {
            try
            {
                await Storage.WriteStateAsync(Name, grain, new GrainState<TestState>(new TestState { Text = $"{number}" }, state.ETag!));
                return true;
            }
            catch (InconsistentStateException)
            {
                return false;
            }
        }));
        Assert.Single(outcomes, true);
        Assert.Equal($"{Array.IndexOf(outcomes, true)}", (await ReadAsync(grain)).State!.Text);
    }

    private static GrainId NewGrain() => GrainId.Create("test", Guid.NewGuid().ToString());

    private static GrainState<TestState> State(string text) => new(new TestState { Text = text });

    private async Task<GrainState<TestState>> ReadAsync(GrainId grain)
    {
        var read = new GrainState<TestState>(new TestState());
        await Storage.ReadStateAsync(Name, grain, read);
        return read;
    }
}

[GenerateSerializer, Alias("BulkQA.Tests.TestState")]
public sealed class TestState
{
    [Id(0)]
    public string Text { get; init; } = "";
}
