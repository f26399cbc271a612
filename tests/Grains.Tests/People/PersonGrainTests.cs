using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains.Tests;

public sealed class PersonGrainTests : IAsyncLifetime
{
    private static readonly TeamName _dogs = TeamName.Create("Dogs");
    private static readonly SignInName _ann = SignInName.Create("Ann@example.org");

    private TestCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await TestCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Create_Again_IsThePersonThereIs()
    {
        var (id, draft) = (PersonId.New(), new PersonDraft("Ann", _ann, [new Grant(PersonRole.Worker, _dogs)]));
        var created = (await Person(id).CreateAsync(draft)).Person!;
        Assert.Equal(created, (await Person(id).CreateAsync(draft with { Name = "Eve" })).Person! with { Grants = created.Grants });
        Assert.Equal(draft.Grants, created.Grants);
        Assert.Equal(("Ann", PersonState.Active, 1), (created.Name, created.State, created.Revision));
        Assert.Equal(id, await Name(_ann).FindAsync());
        Assert.Equal([id], await ListAsync(PeopleListings.People));
        Assert.Equal([id], await ListAsync(PeopleListings.PeopleOf(_dogs)));
    }

    [Fact]
    public async Task Create_WithASignInNameThatAnotherHas_IsRefusedAndLeavesNothing()
    {
        await Person(PersonId.New()).CreateAsync(new PersonDraft("Ann", _ann, []));
        var (second, login) = (PersonId.New(), new ExternalLogin("https://issuer", "1"));
        Assert.Equal(PersonRefusal.NameTaken, (await Person(second).CreateAsync(new PersonDraft("Other", SignInName.Create("ANN@EXAMPLE.ORG"), [], login))).Refusal);
        Assert.Null(await Person(second).GetAsync());
        Assert.Null(await _cluster.Grains.GetGrain<IPersonNameGrain>(IPersonNameGrain.Keys.Of(login)).FindAsync());
        Assert.Single(await ListAsync(PeopleListings.People));
    }

    /// <summary>A person whose state could not be stored has claimed its name, and another may have it once nobody can be storing any more.</summary>
    [Fact]
    public async Task Create_WhoseStateIsNotStored_KeepsTheNameForAWhileOnly()
    {
        var lost = PersonId.New();
        _cluster.BeforeStateWrite = name => name == "person" ? throw new StorageException("not now") : Task.CompletedTask;
        await Assert.ThrowsAnyAsync<Exception>(() => Person(lost).CreateAsync(new PersonDraft("Ann", _ann, [])));
        _cluster.BeforeStateWrite = _ => Task.CompletedTask;
        var second = PersonId.New();
        Assert.Equal(PersonRefusal.NameTaken, (await Person(second).CreateAsync(new PersonDraft("Ann", _ann, []))).Refusal);
        _cluster.Time.Ahead += TimeSpan.FromMinutes(6);
        Assert.Equal(PersonRefusal.None, (await Person(second).CreateAsync(new PersonDraft("Ann", _ann, []))).Refusal);
        Assert.Equal(second, await Name(_ann).FindAsync());
        // What the listing says of the lost one is not so.
        Assert.Null(await Person(lost).GetAsync());
    }

    [Fact]
    public async Task Change_OfNameAndGrants_MovesWhereThePersonIsFound()
    {
        var id = PersonId.New();
        var person = Person(id);
        await person.CreateAsync(new PersonDraft("Ann", _ann, [new Grant(PersonRole.Worker, _dogs)]));
        var cats = TeamName.Create("cats");
        var change = new PersonChange { Name = "Zoë", SignInName = SignInName.Create("zoe"), Add = [new Grant(PersonRole.Lead, cats)], Remove = [new Grant(PersonRole.Worker, _dogs)], After = 1 };
        var changed = (await person.ChangeAsync(change)).Person!;
        Assert.Equal((2, "Zoë"), (changed.Revision, changed.Name));
        Assert.Equal([new Grant(PersonRole.Lead, cats)], changed.Grants);
        Assert.Empty(await ListAsync(PeopleListings.PeopleOf(_dogs)));
        Assert.Equal([id], await ListAsync(PeopleListings.PeopleOf(cats)));
        Assert.Equal([id], await ListAsync(PeopleListings.People));
        Assert.Null(await Name(_ann).FindAsync());
        Assert.Equal((PersonRefusal.Stale, 2), ((await person.ChangeAsync(change)).Refusal, (await person.GetAsync())!.Revision));
        // What is so already is no change.
        Assert.Equal(2, (await person.ChangeAsync(change with { After = null })).Person!.Revision);
    }

