using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>Authenticates requests of the console's pages, which come from a circuit and not from a network, as the circuit's caller.</summary>
internal sealed class CircuitCallerHandler(IOptionsMonitor<AuthenticationSchemeOptions> schemes, ILoggerFactory loggers, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(schemes, loggers, encoder)
{
    public const string SchemeName = "Circuit";

    /// <summary>Whether a request comes from a circuit: nothing that a network brings says so.</summary>
    public static bool IsConcerned(HttpContext context) => context.Features.Get<CircuitCaller>() is not null;

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Context.Features.Get<CircuitCaller>() is { } caller
        ? caller.AuthenticateAsync() : Task.FromResult(AuthenticateResult.NoResult());
}
