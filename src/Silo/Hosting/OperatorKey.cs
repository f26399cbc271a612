using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace BulkQA.Silo;

/// <summary>The key that opens a silo's dashboard and metrics. Bound from <c>BulkQA:Operator</c>.</summary>
public sealed class OperatorOptions
{
    public const string Section = "BulkQA:Operator";

    /// <summary>At least 16 characters, as the password of HTTP basic authentication; any user name. None: nothing is opened.</summary>
    public string? Key { get; set; }
}

/// <summary>HTTP basic authentication by the operator's key, because browsers and scrapers both speak it.</summary>
internal sealed class OperatorKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> schemes, ILoggerFactory loggers, UrlEncoder encoder, IOptions<OperatorOptions> options)
    : AuthenticationHandler<AuthenticationSchemeOptions>(schemes, loggers, encoder)
{
    public const string SchemeName = "OperatorKey";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        const string prefix = "Basic ";
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) return Task.FromResult(AuthenticateResult.NoResult());
        var buffer = new byte[header.Length];
        if (!Convert.TryFromBase64String(header[prefix.Length..], buffer, out var length)) return Task.FromResult(AuthenticateResult.Fail("not basic authentication"));
        var given = Encoding.UTF8.GetString(buffer, 0, length);
        var password = given[(given.IndexOf(':', StringComparison.Ordinal) + 1)..];
        // Hashes, so that neither content nor length of the key shows in the time taken.
        return Task.FromResult(CryptographicOperations.FixedTimeEquals(Hash(password), Hash(options.Value.Key!))
            ? AuthenticateResult.Success(new AuthenticationTicket(new(new System.Security.Claims.ClaimsIdentity(SchemeName)), SchemeName))
            : AuthenticateResult.Fail("another key"));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Basic realm=\"BulkQA silo\"";
        return base.HandleChallengeAsync(properties);
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
