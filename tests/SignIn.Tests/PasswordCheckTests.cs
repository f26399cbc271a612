using System.Reflection;
using BulkQA.Core;
using BulkQA.Grains;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace BulkQA.Api.Tests;

/// <summary>That a try which fails takes the same steps for everybody and nobody: counted, because times on a busy machine tell nothing.</summary>
public sealed class PasswordCheckTests
{
    private const string Password = "correct horse battery";

    private static readonly SignInName _ann = SignInName.Create("ann@example.org");

    [Theory]
    [InlineData("wrong")]
    [InlineData("nobody")]
    [InlineData("suspended")]
    [InlineData("no password")]
    public async Task Find_ThatFails_TakesTheSameSteps(string how)
    {
        Assert.Equal(["Find", "GetAccount", "TrySignIn", "hash"], await StepsAsync(how));
    }

    [Fact]
    public async Task Find_WithTheRightPassword_IsThePerson() => Assert.Equal(["Find", "GetAccount", "TrySignIn", "hash", "NoteSignIn"], await StepsAsync("right"));

    private static async Task<List<string>> StepsAsync(string how)
    {
        var hasher = new CountingHasher();
        var person = new Person(PersonId.New(), "Ann", _ann, how == "suspended" ? PersonState.Suspended : PersonState.Active, [], DateTimeOffset.UnixEpoch, 1);
        var record = new SignInRecord(person, new PersonAccount { PasswordHash = how == "no password" ? null : new PasswordHasher<PersonUser>().HashPassword(null!, Password) });
        var grains = Of<IGrainFactory>((method, arguments) => method.GetGenericArguments().SingleOrDefault() switch
        {
            var type when type == typeof(IPersonNameGrain) => Of<IPersonNameGrain>((call, _) => Step(call, how == "nobody" ? Task.FromResult<PersonId?>(null) : Task.FromResult<PersonId?>(person.Id))),
            var type when type == typeof(IPersonGrain) => Of<IPersonGrain>((call, _) => Step(call, call.Name switch
            {
                nameof(IPersonGrain.GetAccountAsync) => Task.FromResult((string)arguments[0]! == person.Id.Value ? record : null),
                nameof(IPersonGrain.TrySignInAsync) => Task.FromResult(true),
                _ => Task.CompletedTask,
            })),
            _ => throw new NotSupportedException(method.Name),
        });
        var steps = hasher.Steps;
        using var users = new UserManager<PersonUser>(
            new PersonUserStore(grains, new IdentityErrorDescriber()), Options.Create(new IdentityOptions()), hasher, [], [], new NoNormalizer(), new IdentityErrorDescriber(), null!, NullLogger<UserManager<PersonUser>>.Instance);
        var found = await new PasswordCheck(grains, users, hasher, Options.Create(new SignInOptions())).FindAsync(_ann.Value, how == "wrong" ? "another horse" : Password);
        Assert.Equal(how == "right", found is not null);
        return steps;

        object Step(MethodInfo call, object result)
        {
            hasher.Steps.Add(call.Name.Replace("Async", "", StringComparison.Ordinal));
            return result;
        }
    }

    private static T Of<T>(Func<MethodInfo, object?[], object> answer) where T : class
    {
        var proxy = DispatchProxy.Create<T, Answering>();
        ((Answering)(object)proxy).Answer = answer;
        return proxy;
    }

    /// <summary>Answers whatever is called.</summary>
    public class Answering : DispatchProxy
    {
        public Func<MethodInfo, object?[], object> Answer { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Answer(targetMethod!, args ?? []);
    }

    private sealed class CountingHasher : PasswordHasher<PersonUser>
    {
        public List<string> Steps { get; } = [];

        public override PasswordVerificationResult VerifyHashedPassword(PersonUser user, string hashedPassword, string providedPassword)
        {
            Steps.Add("hash");
            return base.VerifyHashedPassword(user, hashedPassword, providedPassword);
        }
    }
}
