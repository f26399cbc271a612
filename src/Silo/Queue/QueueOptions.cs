using BulkQA.Storage;
using Microsoft.Extensions.Options;

namespace BulkQA.Silo;

/// <summary>
/// The queue that votes come from. Bound from <c>BulkQA:Queue</c>; endpoint, region and credentials as in every AWS SDK.
/// </summary>
public sealed class QueueOptions
{
    public const string Section = "BulkQA:Queue";

    /// <summary>The queue that the post-labeling function sends to. None (the default): nothing is consumed.</summary>
    public string? Url { get; set; }

    /// <summary>Where messages go that can't be understood, with the reason.</summary>
    public string? DeadLetterUrl { get; set; }

    /// <summary>
    /// How long a message stays hidden from other consumers unless its handling is extended, which happens at a third of
    /// it. From 10 seconds to 12 hours; default 2 minutes.
    /// </summary>
    public TimeSpan VisibilityTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long one receive call waits for messages. From 0 to 20 seconds (SQS's limit), the default.</summary>
    public TimeSpan ReceiveWait { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Receive calls of this silo under way at a time. From 1 to 32; default 2.</summary>
    public int Receivers { get; set; } = 2;

    /// <summary>
    /// Images whose answers are taken in at a time, at most; nothing more is received while messages wait. From 100;
    /// default 5,000.
    /// </summary>
    public int MaxImagesInFlight { get; set; } = 5_000;

    /// <summary>
    /// How long the votes of a message should take to be merged. Where they take longer, fewer images are merged at a
    /// time: that passes the pressure of storage and silos back to the queue, and others' calls don't wait behind
    /// thousands. Above zero; default half a second.
    /// </summary>
    public TimeSpan MergeTarget { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long the handling of one message may take before it is left to a later try. Shorter than
    /// <see cref="VisibilityTimeout"/> nobody else gets it meanwhile, though extending it may fail. Default 90 seconds.
    /// </summary>
    public TimeSpan HandlerTimeout { get; set; } = TimeSpan.FromSeconds(90);

    /// <summary>The longest time a message rests after a failure that passes. From 1 second to 12 hours; default 5 minutes.</summary>
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long, when stopping, messages under way may take to end before they are given back. Together with
    /// <see cref="ReceiveWait"/> it must fit into the host's shutdown timeout. Default 45 seconds.
    /// </summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(45);
}

internal sealed class QueueOptionsValidator : IValidateOptions<QueueOptions>
{
    private static readonly TimeSpan _longest = TimeSpan.FromHours(12);

    public ValidateOptionsResult Validate(string? name, QueueOptions options)
    {
        var check = new SettingsCheck(QueueOptions.Section);
        check.Require(IsUrl(options.Url), $"Url '{options.Url}' is not the URL of a queue");
        check.Require(IsUrl(options.DeadLetterUrl), $"DeadLetterUrl '{options.DeadLetterUrl}' is not the URL of a queue; without one, what can't be understood would have nowhere to go");
        check.Require(options.Url != options.DeadLetterUrl, "Url and DeadLetterUrl are the same queue; give two");
        check.Require(options.VisibilityTimeout >= TimeSpan.FromSeconds(10) && options.VisibilityTimeout <= _longest, $"VisibilityTimeout is {options.VisibilityTimeout}; give 10 seconds to 12 hours");
        check.Require(options.ReceiveWait >= TimeSpan.Zero && options.ReceiveWait <= TimeSpan.FromSeconds(20), $"ReceiveWait is {options.ReceiveWait}; give 0 to 20 seconds");
        check.Require(options.Receivers is >= 1 and <= 32, $"Receivers is {options.Receivers}; give 1 to 32");
        check.Require(options.MaxImagesInFlight >= 100, $"MaxImagesInFlight is {options.MaxImagesInFlight}; give 100 or more");
        check.Require(options.MergeTarget > TimeSpan.Zero, $"MergeTarget is {options.MergeTarget}; give more than zero");
        check.Require(options.HandlerTimeout > TimeSpan.Zero, $"HandlerTimeout is {options.HandlerTimeout}; give more than zero");
        check.Require(options.MaxBackoff >= TimeSpan.FromSeconds(1) && options.MaxBackoff <= _longest, $"MaxBackoff is {options.MaxBackoff}; give 1 second to 12 hours");
        check.Require(options.DrainTimeout > TimeSpan.Zero, $"DrainTimeout is {options.DrainTimeout}; give more than zero");
        return check.Result;
    }

    private static bool IsUrl(string? text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https";
}
