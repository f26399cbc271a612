using System.Security.Claims;
using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

internal static class JobEndpoints
{
    private const int MaxPage = 200;

    public static void MapJobs(this IEndpointRouteBuilder app)
    {
        var jobs = app.MapGroup("/v1/jobs").WithTags("Jobs").WithProblems();
        jobs.MapPost("/", CreateAsync).Records("createJob").For(Role.Lead).WithSummary("Creates a job; again with the same settings answers 200. A lead creates jobs for the lead's teams");
        jobs.MapGet("/", ListAsync).TellsOfJobs().WithSummary("All jobs, with their progress").For(Role.Viewer);
        jobs.MapGet("/{job}", GetAsync).WithSummary("A job's settings and progress").For(Role.Viewer);
        jobs.MapPatch("/{job}", ChangeAsync).Records("changeJob").WithSummary("Changes policy, model, state, sample, when to estimate anew, how certain intervals are, what classes are watched for, whom the job is for, or what its worker page shows; verdicts are refolded");
        jobs.MapDelete("/{job}", DeleteAsync).Records("deleteJob").WithSummary("Deletes a job; its facts and objects go in the background, by the operation that is named");
        jobs.MapPost("/{job}/label-table", WriteLabelTableAsync).Records("writeLabelTable").WithSummary("Writes the label table's rows of all images that have changed since they were last written; 202 with the operation");
        jobs.MapPost("/{job}/audit", AuditAsync).Records("auditJob").WithSummary("Recomputes every class from its facts, reports and repairs differences; 202 with an operation where it takes long, or with Prefer: respond-async");
    }

    private static async Task<Results<Created<JobResponse>, Ok<JobResponse>, ProblemHttpResult>> CreateAsync(
        JobRequest request, IGrainFactory grains, ImageBases bases, ClaimsPrincipal caller)
    {
        var (name, draft, problems) = request.Read();
        if (problems.Count > 0) return Problem.Fields(problems);
        var leads = new Leading(caller);
        // Of a lead of all its teams the job will be; one that is there is as much the lead's as its teams are.
        var isForTeams = caller.Person() is not null && !leads.LeadsAll && draft.Assignment?.Teams is { Length: > 0 } teams && teams.All(leads.Leads)
            && (await grains.FindJobAsync(name.Value) is not { } there || there.Settings.Assignment.Teams.Any(leads.Leads));
        if (caller.Person() is not null && !leads.LeadsAll && !isForTeams) return Problem.Forbidden("assignment.teams: a lead creates jobs for teams that the lead leads; name them, and nobody else's.");
        if (caller.Person() is null && !leads.LeadsAll && draft.Assignment is { Teams.Length: > 0 }) return Problem.Forbidden("assignment.teams: a key or token that is confined to jobs gives them to no team.");
        if (!isForTeams && !caller.MayUse(name.Value)) return Problem.Forbidden($"This caller is confined to other jobs than '{name}'.");
        // A job that is there keeps its base, and so does one that is created anew because it was deleted this moment.
        if (await FindMissingTeamAsync(draft.Assignment, grains) is { } missing) return missing;
        if (request.PicturesOf is { } other)
        {
            // Whoever the new job is for sees these pictures already: the caller by using that job, a lead's team by being the one that it is for.
            if (await grains.FindJobAsync(other) is not { Settings: var shown } || !(caller.Person() is null ? caller.MayUse(other) : leads.LeadsAll || shown.Assignment.Teams.Any(leads.Leads)))
                return Problem.Fields([("picturesOf", $"there is no job '{other}' that this caller may use")]);
            if (bases.RefusalOfAnybody(shown.ImageBase) is { } refused) return refused;
            draft = draft with { ImageBase = shown.ImageBase, PictureHosts = shown.PictureHosts };
        }
        else if (draft.ImageBase is null && await grains.FindJobAsync(name.Value) is { } found) draft = draft with { ImageBase = found.Settings.ImageBase };
        else if (bases.Refusal(caller, name, (draft = draft with { ImageBase = draft.ImageBase ?? bases.DefaultFor(caller, name, draft.Assignment) }).ImageBase, draft.Assignment) is { } refusal) return refusal;
        if (await grains.GetGrain<IJobGrain>(name.Key).CreateAsync(name, draft) is not { } creation)
            return Problem.Conflict($"There are {JobLimits.MaxJobs} jobs, which is the most; delete one first.");
        if (!creation.Differences.IsEmpty)
            return Problem.Conflict($"Job '{creation.Job.Name}' exists with other settings: {string.Join("; ", creation.Differences)}.");
        if (creation.Created)
            return TypedResults.Created($"/v1/jobs/{creation.Job.Name}", JobResponse.Of(new JobTallies(creation.Job, [])));
        return await grains.FindTalliesAsync(creation.Job) is { } job
            ? TypedResults.Ok(await grains.AnswerAsync(job))
            : Problem.Deleted(name);
    }

    private static async Task<Results<Ok<Page<JobResponse>>, ProblemHttpResult>> ListAsync(
        IGrainFactory grains, ClaimsPrincipal caller, int limit = 50, string? cursor = null)
    {
        if (Problem.OfLimit(limit, MaxPage) is { } beyond) return beyond;
        return await JobListing.PageAsync(grains, caller, limit, cursor) is { } page
            ? TypedResults.Ok(page)
            : Problem.Invalid("cursor: not one of this listing");
    }

