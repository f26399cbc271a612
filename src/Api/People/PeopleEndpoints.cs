using System.Security.Claims;
using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>Who works here, and what each may do.</summary>
internal static class PeopleEndpoints
{
    private const int MaxPage = 200;

    /// <summary>For how long a link to set a new password may be taken.</summary>
    private static readonly TimeSpan _passwordLink = TimeSpan.FromDays(1);

    public static void MapPeople(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/me", Me).For(Role.SignedIn).WithTags("People").WithProblems().WithSummary("Who calls, and what the caller may do");
        var people = app.MapGroup("/v1/people").WithTags("People").WithProblems().For(Role.Lead);
        people.MapGet("/", ListAsync).WithSummary("Who works here by name; for a lead, who is in the lead's teams");
        people.MapPost("/", CreateAsync).Records("createPerson").WithSummary("Makes somebody known who can't sign in yet");
        people.MapGet("/{person}", GetAsync).WithSummary("One person");
        people.MapPatch("/{person}", ChangeAsync).Records("changePerson").WithSummary("Changes what a person may do, or is called; what is taken away is lost within a minute");
        people.MapPost("/{person}/password-link", CreatePasswordLinkAsync).Records("createPasswordLink").WithSummary("A link, good for a day and once, by which the person sets a new password, or a passkey in its place; reset takes away at once what the person signs in by, for an account that others may be in");
        var data = app.MapGroup("/v1/people").WithTags("People").WithProblems().For(Role.Operator);
        data.MapDelete("/{person}", EraseAsync).Records("erasePerson").WithSummary("Deletes a person's name, address, grants and ways to sign in for good; answers stay, under the id alone");
        data.MapPut("/{person}/worker-ids/{workerId}", LinkAsync).Records("linkWorkerId", "/worker-ids/")
            .WithSummary("Has answers that arrive under a worker id, such as Ground Truth's, taken as the person's: those that come half a minute later or more, to tasks not begun under it. Repeating it is harmless");
        data.MapDelete("/{person}/worker-ids/{workerId}", UnlinkAsync).Records("unlinkWorkerId", "/worker-ids/").WithSummary("Has answers under a worker id count for that id again, as far as they arrive half a minute later or more");
        data.MapGet("/{person}/data", ExportAsync).Records("exportPerson").WithSummary("All that is kept about a person: what others know it by, what it may do, and in which jobs it has answered");
    }

    private static Ok<CallerResponse> Me(ClaimsPrincipal caller) => TypedResults.Ok(new CallerResponse(
        caller.Person()?.Value, caller.PersonName() ?? caller.Who(), [.. caller.FindAll(ClaimTypes.Role).Select(claim => claim.Value).Distinct().Order(StringComparer.Ordinal)], [.. caller.Grants().Select(GrantSettings.Of)]));

    private static async Task<Results<Ok<Page<PersonResponse>>, ProblemHttpResult>> ListAsync(
        ClaimsPrincipal caller, IGrainFactory grains, IListings listings, CancellationToken cancellation, string? team = null, string? name = null, int limit = 50, string? cursor = null)
    {
        if (Problem.OfLimit(limit, MaxPage) is { } beyond) return beyond;
        var leading = new Leading(caller);
        if (leading.ReadTeam(team, out var one) is { } problem) return problem;
        var prefix = PeopleListings.Folded(name ?? "");
        var listing = one is { } only ? PeopleListings.PeopleOf(only) : PeopleListings.People;
        string? after = null;
        if (cursor is not null)
        {
            if (Cursor.Read(cursor, $"{listing} {prefix}", 1) is not [var position]) return Problem.Invalid("cursor: not one of this listing");
            after = position;
        }
        var keys = await listings.ReadAsync(listing, prefix, after, cancellation).Take(limit).ToListAsync(cancellation);
        var found = await Task.WhenAll(keys.Select(key => Person(grains, PeopleListings.PersonOf(key)).GetAsync()));
        // A listing may have what is no longer so, or never came to be.
        var items = found.Zip(keys).Where(entry => entry.First is { } person && PeopleListings.EntriesOf(person).Contains((listing, entry.Second))).Select(entry => PersonResponse.Of(entry.First!, leading));
        return TypedResults.Ok(new Page<PersonResponse>([.. items], keys.Count < limit ? null : Cursor.Write($"{listing} {prefix}", keys[^1])));
    }

