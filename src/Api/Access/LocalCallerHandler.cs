using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>
/// Without authentication whoever gets past <see cref="LoopbackGuard"/> is on this machine, and its operator.
/// </summary>
internal sealed class LocalCallerHandler(IOptionsMonitor<AuthenticationSchemeOptions> schemes, ILoggerFactory loggers, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(schemes, loggers, encoder)
{
    public const string SchemeName = "Local";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(AuthenticateResult.Success(
        new AuthenticationTicket(Caller.Of(SchemeName, "this machine", [Role.Operator], null, [], []), SchemeName)));
}