    private static async Task<Results<Ok<JobResponse>, ProblemHttpResult>> GetAsync(string job, IGrainFactory grains) =>
        await grains.FindTalliesAsync(job) is { } tallies ? TypedResults.Ok(await grains.AnswerAsync(tallies)) : Problem.NoJob(job);

    private static async Task<Results<Ok<JobResponse>, ProblemHttpResult>> ChangeAsync(string job, JobChange change, ClaimsPrincipal caller, IGrainFactory grains)
    {
        var problems = new List<(string Field, string Problem)>();
        if (change.Assignment is not null && new Leading(caller) is { LeadsAll: false } leads && await grains.FindJobAsync(job) is { } before
            && change.Assignment.Teams?.Where(team => !before.Settings.Assignment.Teams.Any(had => had.Value.Equals(team, StringComparison.OrdinalIgnoreCase))).FirstOrDefault(team => !(TeamName.TryCreate(team, out var name, out _) && leads.Leads(name))) is { } foreign)
            return Problem.Forbidden($"assignment.teams: '{foreign}' is not yours to give the job to.");
        if (change.Assignment is not null && caller.Person() is not null && new Leading(caller) is { LeadsAll: false } lead && !(change.Assignment.Teams ?? []).Any(team => TeamName.TryCreate(team, out var name, out _) && lead.Leads(name)))
            return Problem.Forbidden("assignment.teams: you would lose the job; name one of your teams, or have an operator assign it.");
        if (!JobChange.TryReadPolicy(change.Policy, out var policy, out var problem)) problems.Add(("policy", problem!));
        if (change.State is not (null or "open" or "closed")) problems.Add(("state", $"'{change.State}' is neither open nor closed"));
        if (change.Model < 0) problems.Add(("model", $"{change.Model} is not the number of a model, nor 0 for none"));
        var (reestimate, stops) = ReestimateRequest.Read(change.Reestimate, problems);
        var sample = SampleSettings.Read(change.Sample, problems);
        var certainty = change.ReadCertainty(problems);
        var alarm = AlarmSettings.Read(change.Alarm, problems);
        var assignment = change.Assignment?.Read(problems);
        var work = change.Work?.Read();
        problems.AddRange(work?.Problems() ?? []);
        if (assignment is { Answers.IsEmpty: false } && await grains.FindJobAsync(job) is { Settings: var settings })
            problems.AddRange(assignment.Problems(settings.WorkersPerTask, settings.MaxWorkersPerTask));
        if (problems.Count > 0) return Problem.Fields(problems);
        JobState? state = change.State switch { "open" => JobState.Open, "closed" => JobState.Closed, _ => null };
        if (await FindMissingTeamAsync(assignment, grains) is { } missing) return missing;
        return grains.FindJobGrain(job) is { } grain
            && await grain.ChangeAsync(new JobChanges(policy, state, change.Model, reestimate, stops, sample) { Certainty = certainty, Alarm = alarm, Assignment = assignment, Work = work, Change = Guid.NewGuid() }) is { } info
            && await grains.FindTalliesAsync(info) is { } changed
                ? TypedResults.Ok(await grains.AnswerAsync(changed))
                : Problem.NoJob(job);
    }

    private static async Task<ProblemHttpResult?> FindMissingTeamAsync(JobAssignment? assignment, IGrainFactory grains)
    {
        foreach (var team in assignment?.Teams ?? [])
            if (await grains.GetGrain<ITeamGrain>(team.Key).GetAsync() is null) return Problem.Fields([("assignment.teams", $"there is no team '{team}'")]);
        return null;
    }

    private static async Task<Results<Accepted<OperationResponse>, ProblemHttpResult>> DeleteAsync(string job, IGrainFactory grains)
    {
        if (await grains.FindJobAsync(job) is not { } info || !await grains.GetJob(info).DeleteAsync(info.Incarnation)) return Problem.NoJob(job);
        return OperationEndpoints.Accepted(info.Name, await grains.GetOperations(info.Name).StartAsync(OperationKind.Delete, info.Incarnation, null));
    }

    private static async Task<Results<Accepted<OperationResponse>, ProblemHttpResult>> WriteLabelTableAsync(string job, IGrainFactory grains) =>
        await grains.FindJobAsync(job) is { } info
            ? OperationEndpoints.Accepted(info.Name, await grains.GetOperations(info.Name).StartAsync(OperationKind.LabelTable, info.Incarnation, null))
            : Problem.NoJob(job);

    private static async Task<Results<Ok<AuditReport>, Accepted<OperationResponse>, ProblemHttpResult>> AuditAsync(
        string job, HttpRequest request, IGrainFactory grains, TimeProvider time, CancellationToken cancellation)
    {
        if (await grains.FindJobAsync(job) is not { } info) return Problem.NoJob(job);
        var operations = grains.GetOperations(info.Name);
        var audit = await operations.StartAsync(OperationKind.Audit, info.Incarnation, null);
        audit = await operations.WaitAsync(audit, OperationEndpoints.PatienceOf(request), time, cancellation);
        return audit switch
        {
            { State: OperationState.Done, Audit: { } report } => TypedResults.Ok(report),
            // What remains is a fault of ours or of the store.
            { State: OperationState.Failed } => await grains.GetJob(info).GetAsync(info.Incarnation) is null
                ? Problem.Deleted(info.Name) : throw new StorageException($"the audit failed: {audit.Problem}"),
            _ => OperationEndpoints.Accepted(info.Name, audit),
        };
    }
}