    [Fact]
    public async Task Change_ToTooManyGrants_IsRefused()
    {
        var person = Person(PersonId.New());
        await person.CreateAsync(new PersonDraft("Ann", null, []));
        var grants = Enumerable.Range(0, Grant.MaxPerPerson + 1).Select(number => new Grant(PersonRole.Viewer, Job: JobName.Create($"job-{number}"))).ToList();
        Assert.Equal(PersonRefusal.TooManyGrants, (await person.ChangeAsync(new PersonChange { Add = [.. grants] })).Refusal);
        Assert.Equal(PersonRefusal.None, (await person.ChangeAsync(new PersonChange { Add = [.. grants.Skip(1)] })).Refusal);
    }

    [Fact]
    public async Task Change_ToSuspended_EndsSessionsAndKeepsThePassword()
    {
        var person = Person(PersonId.New());
        await person.CreateAsync(new PersonDraft("Ann", _ann, []));
        var account = (await person.WriteAccountAsync((await person.GetAccountAsync())!.Account with { PasswordHash = "hash" }))!;
        Assert.True(await person.BeginSessionAsync(Session("one", _cluster.Time.GetUtcNow()), (await person.GetAccountAsync())!.Account.SecurityStamp, TimeSpan.FromHours(1), TimeSpan.FromHours(1)));
        await person.ChangeAsync(new PersonChange { Suspend = true });
        var suspended = (await person.GetAccountAsync())!;
        Assert.Empty(suspended.Sessions);
        Assert.Equal((PersonState.Suspended, "hash"), (suspended.Person.State, suspended.Account.PasswordHash));
        Assert.NotEqual(account.SecurityStamp, suspended.Account.SecurityStamp);
    }

    [Fact]
    public async Task WriteAccount_FromAnEarlierRevision_IsRefused()
    {
        var person = Person(PersonId.New());
        await person.CreateAsync(new PersonDraft("Ann", _ann, []));
        var first = (await person.GetAccountAsync())!.Account;
        Assert.Equal(first.Revision + 1, (await person.WriteAccountAsync(first with { PasswordHash = "one" }))!.Revision);
        Assert.Null(await person.WriteAccountAsync(first with { PasswordHash = "two" }));
        Assert.Equal("one", (await person.GetAccountAsync())!.Account.PasswordHash);
    }

    /// <summary>What could not be taken out of a listing is remembered, so that no name outlives an erasure.</summary>
    [Fact]
    public async Task Erase_AfterARenameThatWasNotFinished_LeavesNoName()
    {
        var id = PersonId.New();
        await Person(id).CreateAsync(new PersonDraft("Ann", _ann, []));
        await Person(id).ChangeAsync(new PersonChange { Name = "Zoë" });
        // As if the first name had stayed.
        await _cluster.Listings.AddAsync(PeopleListings.People, $"ann/{id}", TestContext.Current.CancellationToken);
        await Person(id).EraseAsync();
        Assert.Empty(await ListAsync(PeopleListings.People));
    }

    [Fact]
    public async Task TrySignIn_AsOftenAsMayBe_IsRefusedUntilTheLockoutIsOver()
    {
        var person = Person(PersonId.New());
        await person.CreateAsync(new PersonDraft("Ann", _ann, []));
        for (var attempt = 0; attempt < 2; attempt++) Assert.True(await person.TrySignInAsync(3, TimeSpan.FromMinutes(10)));
        // The right one: counted anew.
        await person.NoteSignInAsync();
        for (var attempt = 0; attempt < 3; attempt++) Assert.True(await person.TrySignInAsync(3, TimeSpan.FromMinutes(10)));
        Assert.False(await person.TrySignInAsync(3, TimeSpan.FromMinutes(10)));
        // Whoever writes what was read before does not open it.
        await person.WriteAccountAsync((await person.GetAccountAsync())!.Account with { FailedAttempts = 0, LockedUntil = null });
        Assert.False(await person.TrySignInAsync(3, TimeSpan.FromMinutes(10)));
        _cluster.Time.Ahead += TimeSpan.FromMinutes(11);
        Assert.True(await person.TrySignInAsync(3, TimeSpan.FromMinutes(10)));
    }

