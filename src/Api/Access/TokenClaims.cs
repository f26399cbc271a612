using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;

namespace BulkQA.Api;

/// <summary>How bearer tokens of the configured issuer are taken: issuer, audience, signature and time are checked by the library.</summary>
internal sealed class TokenClaims(IOptions<AccessOptions> access) : IConfigureNamedOptions<JwtBearerOptions>
{
    private const string Subject = "sub";

    public void Configure(JwtBearerOptions options) => Configure(JwtBearerDefaults.AuthenticationScheme, options);

    public void Configure(string? name, JwtBearerOptions options)
    {
        options.Authority = access.Value.Issuer;
        options.Audience = access.Value.Audience;
        // The validator lets plain http through only for loopback.
        options.RequireHttpsMetadata = access.Value.Issuer?.StartsWith("https:", StringComparison.OrdinalIgnoreCase) is true;
        options.MapInboundClaims = false;
        options.TokenValidationParameters.ValidAlgorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];
        // Cognito's access tokens name the client in client_id and have no audience.
        options.TokenValidationParameters.AudienceValidator = (audiences, token, _) => audiences.Contains(access.Value.Audience, StringComparer.Ordinal)
            || (token is JsonWebToken jwt && jwt.TryGetPayloadValue("client_id", out string? client) && client == access.Value.Audience);
        options.Events = new JwtBearerEvents
        {
            OnTokenValidated = context =>
            {
                context.Principal = Read(context.Principal!, (JsonWebToken)context.SecurityToken);
                return Task.CompletedTask;
            },
        };
    }

    /// <summary>Ours from theirs; roles we don't know are nobody's business here.</summary>
    private ClaimsPrincipal Read(ClaimsPrincipal token, JsonWebToken signed)
    {
        var roles = Words(access.Value.RoleClaim).Where(Role.IsKnown).ToList();
        var subject = token.FindFirstValue(Subject);
        return Caller.Of(
            JwtBearerDefaults.AuthenticationScheme, subject ?? "a token without subject", roles, roles.Contains(Role.Worker) ? subject : null,
            Confining(access.Value.JobsClaim, Words(access.Value.JobsClaim)),
            Confining(access.Value.ImagePrefixesClaim, token.FindAll(access.Value.ImagePrefixesClaim).SelectMany(claim => AccessRegistration.SplitPrefixes(claim.Value))));

        IEnumerable<string> Words(string type) => token.FindAll(type).SelectMany(claim => claim.Value.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries));

        // A claim that is there and names nothing confines to nothing: that is not the same as no claim.
        IEnumerable<string> Confining(string type, IEnumerable<string> values) =>
            signed.TryGetPayloadValue<object>(type, out _) ? values.DefaultIfEmpty("") : values;
    }
}
