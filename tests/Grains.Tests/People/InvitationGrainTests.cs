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

    private async Task<IInvitationGrain> CreateAsync(int maxUses)
    {
        var (token, now) = (Invitation.NewToken(), _cluster.Time.GetUtcNow());
        await Grain(token).CreateAsync(new Invitation(Invitation.IdOf(token), [_grant], null, maxUses, now.AddDays(1), "lead", now));
        return Grain(token);
    }

    private IInvitationGrain Grain(string token) => _cluster.Grains.GetGrain<IInvitationGrain>(Invitation.IdOf(token));
}
