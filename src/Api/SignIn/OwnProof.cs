using System.Text.Json;

namespace BulkQA.Api;

/// <summary>
/// Has whoever is at a browser that is signed in show once more who it is, before it changes how the person signs in: by the password, or by a passkey
/// where there is no password.
/// </summary>
internal sealed class OwnProof(PasswordCheck passwords, PasskeySignIn passkeys)
{
    /// <returns>What is said of somebody who has not shown it.</returns>
    public static string WordsFor(PersonUser user) => user.HasPassword || !user.HasWayIn
        ? "That is not your password, or there were too many tries: then wait a while."
        : "That was no passkey of yours, or it took too long. Try again.";

    /// <param name="user">As read now.</param>
    /// <param name="password">The person's, where it has one.</param>
    /// <param name="proof">What its passkey answered, as JSON, where it has no password.</param>
    /// <returns>The person as it is stored by now; null where that is not shown.</returns>
    public async Task<PersonUser?> FindAsync(PersonUser user, string? password, string? proof)
    {
        if (user.HasPassword) return !string.IsNullOrEmpty(password) && await passwords.IsPasswordAsync(user, password) ? user : null;
        return user.HasWayIn && Read(proof) is { } credential && await passkeys.FindAsync(credential) is { } found && found.Id == user.Id ? found : null;
    }

    private static JsonElement? Read(string? proof)
    {
        try
        {
            return string.IsNullOrEmpty(proof) ? null : JsonElement.Parse(proof, new JsonDocumentOptions { MaxDepth = 16 });
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
