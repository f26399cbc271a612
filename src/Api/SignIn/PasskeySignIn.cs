using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using BulkQA.Grains;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Localization;

namespace BulkQA.Api;

/// <summary>Asks browsers for passkeys, and looks at what they answer.</summary>
internal sealed class PasskeySignIn(SignInManager<PersonUser> signIn, UserManager<PersonUser> users, IStringLocalizer<Words> words, TimeProvider time)
{
    /// <summary>For how long what was asked may be answered. The cookie that holds it lives no longer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>The greatest length of what a browser sends of a passkey.</summary>
    public const int MaxAnswerBytes = 64 * 1024;

    /// <summary>What is said of a passkey that answers no question, or not the last one.</summary>
    public const string NotTaken = "The passkey was not taken: it took too long, or this browser was asked for another since. Try again.";

    /// <summary>Times that one passkey signs in within <see cref="Patience"/>: as many answers are kept of each.</summary>
    private const int MaxAnswers = 30;

    /// <summary>What a browser that wants to sign in is asked. Nobody is named, so that nothing tells who has a passkey.</summary>
    public Task<string> AskAsync() => signIn.MakePasskeyRequestOptionsAsync(null);

    /// <summary>What a browser is asked to show that whoever is at it still is this person.</summary>
    public Task<string> AskToConfirmAsync(PersonUser user) => signIn.MakePasskeyRequestOptionsAsync(user);

    /// <summary>What a browser that adds a passkey is asked.</summary>
    public Task<string> AskForNewAsync(PersonUser user) =>
        signIn.MakePasskeyCreationOptionsAsync(new PasskeyUserEntity { Id = user.Id, Name = user.UserName, DisplayName = user.Person.Name });

    /// <returns>Whose passkey answered what this browser was asked; null where none did, or the person may not sign in, or the answer was taken before.</returns>
    public async Task<PersonUser?> FindAsync(JsonElement credential)
    {
        if (credential.ValueKind != JsonValueKind.Object || await QuestionAsync() is not { } question) return null;
        if (await WhereAskedAsync(() => signIn.PerformPasskeyAssertionAsync(credential.GetRawText())) is not { Succeeded: true, User.MaySignIn: true } answered) return null;
        var (user, now) = (answered.User, time.GetUtcNow());
        var passkeys = user.Passkeys.ToList();
        var index = passkeys.FindIndex(passkey => passkey.Is(answered.Passkey.CredentialId));
        // What was asked is in a cookie: whoever has seen both it and the answer could send them again, and not every authenticator counts its uses. Known
        // by the question, which is sealed; an answer can be written in many ways.
        var answers = passkeys[index].Answers.Where(answer => now - answer.At <= Patience).ToImmutableArray();
        if (answers.Length >= MaxAnswers || answers.Any(answer => answer.Question == question)) return null;
        passkeys[index] = passkeys[index] with { LastUsedAt = now, Answers = answers.Add(new PasskeyAnswer(question, now)) };
        user.SetPasskeys(passkeys);
        // Of two that come at once one finds the account changed.
        return (await users.AddOrUpdatePasskeyAsync(user, answered.Passkey)).Succeeded ? user : null;
    }

    /// <summary>Adds the passkey that this browser made for the person.</summary>
    /// <returns>What is wrong; null for nothing.</returns>
    public async Task<string?> AddAsync(PersonUser user, JsonElement credential, string name)
    {
        string failed = words[NotTaken];
        if (RefusalOfMore(user) is { } refusal) return refusal;
        if (credential.ValueKind != JsonValueKind.Object) return failed;
        // What is in the cookie may have been asked of somebody who was signed in here before.
        if (await WhereAskedAsync(() => signIn.PerformPasskeyAttestationAsync(credential.GetRawText())) is not { Succeeded: true } made || made.UserEntity.Id != user.Id) return failed;
        made.Passkey.Name = name;
        return (await users.AddOrUpdatePasskeyAsync(user, made.Passkey)).Succeeded ? null : failed;
    }

    /// <returns>Why the person may add none; null where it may.</returns>
    public string? RefusalOfMore(PersonUser user) => user.Passkeys.Count < PersonAccount.MaxPasskeys ? null
        : words["You have {0} passkeys, which is as many as anybody may. Remove one that you don't use.", PersonAccount.MaxPasskeys].Value;

    /// <returns>Null where this browser was asked nothing, or something else: Identity takes that for a fault of ours.</returns>
    private static async Task<T?> WhereAskedAsync<T>(Func<Task<T>> look) where T : class
    {
        try
        {
            return await look();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>What this browser was asked, hashed; null for nothing.</summary>
    private async Task<string?> QuestionAsync() => (await signIn.Context.AuthenticateAsync(IdentityConstants.TwoFactorUserIdScheme)) is { Succeeded: true, Properties.Items: var asked }
        ? Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', asked.OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => item.Value))))) : null;
}
