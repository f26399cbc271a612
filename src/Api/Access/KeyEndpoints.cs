using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>A key as others may know it: nothing of it opens anything.</summary>
/// <param name="Name">Who has it.</param>
/// <param name="Role"><c>viewer</c>, <c>adjudicator</c>, <c>worker</c> or <c>operator</c>.</param>
/// <param name="Worker">The id that a worker's answers are kept under; null for other roles.</param>
/// <param name="Jobs">The jobs it is confined to; none: every job.</param>
/// <param name="ImagePrefixes">What images of the jobs that it creates must lie below; none: what the deployment allows, or for a key confined to jobs each job's own folder.</param>
/// <param name="ExpiresAt">Until when it is taken; null for ever.</param>
/// <param name="InForce">Whether it is taken now.</param>
public sealed record KeyResponse(string Name, string Role, string? Worker, IReadOnlyList<string> Jobs, IReadOnlyList<string> ImagePrefixes, DateTimeOffset? ExpiresAt, bool InForce);

/// <summary>By what callers say who they are, as this process was told when it started.</summary>
/// <param name="Asked">Whether callers have to say it; where not, whoever is on this machine is the operator.</param>
/// <param name="PeopleSignIn">Whether people sign in, with grants of their own.</param>
/// <param name="Issuer">The issuer of bearer tokens, which name their roles and jobs themselves; null for none.</param>
/// <param name="Items">The keys, by name.</param>
public sealed record KeysResponse(bool Asked, bool PeopleSignIn, string? Issuer, IReadOnlyList<KeyResponse> Items);

internal static class KeyEndpoints
{
    public static void MapKeys(this IEndpointRouteBuilder app) => app.MapGet("/v1/keys", List).For(Role.Operator).WithTags("Service").WithProblems()
        .WithSummary("Keys and roles in force, without their secrets or hashes");

    private static Ok<KeysResponse> List(IOptions<AccessOptions> access, IConfiguration configuration, TimeProvider time)
    {
        var now = time.GetUtcNow();
        return TypedResults.Ok(new KeysResponse(
            AccessRegistration.IsEnabled(configuration), SignInRegistration.IsEnabled(configuration), access.Value.HasIssuer ? access.Value.Issuer : null,
            [.. access.Value.Keys.OrderBy(key => key.Name, StringComparer.Ordinal).Select(key => new KeyResponse(
                key.Name, key.Role, key.Worker, [.. key.Jobs], [.. key.ImagePrefixes], key.ExpiresAt, key.ExpiresAt is not { } end || end > now))]));
    }
}
