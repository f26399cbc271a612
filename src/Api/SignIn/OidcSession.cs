using Microsoft.AspNetCore.Authentication;

namespace BulkQA.Api;

/// <summary>Which sessions began at the identity provider, so that signing out ends the one there, too.</summary>
internal static class OidcSession
{
    private const string Item = "bulkqa:signed-in-by";

    /// <summary>Marks the properties that a session begins with.</summary>
    public static AuthenticationProperties Mark(AuthenticationProperties properties)
    {
        properties.Items[Item] = OidcRegistration.Scheme;
        return properties;
    }

    public static bool IsMarked(AuthenticationProperties? properties) => properties?.Items.TryGetValue(Item, out var by) is true && by == OidcRegistration.Scheme;
}
