using BulkQA.Storage;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>Whether people sign in here, and for how long. Bound from <c>BulkQA:SignIn</c>.</summary>
public sealed class SignInOptions
{
    public const string Section = "BulkQA:SignIn";

    /// <summary>Whether people may sign in by password or passkey, and be invited. Default false: callers have keys or tokens, or are on this machine.</summary>
    public bool Enabled { get; set; }

    /// <summary>After how long a session ends whatever is done in it, from 5 minutes to 30 days. Default 12 hours.</summary>
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromHours(12);

    /// <summary>After how long without a request a session ends, from 1 minute to <see cref="SessionLifetime"/>. Default 1 hour.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Within what time somebody who is suspended, erased or granted less loses access, from 0 (at once, for a look at the person with every
    /// request) to 10 minutes, and half of <see cref="IdleTimeout"/> at most. Default 30 seconds.
    /// </summary>
    public TimeSpan CheckInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a session lasts at most after it was written down as used, which is done now and then alone.</summary>
    internal TimeSpan Silence => IdleTimeout + CheckInterval + Grains.PersonSession.SeenEvery;

    /// <summary>Tries to sign in, or to take an invitation, from one address in a minute; more get 429. From 1 to 100,000; default 100.</summary>
    public int AttemptsPerMinute { get; set; } = 100;

    /// <summary>Wrong passwords in a row after which no password is looked at for <see cref="LockoutTime"/>. From 3 to 100; default 10.</summary>
    public int MaxFailedAttempts { get; set; } = 10;

    /// <summary>How long that is, from 1 minute to 1 day. Default 10 minutes.</summary>
    public TimeSpan LockoutTime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// A file of passwords that nobody may set, one a line, in UTF-8: such as the most common of those that leaked elsewhere. Lines that are no
    /// password here, being too short, are passed over; case makes no difference. None by default: then what such lists are full of is refused by its kind.
    /// </summary>
    public string? CommonPasswordsFile { get; set; }

    /// <summary>
    /// The domain that passkeys are made for: the host that pages are at, or a domain above it, so that several hosts share passkeys. No scheme, no
    /// port. Default: the host of each request. Passkeys made for one domain are none for another.
    /// </summary>
    public string? PasskeyDomain { get; set; }
}

internal sealed class SignInOptionsValidator : IValidateOptions<SignInOptions>
{
    public ValidateOptionsResult Validate(string? name, SignInOptions options)
    {
        var check = new SettingsCheck(SignInOptions.Section);
        check.Require(options.SessionLifetime >= TimeSpan.FromMinutes(5) && options.SessionLifetime <= TimeSpan.FromDays(30), $"SessionLifetime is {options.SessionLifetime}; give from 00:05:00 to 30.00:00:00");
        check.Require(options.IdleTimeout >= TimeSpan.FromMinutes(1) && options.IdleTimeout <= options.SessionLifetime, $"IdleTimeout is {options.IdleTimeout}; give from 00:01:00 to SessionLifetime");
        check.Require(options.CheckInterval >= TimeSpan.Zero && options.CheckInterval <= TimeSpan.FromMinutes(10), $"CheckInterval is {options.CheckInterval}; give from 00:00:00 to 00:10:00");
        // A cookie that is used is renewed after half of its idle time, and looked at by its age: it has to become so old.
        check.Require(2 * options.CheckInterval <= options.IdleTimeout, $"CheckInterval is {options.CheckInterval} and IdleTimeout {options.IdleTimeout}; give half of IdleTimeout at most, or sessions would never be looked at");
        check.Require(options.AttemptsPerMinute is >= 1 and <= 100_000, $"AttemptsPerMinute is {options.AttemptsPerMinute}; give 1 to 100,000");
        check.Require(options.MaxFailedAttempts is >= 3 and <= 100, $"MaxFailedAttempts is {options.MaxFailedAttempts}; give 3 to 100");
        check.Require(options.LockoutTime >= TimeSpan.FromMinutes(1) && options.LockoutTime <= TimeSpan.FromDays(1), $"LockoutTime is {options.LockoutTime}; give from 00:01:00 to 1.00:00:00");
        check.Require(options.CommonPasswordsFile is null || File.Exists(options.CommonPasswordsFile), $"CommonPasswordsFile is '{options.CommonPasswordsFile}', and there is no such file; give the path of a text file with a password in each line");
        check.Require(options.PasskeyDomain is null || Uri.CheckHostName(options.PasskeyDomain) == UriHostNameType.Dns, $"PasskeyDomain is '{options.PasskeyDomain}'; give a domain such as qa.example.org, without scheme and port");
        return check.Result;
    }
}
