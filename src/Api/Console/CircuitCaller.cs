using System.Security.Claims;
using BulkQA.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>
/// Who looks at a circuit, for as long as they may: the session that it began with is looked at as the cookie's is, each
/// <see cref="SignInOptions.CheckInterval"/>, and ends where nobody has touched the page for <see cref="SignInOptions.IdleTimeout"/>.
/// </summary>
internal sealed class CircuitCaller(AuthenticationStateProvider states, IServiceProvider services, IOptions<SignInOptions> options, TimeProvider time)
    : IConsoleCaller, IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private AuthenticationTicket? _ticket;
    private DateTimeOffset _checkedAt;
    private DateTimeOffset _usedAt = time.GetUtcNow();
    private bool _isOver;

    public void Touch() => _usedAt = time.GetUtcNow();

    /// <summary>Who it is now; a failure once the session is over, and from then on.</summary>
    public async Task<AuthenticateResult> AuthenticateAsync()
    {
        await _turn.WaitAsync();
        try
        {
            var now = time.GetUtcNow();
            _ticket ??= CircuitTicket.Read((await states.GetAuthenticationStateAsync()).User);
            if (!_isOver) _isOver = _ticket is null || !await IsStandingAsync(_ticket, now);
            return _isOver ? AuthenticateResult.Fail("the session that the page began with is over") : AuthenticateResult.Success(_ticket!.Clone());
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Whoever has the same grants gets the same answers about jobs; of those without any, whoever has the same claims.</summary>
    public async ValueTask<string> GetScopeAsync()
    {
        if (await AuthenticateAsync() is not { Succeeded: true, Principal: { } caller }) return Guid.NewGuid().ToString();
        return caller.Person() is not null
            ? string.Join('\n', caller.FindAll(PersonPrincipal.GrantClaim).Select(claim => claim.Value).Order(StringComparer.Ordinal))
            : string.Join('\n', caller.Claims.Select(claim => $"{claim.Type}={claim.Value}").Order(StringComparer.Ordinal));
    }

    public void Dispose() => _turn.Dispose();

    private async Task<bool> IsStandingAsync(AuthenticationTicket ticket, DateTimeOffset now)
    {
        if (ticket.Principal.Person() is null) return ticket.Properties.ExpiresUtc is not { } expires || now < expires;
        if (SessionTicket.IsOver(ticket.Properties, options.Value, now) || now - _usedAt >= options.Value.IdleTimeout) return false;
        if (now - _checkedAt < options.Value.CheckInterval) return true;
        if (await FindAsync(ticket) is not { } user) return false;
        _ticket = new AuthenticationTicket(await services.GetRequiredService<IUserClaimsPrincipalFactory<PersonUser>>().CreateAsync(user), ticket.Properties, ticket.AuthenticationScheme);
        _checkedAt = now;
        return true;
    }

    /// <summary>The person, where its session stands.</summary>
    private async Task<PersonUser?> FindAsync(AuthenticationTicket ticket)
    {
        var stamp = ticket.Principal.FindFirstValue(new ClaimsIdentityOptions().SecurityStampClaimType);
        var person = ticket.Principal.Person()!.Value;
        if (SessionTicket.IdOf(ticket.Properties) is not { } id || await services.GetRequiredService<IUserStore<PersonUser>>().FindByIdAsync(person.Value, CancellationToken.None) is not { } user) return null;
        if (!user.MaySignIn || user.Account.SecurityStamp != stamp || user.Session(id) is not { } session) return null;
        if (time.GetUtcNow() - session.SeenAt >= Grains.PersonSession.SeenEvery) await PeopleEndpoints.Person(services.GetRequiredService<IGrainFactory>(), person).NoteSeenAsync(id);
        return user;
    }
}
