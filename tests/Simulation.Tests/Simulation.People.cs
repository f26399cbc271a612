using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Simulation.Tests;

/// <content>Somebody is invited, made known, changed and erased; however often each call is carried out, once is what comes of it.</content>
internal sealed partial class Simulation
{
    private async Task CheckPeopleAsync(JobInfo job)
    {
        var team = TeamName.Create(job.Name.Value);
        var dogs = cluster.Grains.GetGrain<ITeamGrain>(team.Key);
        await Calls.UntilDoneAsync(() => dogs.PutAsync(team, "simulated"));
        Calls.Require((await Calls.UntilDoneAsync(dogs.GetAsync))?.Name == team, "a team that was made is not there");
        var dispatch = cluster.Grains.GetGrain<IDispatchGrain>(job.Incarnation.Value);
        var progress = await Calls.UntilDoneAsync(() => dispatch.GetProgressAsync(WorkerId.Create("nobody")));
        Calls.Require(progress.Answered == 0 && progress.Total >= 0, $"{progress} of somebody who has answered nothing");
        Calls.Require((await Calls.UntilDoneAsync(() => dispatch.GetWorkingAsync(DateTimeOffset.MaxValue))).IsEmpty, "somebody asks for tasks at the end of time");
        var (ann, bob, now) = (PersonId.New(), PersonId.New(), TimeProvider.System.GetUtcNow());
        var token = Invitation.NewToken();
        var invitation = cluster.Grains.GetGrain<IInvitationGrain>(Invitation.IdOf(token));
        var given = new Grant(PersonRole.Worker, team);
        await Calls.UntilDoneAsync(() => invitation.CreateAsync(new Invitation(Invitation.IdOf(token), [given], null, 1, now.AddDays(1), "simulation", now)));
        Calls.Require(await Calls.UntilDoneAsync(() => invitation.UseAsync(ann)) is { Uses.Length: 1 }, "the first did not get the invitation, or more than once");
        Calls.Require(await Calls.UntilDoneAsync(() => invitation.UseAsync(bob)) is null, "a second took an invitation for one");
        await Calls.UntilDoneAsync(() => invitation.ReturnAsync(ann));
        Calls.Require(await Calls.UntilDoneAsync(() => invitation.UseAsync(bob)) is not null, "an invitation that was returned can't be taken");
        Calls.Require(await Calls.UntilDoneAsync(invitation.RevokeAsync) && await Calls.UntilDoneAsync(invitation.GetAsync) is { IsRevoked: true }, "an invitation that was revoked is not");

        var (first, second) = (cluster.Grains.GetGrain<IPersonGrain>(ann.Value), cluster.Grains.GetGrain<IPersonGrain>(bob.Value));
        var name = SignInName.Create($"{job.Name}@example.org");
        await Calls.UntilDoneAsync(() => first.CreateAsync(new PersonDraft("Ann", name, [given])));
        Calls.Require((await Calls.UntilDoneAsync(() => second.CreateAsync(new PersonDraft("Bob", name, [])))).Refusal == PersonRefusal.NameTaken, "two have one name to sign in with");
        Calls.Require((await Calls.UntilDoneAsync(first.GetAsync))?.Grants is [var only] && only == given, "a person is not as it was made");
        Calls.Require(await Calls.UntilDoneAsync(() => cluster.Grains.GetGrain<IPersonNameGrain>(IPersonNameGrain.Keys.Of(name)).FindAsync()) == ann, "a name leads to somebody else");
        var account = (await Calls.UntilDoneAsync(first.GetAccountAsync))!.Account;
        await Calls.UntilDoneAsync(() => first.WriteAccountAsync(account with { PasswordHash = "hash" }));
        Calls.Require(await Calls.UntilDoneAsync(() => first.TrySignInAsync(10, TimeSpan.FromMinutes(1))), "a first try to sign in is refused");
        await Calls.UntilDoneAsync(first.NoteSignInAsync);
        await Calls.UntilDoneAsync(() => first.ChangeAsync(new PersonChange { Suspend = true }));
        Calls.Require(await Calls.UntilDoneAsync(first.GetAccountAsync) is { Person.State: PersonState.Suspended, Account.PasswordHash: "hash" } suspended && suspended.Account.SecurityStamp != account.SecurityStamp, "somebody suspended keeps a session, or loses the password");
        await Calls.UntilDoneAsync(first.EraseAsync);
        Calls.Require(await Calls.UntilDoneAsync(first.GetAsync) is { State: PersonState.Erased, Name: "" } && await Calls.UntilDoneAsync(first.GetAccountAsync) is null, "somebody erased is still known");
        Calls.Require((await Calls.UntilDoneAsync(() => second.CreateAsync(new PersonDraft("Bob", name, [])))).Refusal == PersonRefusal.None, "the name of somebody erased is still taken");
        await Calls.UntilDoneAsync(second.EraseAsync);
        await Calls.UntilDoneAsync(dogs.DeleteAsync);
        Calls.Require(await Calls.UntilDoneAsync(dogs.GetAsync) is null, "a team that was deleted is there");
    }
}
