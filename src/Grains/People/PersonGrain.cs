using System.Collections.Immutable;
using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <inheritdoc cref="IPersonGrain"/>
internal sealed class PersonGrain([PersistentState("person")] IPersistentState<PersonRecord> record, IListings listings, TimeProvider time) : Grain, IPersonGrain
{
    /// <summary>Between a listing's name and a key of it: in neither.</summary>
    private const char Between = '\n';

    private DurableState<PersonRecord> State => field ??= new(record, DeactivateOnIdle);

    private PersonId Id => PersonId.Parse(this.GetPrimaryKeyString());

    /// <summary>Null where there is none any more, or never was.</summary>
    private Person? Standing => State.Value.Person is { State: not PersonState.Erased } person ? person : null;

    public Task<Person?> GetAsync() => Task.FromResult(State.Value.Person);

    public Task<SignInRecord?> GetAccountAsync() => Task.FromResult(Standing is { } person ? new SignInRecord(person, State.Value.Account) { Sessions = State.Value.Sessions } : null);

    public async Task<PersonReceipt> CreateAsync(PersonDraft draft)
    {
        if (State.Value.Person is { } known) return new PersonReceipt(known);
        var person = new Person(Id, draft.Name, draft.SignInName, PersonState.Active, [.. draft.Grants.Distinct()], time.GetUtcNow(), Revision: 1) { Login = draft.Login, ByProvider = draft.ByProvider };
        return await MoveAsync(null, person, State.Value with { Person = person, Account = new PersonAccount { SecurityStamp = NewStamp() } });
    }

    public async Task<PersonReceipt> ChangeAsync(PersonChange change)
    {
        if (Standing is not { } before) return new PersonReceipt(null, PersonRefusal.NoPerson);
        if (change.After is { } after && after != before.Revision) return new PersonReceipt(before, PersonRefusal.Stale);
        // What was granted by hand is no provider's to take away.
        var byProvider = change.ByProvider?.Except(before.Grants.Except(before.ByProvider)).ToImmutableArray();
        var person = before with
        {
            Name = change.Name ?? before.Name,
            SignInName = change.SignInName ?? before.SignInName,
            State = change.Suspend switch { true => PersonState.Suspended, false => PersonState.Active, null => before.State },
            Language = change.Language is "" ? null : change.Language ?? before.Language,
            Grants = [.. before.Grants.Except(change.Remove).Except(byProvider is { } given ? before.ByProvider.Except(given) : []).Union(change.Add).Union(byProvider ?? [])],
            ByProvider = [.. (byProvider ?? before.ByProvider).Except(change.Add).Except(change.Remove)],
            WorkerIds = [.. before.WorkerIds.Where(worker => worker != change.Unlink).Union(change.Link is { } link ? [link] : [])],
        };
        if (person.WorkerIds.Length > Person.MaxWorkerIds) return new PersonReceipt(before, PersonRefusal.TooManyWorkerIds);
        if (person.WorkerIds.SequenceEqual(before.WorkerIds)) person = person with { WorkerIds = before.WorkerIds };
        if (person.ByProvider.SequenceEqual(before.ByProvider)) person = person with { ByProvider = before.ByProvider };
        if (person.Grants.SequenceEqual(before.Grants)) person = person with { Grants = before.Grants };
        if (person == before) return new PersonReceipt(before);
        var stored = State.Value;
        // Whoever comes back has to sign in again.
        if (person.State == PersonState.Suspended && before.State != person.State)
            stored = stored with { Account = stored.Account with { Revision = stored.Account.Revision + 1, SecurityStamp = NewStamp() }, Sessions = [] };
        // In which language pages are, and under which ids answers arrive, is nothing that links and others' changes go by.
        var isOther = person with { Language = before.Language, WorkerIds = before.WorkerIds } != before;
        return await MoveAsync(before, person with { Revision = before.Revision + (isOther ? 1 : 0) }, stored);
    }

