using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>
/// Looks each <see cref="SignInOptions.CheckInterval"/>, with the same call as for what the person may do, whether the session was ended: a cookie
/// that was copied before is worth nothing then, in any process. A session without an id is over, too.
/// </summary>
internal sealed class SessionCheck(IOptions<SecurityStampValidatorOptions> options, SignInManager<PersonUser> signIn, ILoggerFactory logs, IGrainFactory grains, TimeProvider time)
    : SecurityStampValidator<PersonUser>(options, signIn, logs)
{
    protected override async Task SecurityStampVerified(PersonUser user, CookieValidatePrincipalContext context)
    {
        if (SessionTicket.IdOf(context.Properties) is not { } id || user.Session(id) is not { } session)
        {
            context.RejectPrincipal();
            await SignInManager.SignOutAsync();
            return;
        }
        if (time.GetUtcNow() - session.SeenAt >= Grains.PersonSession.SeenEvery) await PeopleEndpoints.Person(grains, user.Person.Id).NoteSeenAsync(id);
        await base.SecurityStampVerified(user, context);
    }
}