    /// <summary>What the provider's groups stood for goes with them, and what was granted by hand stays.</summary>
    [Fact]
    public async Task Change_ByProvider_TakesAwayWhatItGaveAlone()
    {
        var person = Person(PersonId.New());
        var (viewer, worker, lead) = (new Grant(PersonRole.Viewer), new Grant(PersonRole.Worker, _dogs), new Grant(PersonRole.Lead, _dogs));
        await person.CreateAsync(new PersonDraft("Ann", null, [viewer], new ExternalLogin("https://issuer", "1")));
        var given = (await person.ChangeAsync(new PersonChange { ByProvider = [viewer, worker] })).Person!;
        Assert.Equal([viewer, worker], given.Grants);
        Assert.Equal([worker], given.ByProvider);
        Assert.Equal([viewer, lead], (await person.ChangeAsync(new PersonChange { ByProvider = [lead] })).Person!.Grants);
        // Given by hand as well, it is no longer the provider's.
        await person.ChangeAsync(new PersonChange { Add = [lead] });
        Assert.Equal([viewer, lead], (await person.ChangeAsync(new PersonChange { ByProvider = [] })).Person!.Grants);
    }

    /// <summary>A repetition finds everything that a first erasure left.</summary>
    [Fact]
    public async Task Erase_WhoseStateIsNotStored_IsDoneByARepetition()
    {
        var id = PersonId.New();
        await Person(id).CreateAsync(new PersonDraft("Ann", _ann, [new Grant(PersonRole.Worker, _dogs)]));
        _cluster.BeforeStateWrite = name => name == "person" ? throw new StorageException("not now") : Task.CompletedTask;
        await Assert.ThrowsAnyAsync<Exception>(() => Person(id).EraseAsync());
        _cluster.BeforeStateWrite = _ => Task.CompletedTask;
        await Person(id).EraseAsync();
        Assert.Equal(PersonState.Erased, (await Person(id).GetAsync())!.State);
        Assert.Empty(await ListAsync(PeopleListings.People));
        Assert.Empty(await ListAsync(PeopleListings.PeopleOf(_dogs)));
        Assert.Null(await Name(_ann).FindAsync());
    }

    [Fact]
    public async Task Erase_LeavesTheIdAloneAndFreesTheName()
    {
        var id = PersonId.New();
        await Person(id).CreateAsync(new PersonDraft("Ann", _ann, [new Grant(PersonRole.Worker, _dogs)], new ExternalLogin("https://issuer", "1")));
        for (var call = 0; call < 2; call++) await Person(id).EraseAsync();
        var erased = (await Person(id).GetAsync())!;
        Assert.Equal((PersonState.Erased, "", null, null), (erased.State, erased.Name, erased.SignInName, erased.Login));
        Assert.Null(await Person(id).GetAccountAsync());
        Assert.Equal(PersonRefusal.NoPerson, (await Person(id).ChangeAsync(new PersonChange { Name = "Ann" })).Refusal);
        Assert.Equal((await Person(id).GetAsync())!.Revision, (await Person(id).CreateAsync(new PersonDraft("Ann", _ann, []))).Person!.Revision);
        Assert.Empty(await ListAsync(PeopleListings.People));
        Assert.Empty(await ListAsync(PeopleListings.PeopleOf(_dogs)));
        Assert.Null(await Name(_ann).FindAsync());
        await _cluster.RestartAsync(gracefully: true);
        Assert.Equal(PersonState.Erased, (await Person(id).GetAsync())!.State);
    }