    private static async Task<Results<Created<PersonResponse>, ProblemHttpResult>> CreateAsync(PersonRequest request, ClaimsPrincipal caller, IGrainFactory grains)
    {
        var leading = new Leading(caller);
        var problems = new List<(string Field, string Problem)>();
        var (name, signInName) = ReadNames(request.Name, request.SignInName, problems);
        if (request.Name is null) problems.Add(("name", "it is missing"));
        var grants = GrantSettings.Read(request.Grants, "grants", problems);
        if (!leading.LeadsAll && grants.IsEmpty) problems.Add(("grants", "a lead makes people known in the lead's teams; name a team"));
        if (problems.Count > 0) return Problem.Fields(problems);
        if (await RefusalOfAsync(grants, leading, grains) is { } refusal) return refusal;
        var id = PersonId.New();
        var receipt = await Person(grains, id).CreateAsync(new PersonDraft(name!, signInName, grants));
        return receipt.Refusal == PersonRefusal.None ? TypedResults.Created($"/v1/people/{id}", PersonResponse.Of(receipt.Person!, leading)) : Refused(receipt);
    }

    private static async Task<Results<Ok<PersonResponse>, ProblemHttpResult>> GetAsync(string person, ClaimsPrincipal caller, IGrainFactory grains)
    {
        var leading = new Leading(caller);
        return await FindAsync(person, leading, grains) is { } found ? TypedResults.Ok(PersonResponse.Of(found, leading)) : NoPerson(person);
    }

    private static async Task<Results<Ok<PersonResponse>, ProblemHttpResult>> ChangeAsync(string person, PersonPatch change, ClaimsPrincipal caller, IGrainFactory grains)
    {
        var leading = new Leading(caller);
        var problems = new List<(string Field, string Problem)>();
        var (name, signInName) = ReadNames(change.Name, change.SignInName, problems);
        var (add, remove) = (GrantSettings.Read(change.Add, "add", problems), GrantSettings.Read(change.Remove, "remove", problems));
        if (change.State is not (null or "active" or "suspended")) problems.Add(("state", $"'{change.State}' is neither active nor suspended"));
        if (problems.Count > 0) return Problem.Fields(problems);
        if (await RefusalOfAsync(add, leading, grains) is { } refusal) return refusal;
        if (remove.FirstOrDefault(grant => !leading.MayGive(grant)) is { } others) return NotYours(others);
        // A lead takes somebody into a team by an invitation, which that person takes: others' people are none of a lead's business.
        if (await FindAsync(person, leading, grains) is not { State: not PersonState.Erased } found) return NoPerson(person);
        if ((name is not null || signInName is not null || change.State is not null) && !leading.Owns(found))
            return Problem.Forbidden("This person has grants beyond your teams: you may add and remove grants for your teams, and nothing else.");
        if (caller.Person() == found.Id && (change.State is not null || remove.Any(grant => grant.Role is PersonRole.Operator)))
            return Problem.Conflict("You can't suspend yourself or stop being an operator: have another operator do it, so that one is left.");
        // What a lead may is by the grants that were looked at.
        var after = change.After ?? (leading.LeadsAll ? null : found.Revision);
        var receipt = await Person(grains, found.Id).ChangeAsync(new PersonChange { Name = name, SignInName = signInName, Suspend = change.State is null ? null : change.State == "suspended", Add = add, Remove = remove, After = after });
        return receipt.Refusal == PersonRefusal.None ? TypedResults.Ok(PersonResponse.Of(receipt.Person!, leading)) : Refused(receipt);
    }

