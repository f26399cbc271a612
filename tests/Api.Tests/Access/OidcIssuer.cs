using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace BulkQA.Api.Tests;

/// <summary>An issuer of tokens, as OpenID Connect asks for: discovery document, key set, signatures.</summary>
public sealed class OidcIssuer : IAsyncDisposable
{
    public const string Audience = "bulkqa-tests";

    private readonly RSA _key = RSA.Create(2048);
    private readonly WebApplication _app;

    private OidcIssuer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.MapGet("/.well-known/openid-configuration", () => Results.Json(new { issuer = Url, jwks_uri = $"{Url}/keys" }));
        _app.MapGet("/keys", () =>
        {
            var key = _key.ExportParameters(false);
            return Results.Json(new { keys = new[] { new { kty = "RSA", use = "sig", kid = "k1", n = Base64Url.EncodeToString(key.Modulus!), e = Base64Url.EncodeToString(key.Exponent!) } } });
        });
    }

    public string Url => _app.Urls.Single();

    /// <summary>What the key set publishes, as bytes: no secret at all.</summary>
    public byte[] PublicKey => _key.ExportSubjectPublicKeyInfo();

    public static async Task<OidcIssuer> StartAsync()
    {
        var issuer = new OidcIssuer();
        await issuer._app.StartAsync();
        return issuer;
    }

    /// <summary>A good token, but for what <paramref name="claims"/> say otherwise; null takes a claim out.</summary>
    public string Token(params (string Name, object? Value)[] claims) => Sign("RS256", claims, signed => _key.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    /// <summary>The same under another algorithm or another key.</summary>
    public string Sign(string algorithm, (string Name, object? Value)[] claims, Func<byte[], byte[]> sign)
    {
        var now = TimeProvider.System.GetUtcNow();
        var payload = new Dictionary<string, object?> { ["iss"] = Url, ["aud"] = Audience, ["sub"] = "ann", ["iat"] = now.ToUnixTimeSeconds(), ["exp"] = now.AddHours(1).ToUnixTimeSeconds() };
        foreach (var (name, value) in claims) payload[name] = value;
        var text = $"{Encode(new { alg = algorithm, kid = "k1", typ = "JWT" })}.{Encode(payload.Where(claim => claim.Value is not null).ToDictionary())}";
        return $"{text}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(text)))}";
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Dispose();
    }

    private static string Encode<T>(T json) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(json));
}
