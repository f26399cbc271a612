using System.Diagnostics.CodeAnalysis;
using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Nodes;
using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;

namespace BulkQA.Api;

/// <summary>What somebody who follows a link was asked for: who it is to be, and whether passkeys of before go.</summary>
/// <param name="Id">Of whom the passkey is to be: the person of the link, or a new one that is not stored before the passkey is there.</param>
internal sealed record LinkedPerson(PersonId Id, string Name, SignInName SignInName, bool RemovesPasskeys);

/// <summary>
/// Has browsers make passkeys for whoever follows a link, before there is a session. What was asked lives in a cookie of its own, sealed, for
/// <see cref="PasskeySignIn.Patience"/>: an answer counts for that link, in that browser, and for the names that were given then.
/// </summary>
internal sealed class LinkPasskeys(IPasskeyHandler<PersonUser> handler)
{
    /// <summary>The scheme of the cookie that holds what was asked.</summary>
    public const string Scheme = "LinkPasskey";

    private const string LinkItem = "link", StateItem = "state", NameItem = "name", SignInNameItem = "signInName", RemovesItem = "removes", Yes = "yes";

    /// <returns>What the browser is asked, as JSON.</returns>
    public async Task<string> AskAsync(HttpContext context, Invitation invitation, LinkedPerson person)
    {
        var asked = await handler.MakeCreationOptionsAsync(new PasskeyUserEntity { Id = person.Id.Value, Name = person.SignInName.Value, DisplayName = person.Name }, context);
        var items = new AuthenticationProperties(new Dictionary<string, string?>
        {
            [LinkItem] = invitation.Id,
            [StateItem] = asked.AttestationState,
            [NameItem] = person.Name,
            [SignInNameItem] = person.SignInName.Value,
            [RemovesItem] = person.RemovesPasskeys ? Yes : "",
        });
        await context.SignInAsync(Scheme, new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, person.Id.Value)], Scheme)), items);
        if (!person.RemovesPasskeys) return asked.CreationOptionsJson;
        // What is going must not keep the same device from making a new one.
        var options = JsonNode.Parse(asked.CreationOptionsJson)!;
        options.AsObject().Remove("excludeCredentials");
        return options.ToJsonString();
    }

    /// <summary>Looks at what the browser made, and forgets what it was asked. Nothing else is changed.</summary>
    /// <returns>Whom it is for, and the passkey; null where this browser was asked nothing for this link, or it is no answer to that.</returns>
    public async Task<(LinkedPerson Person, UserPasskeyInfo Passkey)?> FindAsync(HttpContext context, Invitation invitation, JsonElement credential)
    {
        var asked = await context.AuthenticateAsync(Scheme);
        await context.SignOutAsync(Scheme);
        if (!IsFor(invitation, asked, out var person, out var state) || credential.ValueKind != JsonValueKind.Object) return null;
        var made = await handler.PerformAttestationAsync(new PasskeyAttestationContext { HttpContext = context, CredentialJson = credential.GetRawText(), AttestationState = state });
        return made.Succeeded && made.UserEntity.Id == person.Id.Value ? (person, made.Passkey) : null;
    }

    private static bool IsFor(Invitation invitation, AuthenticateResult asked, [NotNullWhen(true)] out LinkedPerson? person, out string? state)
    {
        (person, state) = (null, null);
        if (asked is not { Succeeded: true, Properties: var items, Principal: var principal } || items.GetString(LinkItem) != invitation.Id) return false;
        if (!PersonId.TryParse(principal.FindFirstValue(ClaimTypes.NameIdentifier), out var id) || !SignInName.TryCreate(items.GetString(SignInNameItem), out var signInName, out _)) return false;
        person = new LinkedPerson(id, items.GetString(NameItem) ?? "", signInName, items.GetString(RemovesItem) == Yes);
        state = items.GetString(StateItem);
        return true;
    }
}
