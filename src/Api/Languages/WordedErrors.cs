using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Localization;

namespace BulkQA.Api;

/// <summary>What Identity says that people read, in our words and their language.</summary>
internal sealed class WordedErrors(IStringLocalizer<Words> words) : IdentityErrorDescriber
{
    public override IdentityError ConcurrencyFailure() => Of(nameof(ConcurrencyFailure), words["Your account was changed at the same time. Try again."]);

    public override IdentityError PasswordTooShort(int length) => Of(nameof(PasswordTooShort), words["A password has at least {0} characters.", length]);

    public override IdentityError PasswordRequiresUniqueChars(int uniqueChars) => Of(nameof(PasswordRequiresUniqueChars), words["A password has at least {0} different characters.", uniqueChars]);

    private static IdentityError Of(string code, string description) => new() { Code = code, Description = description };
}
