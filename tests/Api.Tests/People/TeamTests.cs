using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace BulkQA.Api.Tests;

/// <summary>Who may do what by a grant for a team.</summary>
public sealed class TeamTests(SignInProcess process) : IClassFixture<SignInProcess>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SignedIn Operator => process.Operator;

    [Fact]
    public async Task Team_WorksOnItsJobsAndSeesNoOthers()
    {
        var (team, lead, worker) = await TeamAsync();
        using var _ = lead;
        using var __ = worker;
        var (theirs, other) = (await JobAsync(team), await JobAsync(null));
        // The lead does in the team's job what an operator does, and knows of no other.
        Assert.Equal([theirs], (await lead.Http.GetJsonAsync("/v1/jobs")).Items().Select(job => job.String("name")));
        await (await lead.Http.PatchAsJsonAsync($"/v1/jobs/{theirs}", new { policy = "majority" }, Cancellation)).JsonAsync();
        await (await lead.Http.GetAsync($"/v1/jobs/{other}", Cancellation)).ProblemAsync(404);
        Assert.Equal(HttpStatusCode.Forbidden, (await lead.Http.GetAsync("/metrics", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await lead.Http.GetAsync("/v1/changes", Cancellation)).StatusCode);
        // The worker answers, under its own id whatever it says, and sees no results.
        var task = await worker.Http.GetJsonAsync($"/v1/jobs/{theirs}/tasks/next");
        await (await worker.Http.AnswerAsync(theirs, task.Int("task"), "somebody", new Dictionary<string, object> { ["Dog-0"] = new { Confirmed = true } })).ProblemAsync(403);
        await (await worker.Http.AnswerAsync(theirs, task.Int("task"), null, new Dictionary<string, object> { ["Dog-0"] = new { Confirmed = true } })).JsonAsync();
        Assert.Equal(worker.PersonId, Assert.Single((await lead.Http.GetJsonAsync($"/v1/jobs/{theirs}/workers")).Items()).String("workerId"));
        Assert.Equal(HttpStatusCode.Forbidden, (await worker.Http.GetAsync($"/v1/jobs/{theirs}/classes", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await worker.Http.GetAsync($"/v1/jobs/{other}/tasks/next", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await worker.Http.GetAsync("/v1/people", Cancellation)).StatusCode);
    }

    /// <summary>The pictures of a team's job may lie where a lead may put no job of its own.</summary>
    [Fact]
    public async Task Lead_FollowsUpOnAJobOfTheTeam_WithItsPictures_AndOnNoOther()
    {
        var (team, lead, worker) = await TeamAsync();
        using var _ = lead;
        using var __ = worker;
        var (theirs, other) = (await JobAsync(team), await JobAsync(null));
        object Follow(string name, string of) => new { name, picturesOf = of, assignment = new { teams = (string[])[team] } };
        var made = await (await CreateAsync(lead, Follow($"{theirs}-b", theirs))).JsonAsync();
        Assert.Equal((await lead.Http.GetJsonAsync($"/v1/jobs/{theirs}")).String("imageBase"), made.String("imageBase"));
        await (await CreateAsync(lead, Follow($"{theirs}-b", theirs))).JsonAsync();
        Assert.Contains($"'{other}'", await (await CreateAsync(lead, Follow($"{theirs}-c", other))).ProblemAsync(400), StringComparison.Ordinal);
        await (await CreateAsync(lead, Follow($"{theirs}-c", "none"))).ProblemAsync(400);
    }

    [Fact]
    public async Task Guidance_IsTheLeadsToSayAndTheWorkersToRead()
    {
        var (team, lead, worker) = await TeamAsync();
        using var _ = lead;
        using var __ = worker;
        var (theirs, other) = (await JobAsync(team), await JobAsync(null));
        var said = new { text = "A dog has a tail." };
        await (await lead.Http.PutAsJsonAsync($"/v1/jobs/{theirs}/guidance?label=Dog", said, Cancellation)).JsonAsync();
        await (await lead.Http.PatchAsJsonAsync($"/v1/jobs/{theirs}", new { work = new { instructions = "Look twice." } }, Cancellation)).JsonAsync();
        Assert.Equal("A dog has a tail.", Assert.Single((await worker.Http.GetJsonAsync($"/v1/jobs/{theirs}/guidance?label=Dog")).Items()).String("text"));
        Assert.Equal("Look twice.", (await worker.Http.GetJsonAsync("/v1/work")).EnumerateArray().Single(job => job.String("job") == theirs).String("instructions"));
        var page = await worker.Http.GetStringAsync($"/work/{theirs}", Cancellation);
        Assert.Contains("A dog has a tail.", page, StringComparison.Ordinal);
        Assert.Contains("Look twice.", page, StringComparison.Ordinal);
        foreach (var refused in (HttpResponseMessage[])[await lead.Http.PutAsJsonAsync($"/v1/jobs/{other}/guidance?label=Dog", said, Cancellation), await worker.Http.PutAsJsonAsync($"/v1/jobs/{theirs}/guidance?label=Dog", said, Cancellation), await worker.Http.DeleteAsync($"/v1/jobs/{theirs}/guidance?label=Dog", Cancellation), await worker.Http.GetAsync($"/v1/jobs/{other}/guidance", Cancellation)])
            Assert.Contains(refused.StatusCode, (HttpStatusCode[])[HttpStatusCode.Forbidden, HttpStatusCode.NotFound]);
        Assert.Single((await worker.Http.GetJsonAsync($"/v1/jobs/{theirs}/guidance")).Items());
    }

    [Fact]
    public async Task Team_ThatAJobIsNoLongerFor_LosesIt()
    {
        var (team, lead, worker) = await TeamAsync();
        using var _ = lead;
        using var __ = worker;
        var job = await JobAsync(team);
        Assert.Equal(HttpStatusCode.OK, (await worker.Http.GetAsync($"/v1/jobs/{job}/tasks/next", Cancellation)).StatusCode);
        await (await Operator.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { assignment = new { priority = 7 } }, Cancellation)).JsonAsync();
        Assert.Equal(HttpStatusCode.Forbidden, (await worker.Http.GetAsync($"/v1/jobs/{job}/tasks/next", Cancellation)).StatusCode);
        Assert.Empty((await lead.Http.GetJsonAsync("/v1/jobs")).Items());
        Assert.Equal(7, (await Operator.Http.GetJsonAsync($"/v1/jobs/{job}")).GetProperty("assignment").Int("priority"));
    }

    [Fact]
    public async Task Lead_ManagesTheTeamAndNobodyElse()
    {
        var (team, lead, worker) = await TeamAsync();
        var (foreign, _, stranger) = await TeamAsync();
        using var _ = lead;
        using var __ = worker;
        using var ___ = stranger;
        Assert.Equal([lead.PersonId, worker.PersonId], (await lead.Http.GetJsonAsync("/v1/people")).Items().Select(person => person.String("id")));
        foreach (var path in (string[])[$"/v1/people/{stranger.PersonId}", $"/v1/people/{Operator.PersonId}"]) await (await lead.Http.GetAsync(path, Cancellation)).ProblemAsync(404);
        await (await lead.Http.GetAsync($"/v1/people?team={foreign}", Cancellation)).ProblemAsync(404);
        // What is not the lead's to give: another team, everything, another's person.
        foreach (var grant in (object[])[new { role = "worker", team = foreign }, new { role = "operator" }, new { role = "viewer" }, new { role = "worker", job = "any" }])
        {
            await (await lead.Http.PostAsJsonAsync("/v1/invitations", new { grants = (object[])[grant] }, Cancellation)).ProblemAsync(403);
            await (await lead.Http.PatchAsJsonAsync($"/v1/people/{worker.PersonId}", new { add = (object[])[grant] }, Cancellation)).ProblemAsync(403);
        }
        await (await lead.Http.PatchAsJsonAsync($"/v1/people/{stranger.PersonId}", new { add = (object[])[new { role = "worker", team }] }, Cancellation)).ProblemAsync(404);
        await (await lead.Http.PutAsJsonAsync($"/v1/teams/{foreign}", new { description = "mine" }, Cancellation)).ProblemAsync(403);
        Assert.Equal(HttpStatusCode.Forbidden, (await lead.Http.DeleteAsync($"/v1/people/{worker.PersonId}", Cancellation)).StatusCode);
        // What is: grants for the team, and taking them away, at once.
        await lead.PatchAsync(worker.PersonId, new { add = (object[])[new { role = "adjudicator", team }], remove = (object[])[new { role = "worker", team }] });
        Assert.Equal("adjudicator", Assert.Single((await worker.Http.GetJsonAsync("/v1/me")).Items("grants")).String("role"));
    }

    /// <summary>A lead who could rename, suspend, or set a password for somebody with more than the lead has would have it, too.</summary>
    [Fact]
    public async Task Lead_OfSomebodyWithOtherGrants_TakesAwayItsOwnAlone()
    {
        var (team, lead, worker) = await TeamAsync();
        using var _ = lead;
        using var __ = worker;
        await Operator.PatchAsync(worker.PersonId, new { add = (object[])[new { role = "operator" }] });
        foreach (var change in (object[])[new { name = "Mine" }, new { signInName = "mine" }, new { state = "suspended" }])
            await (await lead.Http.PatchAsJsonAsync($"/v1/people/{worker.PersonId}", change, Cancellation)).ProblemAsync(403);
        await (await lead.Http.PostAsync($"/v1/people/{worker.PersonId}/password-link", null, Cancellation)).ProblemAsync(403);
        Assert.Equal("worker", Assert.Single((await lead.Http.GetJsonAsync($"/v1/people/{worker.PersonId}")).Items("grants")).String("role"));
        await (await lead.Http.PatchAsJsonAsync($"/v1/people/{worker.PersonId}", new { remove = (object[])[new { role = "operator" }] }, Cancellation)).ProblemAsync(403);
        await Operator.PatchAsync(worker.PersonId, new { remove = (object[])[new { role = "operator" }] });
        await lead.PatchAsync(worker.PersonId, new { state = "suspended" });
    }

    /// <summary>A grant for everything, however small, must not make a grant for a team reach further.</summary>
    [Theory]
    [InlineData("worker")]
    [InlineData("viewer")]
    public async Task Lead_WhoMayAlsoDoSomethingEverywhere_IsALeadInItsTeamAlone(string everywhere)
    {
        var (team, lead, worker) = await TeamAsync();
        using var _ = lead;
        using var __ = worker;
        await Operator.PatchAsync(lead.PersonId, new { add = (object[])[new { role = everywhere }] });
        var (theirs, other) = (await JobAsync(team), await JobAsync(null));
        await (await lead.Http.PatchAsJsonAsync($"/v1/jobs/{theirs}", new { assignment = new { teams = (string[])[(await TeamAsync()).Team] } }, Cancellation)).ProblemAsync(403);
        Assert.Equal(HttpStatusCode.Forbidden, (await lead.Http.PatchAsJsonAsync($"/v1/jobs/{other}", new { policy = "majority" }, Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await lead.Http.GetAsync("/v1/changes", Cancellation)).StatusCode);
        await (await CreateAsync(lead, new { name = $"j-{Guid.NewGuid():N}", imageBase = "s3://elsewhere/", assignment = new { teams = (string[])[team] } })).ProblemAsync(403);
        Assert.Equal(HttpStatusCode.OK, (await lead.Http.GetAsync($"/v1/jobs/{theirs}/working", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Lead_CreatesJobsForTheTeamAlone_WithAFolderOfTheTeams()
    {
        var (team, lead, worker) = await TeamAsync();
        var foreign = (await TeamAsync()).Team;
        using var _ = lead;
        using var __ = worker;
        var name = $"j-{Guid.NewGuid():N}";
        await (await CreateAsync(lead, new { name })).ProblemAsync(403);
        await (await CreateAsync(lead, new { name, assignment = new { teams = (string[])[team, foreign] } })).ProblemAsync(403);
        await (await CreateAsync(lead, new { name, imageBase = $"s3://bulkqa/images/{name}/", assignment = new { teams = (string[])[team] } })).ProblemAsync(403);
        await (await CreateAsync(worker, new { name, assignment = new { teams = (string[])[team] } })).ProblemAsync(403);
        await (await CreateAsync(Operator, new { name, assignment = new { teams = (string[])["nobody-s"] } })).ProblemAsync(400);
        var created = await (await CreateAsync(lead, new { name, assignment = new { teams = (string[])[team], priority = 7 } })).JsonAsync();
        Assert.Equal($"s3://bulkqa/images/team.{team}/{name}/", created.String("imageBase"));
        Assert.Equal(HttpStatusCode.OK, (await CreateAsync(lead, new { name, assignment = new { teams = (string[])[team], priority = 7 } })).StatusCode);
        Assert.Equal(1, (await (await lead.Http.PostAsync($"/v1/jobs/{name}/pictures", Uploads.Zip(("a.svg", Uploads.Svg)), Cancellation)).JsonAsync()).Int("accepted"));
        // A change that would take the job away from its lead is an operator's.
        await (await lead.Http.PatchAsJsonAsync($"/v1/jobs/{name}", new { assignment = new { priority = 9 } }, Cancellation)).ProblemAsync(403);
        await (await lead.Http.PatchAsJsonAsync($"/v1/jobs/{name}", new { assignment = new { teams = (string[])[team], priority = 9 } }, Cancellation)).JsonAsync();
        // Another team's job is not taken by its name.
        await (await CreateAsync(Operator, new { name = name + "-2", assignment = new { teams = (string[])[foreign] } })).JsonAsync();
        await (await CreateAsync(lead, new { name = name + "-2", assignment = new { teams = (string[])[team] } })).ProblemAsync(403);
    }

    /// <summary>A link is worth what its maker may do when it is taken, and nothing more.</summary>
    [Fact]
    public async Task Links_OfALeadWhoIsOneNoLonger_AreOver()
    {
        var (team, lead, worker) = await TeamAsync();
        using var _ = lead;
        using var __ = worker;
        var invitation = await lead.InviteAsync(new { role = "lead", team }, uses: 5);
        var (taken, suspended) = (await PasswordLinkAsync(), await PasswordLinkAsync());
        // What the person is granted since is not the lead's to have.
        await Operator.PatchAsync(worker.PersonId, new { add = (object[])[new { role = "operator" }] });
        using var stranger = new SignedIn(process.Address);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.TakeAsync(taken, "", "")).StatusCode);
        await Operator.PatchAsync(worker.PersonId, new { remove = (object[])[new { role = "operator" }] });
        await Operator.PatchAsync(lead.PersonId, new { state = "suspended" });
        foreach (var link in (string[])[invitation, suspended]) Assert.Equal(HttpStatusCode.NotFound, (await stranger.TakeAsync(link, "Eve", "eve")).StatusCode);

        async Task<string> PasswordLinkAsync() => (await (await lead.Http.PostAsync($"/v1/people/{worker.PersonId}/password-link", null, Cancellation)).JsonAsync()).String("link");
    }

    /// <summary>An invitation into a team that was deleted does not lead into the next one of its name.</summary>
    [Fact]
    public async Task Invitation_IntoATeamThatWasMadeAnew_IsOver()
    {
        var team = $"team-{Guid.NewGuid():N}"[..20];
        foreach (var status in (HttpStatusCode[])[HttpStatusCode.Created, HttpStatusCode.OK]) Assert.Equal(status, (await Operator.Http.PutAsJsonAsync($"/v1/teams/{team}", new { }, Cancellation)).StatusCode);
        var link = await Operator.InviteAsync(new { role = "worker", team });
        Assert.Equal(HttpStatusCode.NoContent, (await Operator.Http.DeleteAsync($"/v1/teams/{team}", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await Operator.Http.PutAsJsonAsync($"/v1/teams/{team}", new { }, Cancellation)).StatusCode);
        using var stranger = new SignedIn(process.Address);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.TakeAsync(link, "Eve", "eve")).StatusCode);
    }

    /// <summary>Who only answers in one job and reads another is told of the latter alone.</summary>
    [Fact]
    public async Task Viewer_OfAJobWhoIsAWorkerElsewhere_SeesThatJobAlone()
    {
        var (team, lead, worker) = await TeamAsync();
        using var _ = lead;
        using var __ = worker;
        var (theirs, other) = (await JobAsync(team), await JobAsync(null));
        await Operator.PatchAsync(worker.PersonId, new { add = (object[])[new { role = "viewer", job = other }] });
        Assert.Equal([other], (await worker.Http.GetJsonAsync("/v1/jobs")).Items().Select(job => job.String("name")));
        Assert.Equal([theirs], (await worker.Http.GetJsonAsync("/v1/work")).EnumerateArray().Select(job => job.String("job")));
    }

    [Fact]
    public async Task Invitation_TakenBySomebodyWhoIsSignedIn_AddsItsGrants()
    {
        var (team, lead, worker) = await TeamAsync();
        using var _ = lead;
        using var __ = worker;
        var link = await lead.InviteAsync(new { role = "viewer", team }, uses: 5);
        Assert.Contains("signed in as", await (await worker.OpenAsync(link)).Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await worker.TakeAsync(link, "", "")).StatusCode);
        Assert.Equal(["worker", "viewer"], (await worker.Http.GetJsonAsync("/v1/me")).Items("grants").Select(grant => grant.String("role")));
        var invitation = (await lead.Http.GetJsonAsync("/v1/invitations")).Items().First();
        // Whoever is taken out does not get back in by it.
        await lead.PatchAsync(worker.PersonId, new { remove = (object[])[new { role = "viewer", team }] });
        Assert.Equal(HttpStatusCode.NotFound, (await worker.TakeAsync(link, "", "")).StatusCode);
        Assert.Equal((1, "open", JsonValueKind.Null), (invitation.Int("used"), invitation.String("state"), invitation.GetProperty("link").ValueKind));
    }

    [Fact]
    public async Task Team_ThatSomebodyBelongsToOrAJobIsFor_IsNotDeleted()
    {
        var (team, lead, worker) = await TeamAsync();
        using var _ = lead;
        using var __ = worker;
        Assert.Contains("belongs to team", await (await Operator.Http.DeleteAsync($"/v1/teams/{team}", Cancellation)).ProblemAsync(409), StringComparison.Ordinal);
        foreach (var person in (string[])[lead.PersonId, worker.PersonId]) await Operator.PatchAsync(person, new { remove = (object[])[new { role = "lead", team }, new { role = "worker", team }] });
        var job = await JobAsync(team);
        Assert.Contains(job, await (await Operator.Http.DeleteAsync($"/v1/teams/{team}", Cancellation)).ProblemAsync(409), StringComparison.Ordinal);
        (await Operator.Http.DeleteAsync($"/v1/jobs/{job}", Cancellation)).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.NoContent, (await Operator.Http.DeleteAsync($"/v1/teams/{team}", Cancellation)).StatusCode);
        await (await Operator.Http.GetAsync($"/v1/teams/{team}", Cancellation)).ProblemAsync(404);
    }

    [Fact]
    public async Task People_ByNameAndInPages_AreThoseWhoAreThere()
    {
        var prefix = $"Zz{Guid.NewGuid():N}"[..8];
        foreach (var name in (string[])["c", "a", "b"]) await (await Operator.Http.PostAsJsonAsync("/v1/people", new { name = $"{prefix} {name}" }, Cancellation)).JsonAsync();
        var first = await Operator.Http.GetJsonAsync($"/v1/people?name={prefix.ToLowerInvariant()}&limit=2");
        Assert.Equal([$"{prefix} a", $"{prefix} b"], first.Items().Select(person => person.String("name")));
        var second = await Operator.Http.GetJsonAsync($"/v1/people?name={prefix.ToLowerInvariant()}&limit=2&cursor={first.String("nextCursor")}");
        Assert.Equal([$"{prefix} c"], second.Items().Select(person => person.String("name")));
        Assert.Equal(JsonValueKind.Null, second.GetProperty("nextCursor").ValueKind);
        await (await Operator.Http.GetAsync($"/v1/people?cursor={first.String("nextCursor")}", Cancellation)).ProblemAsync(400);
    }

    [Fact]
    public async Task People_WithBadInput_AreRefusedFieldByField()
    {
        foreach (var (body, field) in ((object, string)[])
        [
            (new { }, "name"), (new { name = " " }, "name"), (new { name = new string('x', 101) }, "name"), (new { name = "a", signInName = "a b" }, "signInName"),
            (new { name = "a", grants = (object[])[new { role = "king" }] }, "grants[0].role"), (new { name = "a", grants = (object[])[new { role = "lead" }] }, "grants[0]"),
            (new { name = "a", grants = (object[])[new { role = "worker", team = "a b" }] }, "grants[0].team"), (new { name = "a", grants = (object[])[new { role = "worker", team = "a", job = "b" }] }, "grants[0]"),
        ])
            Assert.StartsWith($"{field}:", await (await Operator.Http.PostAsJsonAsync("/v1/people", body, Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
        await (await Operator.Http.PostAsJsonAsync("/v1/people", new { name = "a", grants = (object[])[new { role = "worker", team = "nobody" }] }, Cancellation)).ProblemAsync(404);
        await (await Operator.Http.PatchAsJsonAsync($"/v1/people/{Operator.PersonId}", new { state = "suspended" }, Cancellation)).ProblemAsync(409);
        await (await Operator.Http.GetAsync("/v1/people/p-1", Cancellation)).ProblemAsync(404);
    }

    /// <summary>The log outlives people, so that it has none of what is erased with them.</summary>
    [Fact]
    public async Task Changes_OfPeople_AreRecordedWithoutTheirNames()
    {
        var secret = $"Secret{Guid.NewGuid():N}";
        var person = (await (await Operator.Http.PostAsJsonAsync("/v1/people", new { name = secret, signInName = secret, grants = (object[])[new { role = "viewer" }] }, Cancellation)).JsonAsync()).String("id");
        var data = await Operator.Http.GetJsonAsync($"/v1/people/{person}/data");
        Assert.Equal((secret, false, 0), (data.GetProperty("person").String("name"), data.GetProperty("hasPassword").GetBoolean(), data.Int("passkeys")));
        (await Operator.Http.DeleteAsync($"/v1/people/{person}", Cancellation)).EnsureSuccessStatusCode();
        var log = await Operator.Http.GetStringAsync("/v1/changes?format=ndjson", Cancellation);
        Assert.DoesNotContain(secret, log, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("\"action\":\"createPerson\"", log, StringComparison.Ordinal);
        Assert.Contains("\"action\":\"erasePerson\"", log, StringComparison.Ordinal);
        Assert.Contains($"\"by\":\"{Operator.PersonId}\"", log, StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> CreateAsync(SignedIn who, object job) => who.Http.PostAsJsonAsync("/v1/jobs", job, Cancellation);

    private async Task<string> JobAsync(string? team)
    {
        var job = await Operator.Http.CreateJobAsync(team is null ? new { } : new { batchSize = 1, assignment = new { teams = (string[])[team] } });
        await Operator.Http.ImportAsync(job, "image,label\ns3://b/0,Dog\n");
        return job;
    }

    private async Task<(string Team, SignedIn Lead, SignedIn Worker)> TeamAsync()
    {
        var team = $"team-{Guid.NewGuid():N}"[..20];
        Assert.Equal(HttpStatusCode.Created, (await Operator.Http.PutAsJsonAsync($"/v1/teams/{team}", new { description = "for a test" }, Cancellation)).StatusCode);
        var lead = await SignedIn.InvitedAsync(process.Address, await Operator.InviteAsync(new { role = "lead", team }), $"A-{team}");
        var worker = await SignedIn.InvitedAsync(process.Address, await lead.InviteAsync(new { role = "worker", team }), $"W-{team}");
        return (team, lead, worker);
    }
}
