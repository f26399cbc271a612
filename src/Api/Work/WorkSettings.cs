using System.ComponentModel;
using BulkQA.Core;

namespace BulkQA.Api;

/// <summary>What a job's worker page shows and asks for, whatever its template.</summary>
public sealed record WorkSettings
{
    [Description("What workers read before they answer: plain text with line breaks, at most 2000 characters; default nothing")]
    public string? Instructions { get; init; }

    [Description("Whether the page takes no answer before every picture of the batch has been in view; default false")]
    public bool? SeeWholeBatch { get; init; }

    [Description("Whether a worker is told after a batch how it did on its gold; default false. Workers learn from it which pictures are gold")]
    public bool? GoldFeedback { get; init; }

    internal static WorkSettings? Of(JobWork work) => work == JobWork.None ? null
        : new() { Instructions = work.Instructions, SeeWholeBatch = work.SeeWholeBatch, GoldFeedback = work.GoldFeedback };

    /// <summary>What it comes to; lengths are checked with the other settings.</summary>
    internal JobWork Read() => new() { Instructions = PlainText.Tidy(Instructions), SeeWholeBatch = SeeWholeBatch ?? false, GoldFeedback = GoldFeedback ?? false };
}
