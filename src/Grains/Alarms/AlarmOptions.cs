using System.Net;
using BulkQA.Core;
using BulkQA.Storage;
using Microsoft.Extensions.Options;

namespace BulkQA.Grains;

/// <summary>How jobs with an alarm are watched, and which webhooks may be told. Bound from <c>BulkQA:Alarms</c>; of silos.</summary>
public sealed class AlarmOptions
{
    public const string Section = "BulkQA:Alarms";

    internal const int MinSecretLength = 16;

    /// <summary>
    /// Hosts whose webhooks jobs may name, such as <c>hooks.example.org</c>: whole names, at most 20. Default none: then no job may have a webhook. Whatever
    /// a name says, only addresses of the public internet are called.
    /// </summary>
    public IList<string> WebhookHosts { get; } = [];

    /// <summary>
    /// Signs what webhooks are told, so that they can check who tells it: HMAC-SHA256, see docs/operations.md. At least 16 characters; none (the default) signs
    /// nothing.
    /// </summary>
    public string? WebhookSecret { get; set; }

    /// <summary>Whether webhooks of this very machine are called, by http too: for trying out. Default off; refused in a cluster.</summary>
    public bool AllowLoopback { get; set; }

    /// <summary>
    /// How often at most a job is looked at while votes come; where none do, the pause is doubled at each look, up to 5 minutes. Above zero; default
    /// 10 seconds.
    /// </summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a webhook has to answer a call. Above zero, up to 1 minute; default 10 seconds.</summary>
    public TimeSpan WebhookTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long to wait after a first call that failed; twice as long after the next, three calls at a time. After these it is doubled from
    /// <see cref="Interval"/> up to 15 minutes. Above zero, up to 10 seconds; default 1 second.
    /// </summary>
    public TimeSpan WebhookRetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long telling a webhook is tried until it is given up. Zero or more; default 1 day.</summary>
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Why this deployment does not call a webhook; null where it does.</summary>
    internal string? RefusalOf(Webhook webhook)
    {
        if (webhook.IsLoopback) return AllowLoopback ? null : $"{webhook.Host} is the machine itself, which is called only where {Section}:AllowLoopback says so";
        // In the form that DNS knows, however they are written.
        return PictureHosts.TryCreate(WebhookHosts, out var hosts, out _) && hosts.Values.Contains(webhook.Host) ? null
            : $"{webhook.Host} is none of the hosts that this deployment calls ({(WebhookHosts.Count == 0 ? "there are none" : string.Join(", ", WebhookHosts))}); whoever runs it adds hosts to {Section}:WebhookHosts";
    }

    /// <summary>Whether a connection may be made to an address that a host is at.</summary>
    internal bool MayCall(IPAddress address) => PublicAddress.Is(address) || (AllowLoopback && IPAddress.IsLoopback(address));
}

internal sealed class AlarmOptionsValidator : IValidateOptions<AlarmOptions>
{
    public ValidateOptionsResult Validate(string? name, AlarmOptions options)
    {
        var check = new SettingsCheck(AlarmOptions.Section);
        check.Require(PictureHosts.TryCreate(options.WebhookHosts, out _, out var problem), $"WebhookHosts: {problem}");
        check.Require(options.WebhookSecret is null or { Length: >= AlarmOptions.MinSecretLength }, $"WebhookSecret is shorter than {AlarmOptions.MinSecretLength} characters");
        check.Require(options.Interval > TimeSpan.Zero, $"Interval is {options.Interval}; give more than zero");
        check.Require(options.WebhookTimeout > TimeSpan.Zero && options.WebhookTimeout <= TimeSpan.FromMinutes(1), $"WebhookTimeout is {options.WebhookTimeout}; give more than zero, and 1 minute at most");
        check.Require(options.WebhookRetryDelay > TimeSpan.Zero && options.WebhookRetryDelay <= TimeSpan.FromSeconds(10), $"WebhookRetryDelay is {options.WebhookRetryDelay}; give more than zero, and 10 seconds at most");
        check.Require(options.GiveUpAfter >= TimeSpan.Zero, $"GiveUpAfter is {options.GiveUpAfter}; give zero or more");
        return check.Result;
    }
}
