namespace BulkQA.Api;

/// <summary>What an identity provider says about somebody who signed in.</summary>
/// <param name="Issuer">Who says it; with <paramref name="Subject"/> it names one person for ever.</param>
/// <param name="Subject">At most 255 characters.</param>
/// <param name="Name">What pages show; null where the provider doesn't say.</param>
/// <param name="Email">Null where the provider doesn't say, or says that it has not verified it.</param>
/// <param name="Roles">By <see cref="OidcOptions.RolesByGroup"/>, each once.</param>
/// <param name="Teams">By <see cref="OidcOptions.TeamsByGroup"/>, each once.</param>
internal sealed record ExternalIdentity(string Issuer, string Subject, string? Name, string? Email, IReadOnlyList<string> Roles, IReadOnlyList<string> Teams);

/// <summary>Begins the session of somebody whom an identity provider vouches for.</summary>
internal interface IExternalSignIn
{
    /// <summary>
    /// Signs in under <c>IdentityConstants.ApplicationScheme</c>, with properties that <see cref="OidcSession.Mark"/> marked.
    /// </summary>
    /// <returns>False: nobody may sign in as this, and nobody did.</returns>
    Task<bool> SignInAsync(HttpContext context, ExternalIdentity identity);
}
