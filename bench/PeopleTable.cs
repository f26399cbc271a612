using System.Globalization;
using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Serialization;

namespace BulkQA.Bench;

/// <summary>
/// What people cost by how many there are, all of them in one team: the calls that signing in, leads' lists and each request's check make, embedded on SQLite. The rows of the
/// people are written straight into the database, because signing up takes a slow hash each; what is measured goes through grains and listings, as the API has it.
/// </summary>
internal static class PeopleTable
{
    private const int Samples = 500;
    private const int UsesPerInvitation = 100;
    private const int PageSize = 50;

    private static readonly TeamName _team = TeamName.Create("everybody");

    public static async Task<int> RunAsync(int most)
    {
        Console.WriteLine("| people | rows written in | made by an invitation | found by sign-in name | page of 50 people, then again | page of 50 of the team, then again | membership | resident MB |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var people in ((int[])[10, 10_000, 1_000_000]).Where(size => size < most).Append(most)) await MeasureAsync(people);
        return 0;
    }

    private static async Task MeasureAsync(int people)
    {
        await using var embedded = await Embedded.StartAsync();
        var began = TimeProvider.System.GetTimestamp();
        var ids = Write(embedded, people);
        var written = TimeProvider.System.GetElapsedTime(began);
        var (grains, listings) = (embedded.Grains, embedded.Services.GetRequiredService<IListings>());
        var random = new Random(7);
        // The first of each are not counted: they load, and compile.
        foreach (var (count, isCounted) in ((int, bool)[])[(50, false), (Samples, true)])
        {
            var (made, found, page, again, ofTeam, ofTeamAgain, member) = (new Times(), new Times(), new Times(), new Times(), new Times(), new Times(), new Times());
            IInvitationGrain? invitation = null;
            for (var sample = 0; sample < count; sample++)
            {
                if (invitation is null || sample % UsesPerInvitation == 0) invitation = await InviteAsync(grains);
                await made.MeasureAsync(() => SignUpAsync(grains, invitation, $"newcomer-{isCounted}-{sample}"));
                var number = random.Next(people);
                await found.MeasureAsync(() => FindAsync(grains, Name(number)));
                await member.MeasureAsync(() => IsMemberAsync(grains, ids[random.Next(people)]));
                // Of people whom nobody has asked for, mostly, and then of those who are in memory.
                var (one, other) = (Folded(random.Next(people)), Folded(random.Next(people)));
                foreach (var times in (Times[])[page, again]) await times.MeasureAsync(() => PageAsync(grains, listings, PeopleListings.People, one));
                foreach (var times in (Times[])[ofTeam, ofTeamAgain]) await times.MeasureAsync(() => PageAsync(grains, listings, PeopleListings.PeopleOf(_team), other));
            }
            if (isCounted)
                Console.WriteLine($"| {people:N0} | {written.TotalSeconds:F1} s | {string.Join(" | ", ((Times[][])[[made], [found], [page, again], [ofTeam, ofTeamAgain], [member]]).Select(all => string.Join("; ", all.Select(times => $"{times.Percentile(0.5):F2}, {times.Percentile(0.99):F2} ms"))))} | {Usage.ResidentBytes(Environment.ProcessId) >> 20} |");
        }
    }

    private static async Task<IInvitationGrain> InviteAsync(IGrainFactory grains)
    {
        var (id, now) = (Invitation.IdOf(Invitation.NewToken()), TimeProvider.System.GetUtcNow());
        var invitation = grains.GetGrain<IInvitationGrain>(id);
        await invitation.CreateAsync(new Invitation(id, [new Grant(PersonRole.Worker, _team)], null, UsesPerInvitation, now.AddDays(1), "bench", now));
        return invitation;
    }

    /// <summary>As following an invitation does, without the hash of the password.</summary>
    private static async Task<bool> SignUpAsync(IGrainFactory grains, IInvitationGrain invitation, string name)
    {
        var id = PersonId.New();
        if (await invitation.UseAsync(id) is not { } taken) throw new InvalidOperationException("the invitation is used up");
        var receipt = await Person(grains, id).CreateAsync(new PersonDraft(name, SignInName.Create(name), taken.Grants));
        if (receipt.Refusal != PersonRefusal.None) throw new InvalidOperationException($"{receipt.Refusal}");
        var account = (await Person(grains, id).GetAccountAsync())!.Account;
        return await Person(grains, id).WriteAccountAsync(account with { PasswordHash = "none" }) is not null;
    }

    private static async Task<bool> FindAsync(IGrainFactory grains, SignInName name) =>
        await grains.GetGrain<IPersonNameGrain>(IPersonNameGrain.Keys.Of(name)).FindAsync() is { } holder && await Person(grains, holder).GetAccountAsync() is { } record && record.Person.SignInName == name
            ? true : throw new InvalidOperationException($"'{name}' is not found");

    private static async Task<bool> IsMemberAsync(IGrainFactory grains, PersonId id) =>
        await Person(grains, id).GetAccountAsync() is { Person.Grants: var grants } && grants.Any(grant => grant.Team == _team) ? true : throw new InvalidOperationException($"{id} is no member");

    private static async Task<int> PageAsync(IGrainFactory grains, IListings listings, string listing, string after)
    {
        var keys = await listings.ReadAsync(listing, "", after).Take(PageSize).ToListAsync();
        return (await Task.WhenAll(keys.Select(key => Person(grains, PeopleListings.PersonOf(key)).GetAsync()))).Count(person => person is not null);
    }

    private static IPersonGrain Person(IGrainFactory grains, PersonId id) => grains.GetGrain<IPersonGrain>(id.Value);

    /// <summary>The rows of so many people, their names and where they are listed, in the order of their keys.</summary>
    private static PersonId[] Write(Embedded embedded, int people)
    {
        var serializer = embedded.Services.GetRequiredService<Serializer>();
        var service = embedded.Services.GetRequiredService<IOptions<ClusterOptions>>().Value.ServiceId;
        var ids = Enumerable.Range(0, people).Select(_ => PersonId.New()).ToArray();
        using var connection = new SqliteConnection($"Data Source={embedded.DatabasePath};Pooling=False");
        connection.Open();
        Execute(connection, "PRAGMA synchronous = OFF");
        Execute(connection, "PRAGMA cache_size = -400000");
        using var transaction = connection.BeginTransaction();
        var (now, empty) = (TimeProvider.System.GetUtcNow(), new PersonAccount { SecurityStamp = "stamp" });
        var byId = ids.Index().OrderBy(entry => entry.Item.Value, StringComparer.Ordinal).ToList();
        Insert("INSERT INTO OrleansGrainState VALUES ($1, 'person', $2, 1)", byId.Select(entry => (
            Key(embedded.Grains.GetGrain<IPersonGrain>(entry.Item.Value)), (object)serializer.SerializeToArray(new PersonRecord { Person = PersonOf(entry.Index), Account = empty }))));
        Insert("INSERT INTO OrleansGrainState VALUES ($1, 'name', $2, 1)", ids.Index().Select(entry => (
            Key(embedded.Grains.GetGrain<IPersonNameGrain>(IPersonNameGrain.Keys.Of(Name(entry.Index)))), (object)serializer.SerializeToArray(new PersonNameRecord { Holder = entry.Item, ClaimedAt = now }))));
        foreach (var listing in (string[])[PeopleListings.People, PeopleListings.PeopleOf(_team)])
            Insert("INSERT INTO listings VALUES ($1, $2)", ids.Index().Select(entry => (listing, (object)PeopleListings.KeyOf(PersonOf(entry.Index)))));
        transaction.Commit();
        Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        return ids;

        Person PersonOf(int number) => new(ids[number], string.Create(CultureInfo.InvariantCulture, $"Person {number:D7}"), Name(number), PersonState.Active, [new Grant(PersonRole.Worker, _team)], now, 1);

        string Key(IAddressable grain) => $"{service}_{grain.GetGrainId()}";

        void Insert(string sql, IEnumerable<(string First, object Second)> rows)
        {
            using var command = connection.CreateCommand();
            (command.CommandText, command.Transaction) = (sql, transaction);
            var (first, second) = (command.Parameters.Add("$1", SqliteType.Text), command.Parameters.AddWithValue("$2", DBNull.Value));
            foreach (var row in rows)
            {
                (first.Value, second.Value) = (row.First, row.Second);
                command.ExecuteNonQuery();
            }
        }
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static SignInName Name(int number) => SignInName.Create(string.Create(CultureInfo.InvariantCulture, $"person-{number:D7}"));

    /// <summary>Where a page after somebody begins.</summary>
    private static string Folded(int number) => PeopleListings.Folded(string.Create(CultureInfo.InvariantCulture, $"Person {number:D7}"));
}