    [Fact]
    public async Task WriteAccount_WithAPasskey_ClaimsItUntilItIsRemovedOrThePersonErased()
    {
        var (ann, bob) = (PersonId.New(), PersonId.New());
        foreach (var id in (PersonId[])[ann, bob]) await Person(id).CreateAsync(new PersonDraft("Ann", null, []));
        await AddAsync(ann, 1, 2);
        Assert.Equal(ann, await Passkey(1).FindAsync());
        // Another's is refused whole, however long ago it was claimed.
        _cluster.Time.Ahead += TimeSpan.FromMinutes(6);
        var refused = (await Person(bob).GetAccountAsync())!.Account;
        Assert.Null(await Person(bob).WriteAccountAsync(refused with { Passkeys = [Json(3), Json(1)] }));
        Assert.Null(await Passkey(3).FindAsync());
        Assert.Empty((await Person(bob).GetAccountAsync())!.Account.Passkeys);
        await AddAsync(ann, 2);
        Assert.Null(await Passkey(1).FindAsync());
        // What else changes takes none away.
        await Person(ann).ChangeAsync(new PersonChange { Name = "Zoë", Suspend = true });
        Assert.Equal(ann, await Passkey(2).FindAsync());
        await AddAsync(bob, 1);
        await Person(ann).EraseAsync();
        Assert.Null(await Passkey(2).FindAsync());
        await AddAsync(bob, 1, 2);
        Assert.Equal(bob, await Passkey(2).FindAsync());
    }

    [Fact]
    public async Task WriteAccount_WithTooManyPasskeys_IsRefused()
    {
        var person = Person(PersonId.New());
        await person.CreateAsync(new PersonDraft("Ann", null, []));
        var account = (await person.GetAccountAsync())!.Account;
        Assert.Null(await person.WriteAccountAsync(account with { Passkeys = [.. Enumerable.Range(0, PersonAccount.MaxPasskeys + 1).Select(number => Json((byte)number))] }));
        Assert.NotNull(await person.WriteAccountAsync(account with { Passkeys = [.. Enumerable.Range(0, PersonAccount.MaxPasskeys).Select(number => Json((byte)number))] }));
    }

    /// <summary>A try for nobody is written down like one for somebody, so that neither its steps nor its time tell which it is.</summary>
    [Fact]
    public async Task TrySignIn_OfNobody_WritesAndLocksLikeThatOfSomebody()
    {
        var (ann, nobody) = (Person(PersonId.New()), Person(PersonId.New()));
        await ann.CreateAsync(new PersonDraft("Ann", _ann, []));
        var writes = 0;
        _cluster.BeforeStateWrite = _ => { writes++; return Task.CompletedTask; };
        var counted = new List<(int, bool)>();
        foreach (var person in (IPersonGrain[])[ann, nobody])
        {
            writes = 0;
            for (var attempt = 0; attempt < 5; attempt++) counted.Add((writes, await person.TrySignInAsync(3, TimeSpan.FromMinutes(10))));
        }
        Assert.Equal(counted.Take(5), counted.Skip(5));
        Assert.Equal([true, true, true, false, false], counted.Take(5).Select(entry => entry.Item2));
        Assert.Null(await nobody.GetAsync());
        Assert.Null(await nobody.GetAccountAsync());
        // Where somebody is erased no name leads to, and nothing is written.
        await ann.EraseAsync();
        writes = 0;
        Assert.False(await ann.TrySignInAsync(3, TimeSpan.FromMinutes(10)));
        Assert.Equal(0, writes);
    }

    [Fact]
    public async Task Sessions_BegunAndEnded_AreThoseThatThePersonHas()
    {
        var person = Person(PersonId.New());
        var now = _cluster.Time.GetUtcNow();
        Assert.False(await BeginAsync(person, "early", now));
        await person.CreateAsync(new PersonDraft("Ann", _ann, []));
        foreach (var id in (string[])["one", "two", "two", "three"]) Assert.True(await BeginAsync(person, id, now));
        Assert.Equal(["three", "two", "one"], await SessionsAsync(person));
        Assert.True(await person.EndSessionAsync("two"));
        Assert.False(await person.EndSessionAsync("two"));
        Assert.Equal(["three", "one"], await SessionsAsync(person));
        // What the person signs in by changes nothing of it, unless it ends them.
        var account = (await person.WriteAccountAsync((await person.GetAccountAsync())!.Account with { PasswordHash = "hash" }))!;
        await person.ChangeAsync(new PersonChange { Name = "Anne" });
        await person.EndSessionsAsync("one");
        Assert.Equal(["one"], await SessionsAsync(person));
        await person.WriteAccountAsync(account with { SecurityStamp = "another" });
        Assert.Empty(await SessionsAsync(person));
        // Somebody who had shown who it is before that, and is let in only now.
        Assert.False(await BeginAsync(person, "late", now, account.SecurityStamp));
        Assert.Empty(await SessionsAsync(person));
        await BeginAsync(person, "four", now);
        await person.EndSessionsAsync(null);
        Assert.Empty(await SessionsAsync(person));
    }

