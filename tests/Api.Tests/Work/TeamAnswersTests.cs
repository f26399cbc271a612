using System.Net;
using System.Net.Http.Json;

namespace BulkQA.Api.Tests;

/// <summary>Jobs that say how many of the answers to a batch each team gives, as programs and workers see them.</summary>
public sealed class TeamAnswersTests(SignInProcess process) : IClassFixture<SignInProcess>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SignedIn Operator => process.Operator;

    [Fact]
    public async Task Next_OfATeamThatHasGivenItsAnswers_LeavesTheLastToTheOther()
    {
        var (dogs, vets) = (await TeamAsync(), await TeamAsync());
        var job = await JobAsync(new { teams = (string[])[dogs, vets], answers = new Dictionary<string, int> { [dogs] = 2, [vets] = 1 } });
        var other = await JobAsync(new { teams = (string[])[dogs], priority = 1 });
        SignedIn[] people = [await JoinAsync(dogs), await JoinAsync(dogs), await JoinAsync(dogs), await JoinAsync(vets)];
        foreach (var dog in people[..2])
        {
            var task = (await dog.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/next")).Int("task");
            Assert.Equal(0, task);
            await (await dog.Http.AnswerAsync(job, task, null, new Dictionary<string, object> { ["Dog-0"] = new { Confirmed = true } })).JsonAsync();
        }
        using var nothing = await people[2].Http.GetAsync($"/v1/jobs/{job}/tasks/next", Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, nothing.StatusCode);
        // Nothing of this job, and so of the next.
        Assert.Equal(other, (await people[2].Http.GetJsonAsync("/v1/work/next")).String("job"));
        Assert.False(await HasTasksAsync(people[2]));
        Assert.True(await HasTasksAsync(people[3]));
        Assert.Equal(0, (await people[3].Http.GetJsonAsync($"/v1/jobs/{job}/tasks/next")).Int("task"));
        Assert.True(await HasTasksAsync(people[3]));
        foreach (var person in people) person.Dispose();

        async Task<bool> HasTasksAsync(SignedIn person)
        {
            var shown = (await person.Http.GetJsonAsync("/v1/work")).EnumerateArray().Single(entry => entry.String("job") == job).GetProperty("hasTasks").GetBoolean();
            // The page has its button for it.
            Assert.Equal(shown, (await (await person.GetPageAsync("/work")).Content.ReadAsStringAsync(Cancellation)).Contains($"href=\"/work/{job}\"", StringComparison.Ordinal));
            return shown;
        }
    }

    [Fact]
    public async Task Assignment_WithWhatTeamsGive_IsKeptShownAndChangedAndRefusedInWords()
    {
        var (dogs, vets) = (await TeamAsync(), await TeamAsync());
        string[] teams = [dogs, vets];
        var job = await JobAsync(new { teams, answers = new Dictionary<string, int> { [dogs] = 2, [vets] = 1 } });
        Assert.Equal((2, 1), await AnswersAsync());
        await (await PatchAsync(new { teams, answers = new Dictionary<string, int> { [dogs] = 1, [vets] = 3 } })).JsonAsync();
        Assert.Equal((1, 3), await AnswersAsync());
        var wrong = new Dictionary<string, int> { [dogs] = 4, ["others"] = 1, ["a b"] = 1 };
        var patched = await (await PatchAsync(new { teams, answers = wrong })).ProblemAsync(400);
        var created = await (await Operator.Http.PostAsJsonAsync("/v1/jobs", new { name = "answers-wrong", workersPerTask = 3, assignment = new { teams, answers = wrong } }, Cancellation)).ProblemAsync(400);
        foreach (var detail in (string[])[patched, created])
            Assert.All(["assignment.answers: 'a b': a team's name has", $"'{vets}' is among assignment.teams and has no number", "'others' is not among", $"'{dogs}': 4 is not from 1 to the 3"], problem => Assert.Contains(problem, detail, StringComparison.Ordinal));
        Assert.Contains("the teams give 2 answers together", await (await PatchAsync(new { teams, answers = new Dictionary<string, int> { [dogs] = 1, [vets] = 1 } })).ProblemAsync(400), StringComparison.Ordinal);
        Assert.Equal((1, 3), await AnswersAsync());
        await (await PatchAsync(new { teams })).JsonAsync();
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await Operator.Http.GetJsonAsync($"/v1/jobs/{job}")).GetProperty("assignment").GetProperty("answers").ValueKind);

        Task<HttpResponseMessage> PatchAsync(object assignment) => Operator.Http.PatchAsJsonAsync($"/v1/jobs/{job}", new { assignment }, Cancellation);

        async Task<(int Dogs, int Vets)> AnswersAsync()
        {
            var answers = (await Operator.Http.GetJsonAsync($"/v1/jobs/{job}")).GetProperty("assignment").GetProperty("answers");
            return (answers.Int(dogs), answers.Int(vets));
        }
    }

    private async Task<string> TeamAsync()
    {
        var team = $"team-{Guid.NewGuid():N}"[..20];
        Assert.Equal(HttpStatusCode.Created, (await Operator.Http.PutAsJsonAsync($"/v1/teams/{team}", new { }, Cancellation)).StatusCode);
        return team;
    }

    private async Task<SignedIn> JoinAsync(string team) => await SignedIn.InvitedAsync(process.Address, await Operator.InviteAsync(new { role = "worker", team }), $"{team}-{Guid.NewGuid():N}"[..30]);

    private async Task<string> JobAsync(object assignment)
    {
        var job = await Operator.Http.CreateJobAsync(new { batchSize = 1, workersPerTask = 3, assignment });
        await Operator.Http.ImportAsync(job, "image,label\ns3://b/0,Dog\n");
        return job;
    }
}
