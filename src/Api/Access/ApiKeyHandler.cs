using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>
/// Authenticates by API key: as a bearer token, or as the password of HTTP basic authentication (any user name), which
/// browsers ask for by themselves. Keys are looked up by their SHA-256, so that no comparison tells how close a guess is.
/// </summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> schemes, ILoggerFactory loggers, UrlEncoder encoder, IOptions<AccessOptions> access, TimeProvider time)
    : AuthenticationHandler<AuthenticationSchemeOptions>(schemes, loggers, encoder)
{
    public const string SchemeName = "ApiKey";

    /// <summary>What every key begins with, so that a leaked one is recognised.</summary>
    public const string Prefix = "bqa_";

    private readonly FrozenDictionary<string, ApiKey> _keys =
        access.Value.Keys.ToFrozenDictionary(key => key.Hash, StringComparer.OrdinalIgnoreCase);

    /// <summary>A new key: 256 random bits.</summary>
    public static string NewKey() => Prefix + System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static string HashOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (KeyOf(Request.Headers.Authorization.ToString()) is not { } given) return Task.FromResult(AuthenticateResult.NoResult());
        if (!_keys.TryGetValue(HashOf(given), out var key)) return Task.FromResult(AuthenticateResult.Fail("the key is not known"));
        if (key.ExpiresAt is { } end && end <= time.GetUtcNow()) return Task.FromResult(AuthenticateResult.Fail($"the key of '{key.Name}' ended at {end:O}"));
        return Task.FromResult(AuthenticateResult.Success(
            new AuthenticationTicket(Caller.Of(SchemeName, key.Name, [key.Role], key.Worker, key.Jobs, key.ImagePrefixes), new AuthenticationProperties { ExpiresUtc = key.ExpiresAt }, SchemeName)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = "Basic realm=\"BulkQA: an API key as password\", charset=\"UTF-8\"";
        return Task.CompletedTask;
    }

    /// <summary>Whether the header is for this handler and not for the one of tokens.</summary>
    public static bool IsKey(string header) =>
        header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) || header.StartsWith($"Bearer {Prefix}", StringComparison.OrdinalIgnoreCase);

    private static string? KeyOf(string header)
    {
        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return header["Bearer ".Length..].Trim();
        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)) return null;
        var buffer = new byte[header.Length];
        if (!Convert.TryFromBase64String(header["Basic ".Length..].Trim(), buffer, out var length)) return null;
        var pair = Encoding.UTF8.GetString(buffer, 0, length);
        return pair[(pair.IndexOf(':', StringComparison.Ordinal) + 1)..];
    }
}
