using BulkQA.Grains;
using Microsoft.AspNetCore.Identity;

namespace BulkQA.Api;

/// <content>Passkeys. That none is two people's is for the grains to see to.</content>
internal sealed partial class PersonUserStore : IUserPasskeyStore<PersonUser>
{
    /// <summary>What was kept of the passkey and is not Identity's stays.</summary>
    public Task AddOrUpdatePasskeyAsync(PersonUser user, UserPasskeyInfo passkey, CancellationToken cancellationToken)
    {
        var passkeys = user.Passkeys.ToList();
        var index = passkeys.FindIndex(kept => kept.Is(passkey.CredentialId));
        if (index < 0) passkeys.Add(Of(passkey));
        else passkeys[index] = passkeys[index] with { SignCount = passkey.SignCount, IsBackedUp = passkey.IsBackedUp, Name = passkey.Name ?? passkeys[index].Name };
        user.SetPasskeys(passkeys);
        return Task.CompletedTask;
    }

    public Task<IList<UserPasskeyInfo>> GetPasskeysAsync(PersonUser user, CancellationToken cancellationToken) =>
        Task.FromResult<IList<UserPasskeyInfo>>([.. user.Passkeys.Select(Of)]);

    public async Task<PersonUser?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken)
    {
        if (await grains.GetGrain<IPersonNameGrain>(IPersonNameGrain.Keys.OfPasskey(credentialId)).FindAsync() is not { } holder) return null;
        // As with names, the holder may not have stored that it has it.
        return await FindByIdAsync(holder.Value, cancellationToken) is { } user && user.Passkeys.Any(passkey => passkey.Is(credentialId)) ? user : null;
    }

    public Task<UserPasskeyInfo?> FindPasskeyAsync(PersonUser user, byte[] credentialId, CancellationToken cancellationToken) =>
        Task.FromResult(user.Passkeys.FirstOrDefault(passkey => passkey.Is(credentialId)) is { } passkey ? Of(passkey) : null);

    public Task RemovePasskeyAsync(PersonUser user, byte[] credentialId, CancellationToken cancellationToken)
    {
        user.SetPasskeys(user.Passkeys.Where(passkey => !passkey.Is(credentialId)));
        return Task.CompletedTask;
    }

    private static Passkey Of(UserPasskeyInfo passkey) => new(passkey.CredentialId, passkey.PublicKey, passkey.Name ?? "", passkey.CreatedAt, passkey.SignCount)
    {
        Transports = passkey.Transports,
        IsUserVerified = passkey.IsUserVerified,
        IsBackupEligible = passkey.IsBackupEligible,
        IsBackedUp = passkey.IsBackedUp,
    };

    /// <summary>Without what an authenticator says of itself: nobody asks for it.</summary>
    private static UserPasskeyInfo Of(Passkey passkey) =>
        new(passkey.CredentialId, passkey.PublicKey, passkey.CreatedAt, passkey.SignCount, passkey.Transports, passkey.IsUserVerified, passkey.IsBackupEligible, passkey.IsBackedUp, [], []) { Name = passkey.Name };
}
