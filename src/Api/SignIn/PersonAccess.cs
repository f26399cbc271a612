using System.Security.Claims;
using BulkQA.Core;

namespace BulkQA.Api;

/// <summary>
/// Says what a person may do with this request: in a job what its grants for the job, for the job's teams and for the deployment say; elsewhere
/// what those for the deployment say, or, for whoever has none, what the others say within their jobs.
/// </summary>
internal sealed class PersonAccess(RequestDelegate next, IGrainFactory grains, TeamJobs teamJobs)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.User.Person() is not null && !context.Request.Path.StartsWithSegments("/assets"))
        {
            SessionTicket.Keep(context);
            var grants = context.User.Grants().ToList();
            var identity = ((ClaimsIdentity)context.User.Identity!).Clone();
            IEnumerable<string> roles;
            if (context.GetRouteValue("job") is string job) roles = await RolesInAsync(job, grants, identity);
            else (roles, identity) = await RolesOutsideAsync(grants, identity, context.GetEndpoint()?.Metadata.GetMetadata<TellsOfJobs>() is not null, context.RequestAborted);
            foreach (var role in roles) identity.AddClaim(new Claim(ClaimTypes.Role, role));
            context.User = new ClaimsPrincipal(identity);
        }
        await next(context);
    }

    private async Task<IEnumerable<string>> RolesInAsync(string job, List<Grant> grants, ClaimsIdentity identity)
    {
        var found = grants.Any(grant => grant.Team is not null) ? await grains.FindJobAsync(job) : null;
        IEnumerable<TeamName> teams = found?.Settings.Assignment.Teams ?? [];
        var isName = JobName.TryCreate(job, out var name, out _);
        var here = grants.FindAll(grant => isName ? grant.HoldsIn(name, teams) : grant.IsGlobal);
        // Confined, unless all that may be read or changed here may be everywhere. Whoever answers reads nothing.
        var isOperator = here.Exists(grant => grant.IsForEverything);
        if (!isOperator && (!here.Exists(grant => grant.IsGlobal)
            || here.Exists(grant => grant.Role != PersonRole.Worker && !here.Exists(other => other.IsGlobal && RoleOf(other.Role) == RoleOf(grant.Role)))))
            identity.AddClaim(new Claim(Caller.JobClaim, here.Count > 0 ? job.ToLowerInvariant() : ""));
        // Nobody who may nothing here is told more than that the job is not theirs, which is what anyone is told.
        return here.Select(grant => RoleOf(grant.Role)).DefaultIfEmpty(Role.Viewer).Distinct();
    }

    private async Task<(IEnumerable<string> Roles, ClaimsIdentity Identity)> RolesOutsideAsync(List<Grant> grants, ClaimsIdentity identity, bool tellsOfJobs, CancellationToken cancellation)
    {
        // A lead is one for people and teams, too, and no operator outside of its jobs.
        var leads = grants.Exists(grant => grant.Role == PersonRole.Lead) ? (string[])[Role.Lead] : [];
        var everywhere = grants.Where(grant => grant.IsGlobal).Select(grant => RoleOf(grant.Role)).ToList();
        if (everywhere.Exists(role => role != Role.Worker)) return (everywhere.Concat(leads).Distinct(), identity);
        // Where somebody only answers, there is nothing to read: jobs of other grants alone are told of, if there are any.
        var reading = grants.FindAll(grant => grant.Role != PersonRole.Worker);
        if (reading.Count == 0) reading = grants;
        return (grants.Select(grant => RoleOf(grant.Role) is Role.Operator ? Role.Viewer : RoleOf(grant.Role)).Concat(leads).Distinct(),
            new ConfinedIdentity(identity, tellsOfJobs ? await teamJobs.OfAsync(reading, cancellation) : []));
    }

    /// <summary>A lead does in its jobs what an operator does.</summary>
    private static string RoleOf(PersonRole role) => role switch
    {
        PersonRole.Viewer => Role.Viewer,
        PersonRole.Worker => Role.Worker,
        PersonRole.Adjudicator => Role.Adjudicator,
        _ => Role.Operator,
    };
}
