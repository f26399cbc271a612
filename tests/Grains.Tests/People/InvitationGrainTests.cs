using BulkQA.Core;

namespace BulkQA.Grains.Tests;

public sealed class InvitationGrainTests : IAsyncLifetime
{
    private static readonly Grant _grant = new(PersonRole.Worker, TeamName.Create("dogs"));

    private TestCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await TestCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Use_ByAsManyAsMay_CountsEachOnce()
    {
        var invitation = await CreateAsync(maxUses: 2);
        var (ann, bob) = (PersonId.New(), PersonId.New());
        foreach (var person in (PersonId[])[ann, ann, bob]) Assert.NotNull(await invitation.UseAsync(person));
        Assert.Equal([ann, bob], (await invitation.GetAsync())!.Uses.Select(use => use.Person));
        Assert.Null(await invitation.UseAsync(PersonId.New()));
        // Whoever took it may ask again, though it is used up.
        Assert.NotNull(await invitation.UseAsync(ann));
        await invitation.ReturnAsync(ann);
        Assert.NotNull(await invitation.UseAsync(PersonId.New()));
    }

    [Fact]
    public async Task Use_AfterItsEndOrRevoked_IsRefused()
    {
        var (over, revoked) = (await CreateAsync(maxUses: 9), await CreateAsync(maxUses: 9));
        Assert.NotNull(await over.UseAsync(PersonId.New()));
        _cluster.Time.Ahead += TimeSpan.FromDays(1);
        Assert.Null(await over.UseAsync(PersonId.New()));
        var later = await CreateAsync(maxUses: 9);
        Assert.True(await later.RevokeAsync());
        Assert.Null(await later.UseAsync(PersonId.New()));
        Assert.False(await Grain(Invitation.NewToken()).RevokeAsync());
        Assert.Null(await Grain(Invitation.NewToken()).UseAsync(PersonId.New()));
        Assert.NotNull(await revoked.GetAsync());
    }

    [Fact]
    public async Task Use_OfTheLastByManyAtOnce_IsOne()
    {
        var invitation = await CreateAsync(maxUses: 1);
        var taken = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => invitation.UseAsync(PersonId.New())));
        Assert.Single(taken, use => use is not null);
    }

    /// <summary>By its time, or once the last who may has taken it; and not a moment before a week is over.</summary>
    [Fact]
    public async Task Delete_OfThoseThatAreOver_LeavesTheOthersAndNoListing()
    {
        _cluster.Time.Stop();
        var (used, open, revoked) = (await CreateAsync(maxUses: 1), await CreateAsync(maxUses: 2), await CreateAsync(maxUses: 1));
        await used.UseAsync(PersonId.New());
        await revoked.RevokeAsync();
        var ended = _cluster.Service<EndedInvitations>();
        _cluster.Time.Ahead += Invitation.KeptAfterEnd - TimeSpan.FromTicks(1);
        Assert.Equal((0, 3, 3), (await ended.DeleteAsync(Cancellation), await CountAsync(PeopleListings.Invitations), await CountAsync(PeopleListings.InvitationsOf(_grant.Team!.Value))));
        _cluster.Time.Ahead += TimeSpan.FromTicks(1);
        Assert.Equal((1, 2, 2), (await ended.DeleteAsync(Cancellation), await CountAsync(PeopleListings.Invitations), await CountAsync(PeopleListings.InvitationsOf(_grant.Team!.Value))));
        Assert.Null(await used.GetAsync());
        Assert.NotNull(await open.GetAsync());
        await CreateAsync(maxUses: 1);
        _cluster.Time.Ahead += TimeSpan.FromDays(1);
        Assert.Equal((2, 1, 1), (await ended.DeleteAsync(Cancellation), await CountAsync(PeopleListings.Invitations), await CountAsync(PeopleListings.InvitationsOf(_grant.Team!.Value))));
        Assert.Equal(0, await ended.DeleteAsync(Cancellation));
        Assert.DoesNotContain(_cluster.GrainStates(), state => state.Contains(used.GetPrimaryKeyString(), StringComparison.Ordinal) || state.Contains(revoked.GetPrimaryKeyString(), StringComparison.Ordinal));
    }

    /// <summary>A process may end between any two of the steps.</summary>
    [Fact]
    public async Task Delete_ThatWasCutOff_IsDoneByTheNext()
    {
        var ended = _cluster.Service<EndedInvitations>();
        foreach (var _ in Enumerable.Range(0, 3)) await CreateAsync(maxUses: 1);
        _cluster.Time.Ahead += TimeSpan.FromDays(1) + Invitation.KeptAfterEnd;
        var calls = 0;
        _cluster.BeforeCall = context => context.InterfaceMethod.Name == nameof(IInvitationGrain.DeleteEndedAsync) && Interlocked.Increment(ref calls) == 2
            ? throw new Storage.StorageException("not now (injected)") : Task.CompletedTask;
        await Assert.ThrowsAsync<Storage.StorageException>(() => ended.DeleteAsync(Cancellation));
        // Some are deleted, and still listed.
        Assert.Equal(3, await CountAsync(PeopleListings.Invitations));
        Assert.Equal(3, await ended.DeleteAsync(Cancellation));
        Assert.Equal((0, 0), (await CountAsync(PeopleListings.Invitations), await CountAsync(PeopleListings.InvitationsOf(_grant.Team!.Value))));
        Assert.DoesNotContain(_cluster.GrainStates(), state => state.Contains("invitation", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Delete_OfManyAtOnce_LooksAtAllOfThem()
    {
        for (var number = 0; number < 210; number++) await CreateAsync(maxUses: 1);
        _cluster.Time.Ahead += TimeSpan.FromDays(1) + Invitation.KeptAfterEnd;
        Assert.Equal(210, await _cluster.Service<EndedInvitations>().DeleteAsync(Cancellation));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private async Task<int> CountAsync(string listing) => await _cluster.Listings.ReadAsync(listing, "", null, Cancellation).CountAsync(Cancellation);

    private async Task<IInvitationGrain> CreateAsync(int maxUses)
    {
        var (token, now) = (Invitation.NewToken(), _cluster.Time.GetUtcNow());
        await Grain(token).CreateAsync(new Invitation(Invitation.IdOf(token), [_grant], null, maxUses, now.AddDays(1), "lead", now));
        return Grain(token);
    }

    private IInvitationGrain Grain(string token) => _cluster.Grains.GetGrain<IInvitationGrain>(Invitation.IdOf(token));
}
