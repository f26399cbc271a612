using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Identity;

namespace BulkQA.Api;

/// <summary>
/// People's grains as the store of ASP.NET Core Identity, which hashes passwords and ends sessions. People are made by invitations and
/// leads, never by Identity, and their grains count wrong passwords.
/// </summary>
internal sealed partial class PersonUserStore(IGrainFactory grains, IdentityErrorDescriber errors) :
    IUserPasswordStore<PersonUser>, IUserSecurityStampStore<PersonUser>
{
    public async Task<PersonUser?> FindByIdAsync(string userId, CancellationToken cancellationToken) =>
        PersonId.TryParse(userId, out var id) && await grains.GetGrain<IPersonGrain>(id.Value).GetAccountAsync() is { } record ? new PersonUser(record) : null;

    /// <param name="normalizedUserName">As it was typed: names are compared by their own rule.</param>
    /// <param name="cancellationToken">Not used: grain calls end by themselves.</param>
    public async Task<PersonUser?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken)
    {
        if (!SignInName.TryCreate(normalizedUserName, out var name, out _)) return null;
        if (await grains.GetGrain<IPersonNameGrain>(IPersonNameGrain.Keys.Of(name)).FindAsync() is not { } holder) return null;
        // A name may be held by somebody who has not stored yet, or no longer stores, that it is theirs.
        return await FindByIdAsync(holder.Value, cancellationToken) is { } user && user.Person.SignInName == name ? user : null;
    }

    public async Task<IdentityResult> UpdateAsync(PersonUser user, CancellationToken cancellationToken)
    {
        if (await grains.GetGrain<IPersonGrain>(user.Id).WriteAccountAsync(user.Account) is not { } written) return IdentityResult.Failed(errors.ConcurrencyFailure());
        user.Account = written;
        return IdentityResult.Success;
    }

    public Task<IdentityResult> CreateAsync(PersonUser user, CancellationToken cancellationToken) => throw new NotSupportedException("People are made by their grains.");

    public async Task<IdentityResult> DeleteAsync(PersonUser user, CancellationToken cancellationToken)
    {
        await grains.GetGrain<IPersonGrain>(user.Id).EraseAsync();
        return IdentityResult.Success;
    }

    public Task<string> GetUserIdAsync(PersonUser user, CancellationToken cancellationToken) => Task.FromResult(user.Id);

    public Task<string?> GetUserNameAsync(PersonUser user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.UserName);

    public Task SetUserNameAsync(PersonUser user, string? userName, CancellationToken cancellationToken) => throw new NotSupportedException("A name is changed by the person's grain.");

    public Task<string?> GetNormalizedUserNameAsync(PersonUser user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.UserName);

    /// <summary>Names have no other form here.</summary>
    public Task SetNormalizedUserNameAsync(PersonUser user, string? normalizedName, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<string?> GetPasswordHashAsync(PersonUser user, CancellationToken cancellationToken) => Task.FromResult(user.Account.PasswordHash);

    public Task<bool> HasPasswordAsync(PersonUser user, CancellationToken cancellationToken) => Task.FromResult(user.Account.PasswordHash is not null);

    public Task SetPasswordHashAsync(PersonUser user, string? passwordHash, CancellationToken cancellationToken) => Set(user, user.Account with { PasswordHash = passwordHash });

    public Task<string?> GetSecurityStampAsync(PersonUser user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Account.SecurityStamp);

    public Task SetSecurityStampAsync(PersonUser user, string stamp, CancellationToken cancellationToken) => Set(user, user.Account with { SecurityStamp = stamp });

    public void Dispose()
    {
    }

    private static Task Set(PersonUser user, PersonAccount account)
    {
        user.Account = account;
        return Task.CompletedTask;
    }
}

/// <summary>Names are compared by their own rule (<see cref="SignInName"/>).</summary>
internal sealed class NoNormalizer : ILookupNormalizer
{
    public string? NormalizeName(string? name) => name;

    public string? NormalizeEmail(string? email) => email;
}
