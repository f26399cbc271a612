using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Localization;

namespace BulkQA.Api;

/// <summary>
/// What a password must not be: short, of few different characters, common, or what anybody would try who knows the person's name. There are no rules about
/// which characters it has (NIST SP 800-63B, 3.1.1.2).
/// </summary>
internal sealed class PasswordRule(CommonPasswords common, IStringLocalizer<Words> words) : IPasswordValidator<PersonUser>
{
    public const int MinLength = 12;
    public const int MaxLength = 200;

    /// <summary>Of which a password has at least so many different characters.</summary>
    public const int MinDistinct = 5;

    /// <summary>What a name shares with a password is by chance where it is shorter.</summary>
    private const int MinNamePart = 4;

    public static string Words(IStringLocalizer<Words> words) => words["It has at least {0} characters, {1} of them different, is not your name, and not one that others try first.", MinLength, MinDistinct];

    public Task<IdentityResult> ValidateAsync(UserManager<PersonUser> manager, PersonUser user, string? password) => Task.FromResult(
        password is { Length: > MaxLength } ? Failed(words["A password has at most {0} characters.", MaxLength])
        : password is not null && NamesOf(user).Any(part => password.Contains(part, StringComparison.OrdinalIgnoreCase)) ? Failed(words["A password must not hold your name or the name that you sign in with: both are tried first."])
        : password is { Length: >= MinLength } && common.Has(password) ? Failed(words["That password is one of those that are tried first: common words, keys side by side, repetitions, or known to others. Take several words that don't belong together."])
        : IdentityResult.Success);

    private static IEnumerable<string> NamesOf(PersonUser user) =>
        user.Person.Name.Split(' ', StringSplitOptions.RemoveEmptyEntries).Concat((user.Person.SignInName?.Value ?? "").Split('@')[..1]).Append("bulkqa").Where(part => part.Length >= MinNamePart);

    private static IdentityResult Failed(string problem) => IdentityResult.Failed(new IdentityError { Code = "Password", Description = problem });
}