    private static async Task<Results<Created<InvitationResponse>, ProblemHttpResult>> CreatePasswordLinkAsync(
        string person, HttpRequest request, ClaimsPrincipal caller, IGrainFactory grains, Invitations invitations, UserManager<PersonUser> users, IConfiguration configuration, TimeProvider time,
        PasswordLinkRequest? asked = null)
    {
        var leading = new Leading(caller);
        if (await FindAsync(person, leading, grains) is not { State: not PersonState.Erased } found) return NoPerson(person);
        if (!leading.Owns(found)) return Problem.Forbidden("This person has grants beyond your teams: an operator can send a link for a new password.");
        if (!SignInRegistration.HasPasswords(configuration)) return Problem.Conflict("People sign in by an identity provider alone here.");
        // Its groups would no longer be asked for.
        if (found.Login is not null) return Problem.Conflict("This person signs in by an identity provider, which alone says who it is.");
        if (found.SignInName is null) return Problem.Conflict("This person has no name to sign in with; give it one first.");
        if (asked is { Reset: true } && await users.FindByIdAsync(found.Id.Value) is { } user)
        {
            // In one write: whoever has got hold of a password, passkey or session of this person is out, and the link alone leads in.
            user.Reset();
            if (!(await users.UpdateSecurityStampAsync(user)).Succeeded) return Problem.Conflict("The account was changed at the same time; nothing was done. Send it again.");
        }
        if (await Person(grains, found.Id).GetAccountAsync() is not { } record) return NoPerson(person);
        var (invitation, link) = await invitations.CreateAsync([], record, 1, _passwordLink, caller.Who(), "a new password");
        return TypedResults.Created($"/v1/invitations/{invitation.Id}", InvitationResponse.Of(invitation, time.GetUtcNow(), InvitationEndpoints.Absolute(request, link)));
    }

    private static Task<Results<Ok<PersonResponse>, ProblemHttpResult>> LinkAsync(string person, string workerId, ClaimsPrincipal caller, IGrainFactory grains) =>
        ChangeWorkerIdAsync(person, workerId, caller, grains, worker => new PersonChange { Link = worker });

    private static Task<Results<Ok<PersonResponse>, ProblemHttpResult>> UnlinkAsync(string person, string workerId, ClaimsPrincipal caller, IGrainFactory grains) =>
        ChangeWorkerIdAsync(person, workerId, caller, grains, worker => new PersonChange { Unlink = worker });