    [Fact]
    public async Task Session_BeyondTheMost_EndsTheOneThatWasNotUsedForLongest()
    {
        var person = Person(PersonId.New());
        await person.CreateAsync(new PersonDraft("Ann", _ann, []));
        for (var number = 0; number < PersonSession.MaxPerPerson; number++) await BeginAsync(person, $"{number}", _cluster.Time.GetUtcNow());
        _cluster.Time.Ahead += PersonSession.SeenEvery;
        await person.NoteSeenAsync("0");
        while ((await person.GetAccountAsync())!.Sessions.Single(session => session.Id == "0") is var first && first.SeenAt == first.BeganAt) TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        await BeginAsync(person, "further", _cluster.Time.GetUtcNow());
        var left = await SessionsAsync(person);
        Assert.Equal(PersonSession.MaxPerPerson, left.Count);
        Assert.Superset(new HashSet<string> { "further", "0" }, left.ToHashSet());
        // Those that have run out go with the next one that begins.
        _cluster.Time.Ahead += TimeSpan.FromHours(2);
        await BeginAsync(person, "later", _cluster.Time.GetUtcNow());
        Assert.Equal(["later"], await SessionsAsync(person));
    }

    /// <summary>However many requests come with a session, it is written down as used once in some minutes.</summary>
    [Fact]
    public async Task NoteSeen_Often_WritesOnceInAWhile()
    {
        var person = Person(PersonId.New());
        await person.CreateAsync(new PersonDraft("Ann", _ann, []));
        await BeginAsync(person, "one", _cluster.Time.GetUtcNow());
        var writes = 0;
        _cluster.BeforeStateWrite = _ => { writes++; return Task.CompletedTask; };
        _cluster.Time.Ahead += PersonSession.SeenEvery;
        // Nobody waits for such a call, and it may be carried out after later ones.
        do await person.NoteSeenAsync("one");
        while ((await person.GetAccountAsync())!.Sessions.Single() is var session && session.SeenAt == session.BeganAt);
        for (var call = 0; call < 10; call++) await person.NoteSeenAsync(call % 2 == 0 ? "one" : "another");
        await person.NoteSignInAsync();
        Assert.Equal(1, writes);
    }

    private static PersonSession Session(string id, DateTimeOffset at) => new(id, at, at, SignInMeans.Password, "Firefox", "Linux");

    private static async Task<bool> BeginAsync(IPersonGrain person, string id, DateTimeOffset at, string? stamp = null) => await person.BeginSessionAsync(Session(id, at), stamp ?? (await person.GetAccountAsync())?.Account.SecurityStamp ?? "", TimeSpan.FromHours(12), TimeSpan.FromHours(1));

    private static async Task<List<string>> SessionsAsync(IPersonGrain person) => [.. (await person.GetAccountAsync())!.Sessions.Select(session => session.Id)];

    private static string Json(byte number) => new Grains.Passkey([number], [9], "Phone", DateTimeOffset.UnixEpoch, 0).ToJson();

    private async Task AddAsync(PersonId id, params byte[] numbers) =>
        Assert.NotNull(await Person(id).WriteAccountAsync((await Person(id).GetAccountAsync())!.Account with { Passkeys = [.. numbers.Select(Json)] }));

    private IPersonNameGrain Passkey(byte number) => _cluster.Grains.GetGrain<IPersonNameGrain>(IPersonNameGrain.Keys.OfPasskey([number]));

    private IPersonGrain Person(PersonId id) => _cluster.Grains.GetGrain<IPersonGrain>(id.Value);

    private IPersonNameGrain Name(SignInName name) => _cluster.Grains.GetGrain<IPersonNameGrain>(IPersonNameGrain.Keys.Of(name));

    private async Task<List<PersonId>> ListAsync(string listing) =>
        await _cluster.Listings.ReadAsync(listing, "", null, TestContext.Current.CancellationToken).Select(PeopleListings.PersonOf).ToListAsync(TestContext.Current.CancellationToken);
}