    public async Task EraseAsync()
    {
        if (State.Value.Person is not { } before) return;
        if (before.State != PersonState.Erased) await EraseAsync(before);
        // Afterwards, so that whoever begins to count meanwhile sees that it must not; and again, where an earlier call could not.
        await GrainFactory.ForgetQuotasAsync(listings, Id.Worker, CancellationToken.None);
        DeactivateOnIdle();
    }

    private async Task EraseAsync(Person before)
    {
        var person = new Person(Id, "", null, PersonState.Erased, [], before.CreatedAt, before.Revision + 1);
        // First, so that a repetition does what a first call could not.
        foreach (var worker in before.WorkerIds) await GrainFactory.ForgetQuotasAsync(listings, worker, CancellationToken.None);
        await Task.WhenAll(NamesOf(before, State.Value.Account).Select(ReleaseAsync));
        await UnlistAsync(State.Value.Unlisted.Union(PeopleListings.EntriesOf(before).Select(KeyOf)));
        await State.SaveAsync(new PersonRecord { Person = person });
    }

    public async Task<bool> TrySignInAsync(int most, TimeSpan lockout)
    {
        // Of what is not there nothing is kept but the count: one of few, so that no number of invented names fills the storage.
        var (account, now) = (State.Value.Account, time.GetUtcNow());
        if (State.Value.Person?.State == PersonState.Erased) return false;
        if (account.LockedUntil > now)
        {
            // One write as for any other try: how long it takes must not say which names are locked.
            await State.SaveAsync(State.Value);
            return false;
        }
        var attempts = account.FailedAttempts + 1;
        await State.SaveAsync(State.Value with { Account = attempts < most ? account with { FailedAttempts = attempts } : account with { FailedAttempts = 0, LockedUntil = now + lockout } });
        return true;
    }

    public async Task NoteSignInAsync()
    {
        var account = State.Value.Account;
        if (Standing is not null && (account.FailedAttempts > 0 || account.LockedUntil is not null)) await State.SaveAsync(State.Value with { Account = account with { FailedAttempts = 0, LockedUntil = null } });
    }

    public async Task<PersonAccount?> WriteAccountAsync(PersonAccount account)
    {
        if (Standing is not { } person || State.Value.Account.Revision != account.Revision || account.Passkeys.Length > PersonAccount.MaxPasskeys) return null;
        var (old, now) = (NamesOf(person, State.Value.Account), NamesOf(person, account));
        if (!await ClaimAsync(now.Except(old))) return null;
        // Tries are counted here alone, whatever whoever writes has read of them.
        var written = account with { Revision = account.Revision + 1, FailedAttempts = State.Value.Account.FailedAttempts, LockedUntil = State.Value.Account.LockedUntil };
        await State.SaveAsync(State.Value with { Account = written, Sessions = written.SecurityStamp == State.Value.Account.SecurityStamp ? State.Value.Sessions : [] });
        await Task.WhenAll(old.Except(now).Select(ReleaseAsync));
        return written;
    }

    public async Task<bool> BeginSessionAsync(PersonSession session, string stamp, TimeSpan lifetime, TimeSpan silence)
    {
        if (Standing is null || State.Value.Account.SecurityStamp != stamp) return false;
        var now = time.GetUtcNow();
        var others = State.Value.Sessions.Where(other => other.Id != session.Id && !other.IsOver(now, lifetime, silence)).OrderByDescending(other => other.SeenAt).Take(PersonSession.MaxPerPerson - 1);
        await SaveSessionsAsync([session, .. others.OrderByDescending(other => other.BeganAt)]);
        return true;
    }

    public async Task NoteSeenAsync(string session)
    {
        var now = time.GetUtcNow();
        if (State.Value.Sessions.FirstOrDefault(one => one.Id == session) is { } seen && now - seen.SeenAt >= PersonSession.SeenEvery)
            await SaveSessionsAsync(State.Value.Sessions.Replace(seen, seen with { SeenAt = now }));
    }

    public async Task<bool> EndSessionAsync(string session)
    {
        if (State.Value.Sessions.FirstOrDefault(one => one.Id == session) is not { } ended) return false;
        await SaveSessionsAsync(State.Value.Sessions.Remove(ended));
        return true;
    }