    private static async Task<Results<Ok<PersonResponse>, ProblemHttpResult>> ChangeWorkerIdAsync(
        string person, string workerId, ClaimsPrincipal caller, IGrainFactory grains, Func<WorkerId, PersonChange> change)
    {
        if (!WorkerId.TryCreate(workerId, out var worker, out var problem)) return Problem.Invalid($"workerId: {problem}");
        if (PersonId.TryParse(worker.Value, out _)) return Problem.Invalid("workerId: that is the id of a person, who answers under it");
        var leading = new Leading(caller);
        if (await FindAsync(person, leading, grains) is not { State: not PersonState.Erased } found) return NoPerson(person);
        var receipt = await Person(grains, found.Id).ChangeAsync(change(worker));
        if (receipt.Refusal != PersonRefusal.NameTaken) return receipt.Refusal == PersonRefusal.None ? TypedResults.Ok(PersonResponse.Of(receipt.Person!, leading)) : Refused(receipt);
        var holder = await grains.GetGrain<IPersonNameGrain>(IPersonNameGrain.Keys.Of(worker)).FindAsync();
        return Problem.Conflict($"workerId: it is person {holder}'s; take it away there first.");
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> EraseAsync(string person, ClaimsPrincipal caller, IGrainFactory grains)
    {
        if (await FindAsync(person, new Leading(caller), grains) is not { } found) return NoPerson(person);
        if (caller.Person() == found.Id) return Problem.Conflict("You can't erase yourself: have another operator do it, so that one is left.");
        await Person(grains, found.Id).EraseAsync();
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<PersonData>, ProblemHttpResult>> ExportAsync(
        string person, HttpContext context, ClaimsPrincipal caller, IGrainFactory grains, IFactStore facts, IOptions<SignInOptions> options, TimeProvider time, CancellationToken cancellation)
    {
        var leading = new Leading(caller);
        if (await FindAsync(person, leading, grains) is not { } found) return NoPerson(person);
        var record = await Person(grains, found.Id).GetAccountAsync();
        var sessions = SessionResponse.Of(record?.Sessions ?? [], SessionTicket.Of(context)?.Id, options.Value, time.GetUtcNow());
        var jobs = await found.WorkerIds.Prepend(found.Id.Worker).ToAsyncEnumerable().SelectMany(worker => facts.ReadJobsAsync(worker, null, cancellation))
            .Select(incarnation => incarnation.Job.Value).Distinct().ToListAsync(cancellation);
        return TypedResults.Ok(new PersonData(PersonResponse.Of(found, leading), found.Login?.Subject, found.Language, record?.Account.PasswordHash is not null, record?.Account.Passkeys.Length ?? 0, sessions, jobs));
    }

    /// <summary>What is wrong with giving these grants; null for nothing.</summary>
    public static async Task<ProblemHttpResult?> RefusalOfAsync(IEnumerable<Grant> grants, Leading leading, IGrainFactory grains)
    {
        foreach (var grant in grants)
        {
            if (!leading.MayGive(grant)) return NotYours(grant);
            if (grant.Team is { } team && await grains.GetGrain<ITeamGrain>(team.Key).GetAsync() is null) return NoTeam(team.Value);
        }
        return null;
    }

    public static ProblemHttpResult NoTeam(string team) => Problem.NotFound($"There is no team '{team}'.");

    public static IPersonGrain Person(IGrainFactory grains, PersonId person) => grains.GetGrain<IPersonGrain>(person.Value);

    /// <summary>What is wrong with a person's name; null for nothing.</summary>
    public static string? ProblemOfName(string? name) =>
        string.IsNullOrWhiteSpace(name) ? "it is empty" : name.Trim().Length > Grains.Person.MaxNameLength ? $"it has more than {Grains.Person.MaxNameLength} characters"
        : name.Any(char.IsControl) ? "it has a control character" : null;

    private static (string? Name, SignInName? SignInName) ReadNames(string? name, string? signInName, List<(string Field, string Problem)> problems)
    {
        if (name is not null && ProblemOfName(name) is { } wrong) problems.Add(("name", wrong));
        if (signInName is null) return (name?.Trim(), null);
        if (SignInName.TryCreate(signInName, out var read, out var problem)) return (name?.Trim(), read);
        problems.Add(("signInName", problem));
        return (name?.Trim(), null);
    }

    /// <summary>Null where there is none, and where it is none of the caller's business.</summary>
    public static async Task<Person?> FindAsync(string person, Leading leading, IGrainFactory grains) =>
        PersonId.TryParse(person, out var id) && await Person(grains, id).GetAsync() is { } found && leading.Sees(found) ? found : null;

    public static ProblemHttpResult NoPerson(string person) => Problem.NotFound($"There is no person '{person}'.");

    private static ProblemHttpResult NotYours(Grant grant) => Problem.Forbidden($"'{grant}' is not yours to give or take: a lead gives grants for the lead's teams.");

    private static ProblemHttpResult Refused(PersonReceipt receipt) => receipt.Refusal switch
    {
        PersonRefusal.NameTaken => Problem.Conflict("signInName: somebody has it already."),
        PersonRefusal.TooManyGrants => Problem.Conflict($"A person may have {Grant.MaxPerPerson} grants."),
        PersonRefusal.TooManyWorkerIds => Problem.Conflict($"A person may have {Grains.Person.MaxWorkerIds} worker ids."),
        PersonRefusal.Stale => Problem.Conflict($"The person is at revision {receipt.Person!.Revision}. Look at it, and change it again."),
        _ => Problem.NotFound("The person was erased meanwhile."),
    };
}

/// <summary>All that is kept about a person, apart from its answers, which exports and histories of the jobs have.</summary>
/// <param name="Subject">Who the person is at the identity provider; null for none.</param>
/// <param name="Language">In which pages are for the person; null for what its browser asks for.</param>
/// <param name="Passkeys">How many passkeys the person signs in with.</param>
/// <param name="Sessions">Where the person is signed in.</param>
/// <param name="Jobs">The jobs in which the person has answered, under its id as worker or a worker id that is linked to it.</param>
public sealed record PersonData(PersonResponse Person, string? Subject, string? Language, bool HasPassword, int Passkeys, IReadOnlyList<SessionResponse> Sessions, IReadOnlyList<string> Jobs);