    public async Task EndSessionsAsync(string? but)
    {
        var left = State.Value.Sessions.RemoveAll(session => session.Id != but);
        if (left.Length < State.Value.Sessions.Length) await SaveSessionsAsync(left);
    }

    private Task SaveSessionsAsync(ImmutableArray<PersonSession> sessions) => State.SaveAsync(State.Value with { Sessions = sessions });

    /// <summary>Stores a person that was another one, with what it is known by and where it is listed: claimed before, given back after.</summary>
    private async Task<PersonReceipt> MoveAsync(Person? before, Person person, PersonRecord stored)
    {
        if (person.Grants.Length > Grant.MaxPerPerson) return new PersonReceipt(before, PersonRefusal.TooManyGrants);
        var (old, now) = (NamesOf(before, State.Value.Account), NamesOf(person, stored.Account));
        if (!await ClaimAsync(now.Except(old))) return new PersonReceipt(before, PersonRefusal.NameTaken);
        var (listed, toList) = (PeopleListings.EntriesOf(before).Select(KeyOf).ToList(), PeopleListings.EntriesOf(person).ToList());
        await Task.WhenAll(toList.Where(entry => !listed.Contains(KeyOf(entry))).Select(entry => listings.AddAsync(entry.Listing, entry.Key)));
        // Also what an earlier change could not take out: an erasure has to know of it.
        var toUnlist = State.Value.Unlisted.Union(listed).Except(toList.Select(KeyOf)).ToImmutableArray();
        await State.SaveAsync(stored with { Person = person, Unlisted = toUnlist });
        await UnlistAsync(toUnlist);
        await Task.WhenAll(old.Except(now).Select(ReleaseAsync));
        return new PersonReceipt(person);
    }

    private Task UnlistAsync(IEnumerable<string> entries) => Task.WhenAll(entries.Select(entry => entry.Split(Between, 2)).Select(parts => listings.RemoveAsync(parts[0], parts[1])));

    private static string KeyOf((string Listing, string Key) entry) => $"{entry.Listing}{Between}{entry.Key}";

    /// <returns>False where another has one of them: then none is claimed.</returns>
    private async Task<bool> ClaimAsync(IEnumerable<string> names)
    {
        var claimed = new List<string>();
        foreach (var name in names)
        {
            if (await GrainFactory.GetGrain<IPersonNameGrain>(name).ClaimAsync(Id) != Id)
            {
                await Task.WhenAll(claimed.Select(ReleaseAsync));
                return false;
            }
            claimed.Add(name);
        }
        return true;
    }

    private Task ReleaseAsync(string name) => GrainFactory.GetGrain<IPersonNameGrain>(name).ReleaseAsync(Id);

    internal static ImmutableArray<string> NamesOf(Person? person, PersonAccount account) =>
    [
        .. person?.SignInName is { } name ? [IPersonNameGrain.Keys.Of(name)] : (string[])[],
        .. person?.Login is { } login ? [IPersonNameGrain.Keys.Of(login)] : (string[])[],
        .. person?.WorkerIds.Select(IPersonNameGrain.Keys.Of) ?? [],
        .. account.Passkeys.Select(json => IPersonNameGrain.Keys.OfPasskey(Passkey.Parse(json).CredentialId)),
    ];

    private static string NewStamp() => Guid.NewGuid().ToString("N");
}

/// <summary>What a person's grain stores.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.PersonRecord")]
public sealed record PersonRecord
{
    [Id(0)] public Person? Person { get; init; }

    [Id(1)] public PersonAccount Account { get; init; } = new();

    /// <summary>Where the person is no longer listed, though taking it out may have failed: listing and key, with a line break between.</summary>
    [Id(2)] public ImmutableArray<string> Unlisted { get => field.IsDefault ? [] : field; init => field = value.IsDefaultOrEmpty ? default : value; }

    /// <summary>Where the person is signed in, the latest sign-in first.</summary>
    [Id(5)] public ImmutableArray<PersonSession> Sessions { get => field.IsDefault ? [] : field; init => field = value.IsDefaultOrEmpty ? default : value; }
}
