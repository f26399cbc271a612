using System.Text.Json.Serialization;
using BulkQA.Core;

namespace BulkQA.Api;

/// <summary>What was reviewed on which day. Days without reviews are left out.</summary>
/// <param name="By"><c>day</c>: UTC, of the last vote that stands and counts on each reviewed image that has as many answers as the job asks for. A later vote moves its image to a later day.</param>
/// <param name="Undated">Reviewed images of whose votes no time is known; they are of no day.</param>
/// <param name="Days">All these classes together: a mixture of what was reviewed, and so without intervals.</param>
/// <param name="Classes">Ordered by label; those without reviews in these days have no days.</param>
public sealed record TimelineResponse(string Job, string By, DateOnly From, DateOnly To, long Undated, IReadOnlyList<DayResponse> Days, IReadOnlyList<ClassTimelineResponse> Classes);

/// <param name="Alarm">That the class fell below <c>minCorrectPercent</c>, and has not recovered by the last day; absent where it has not.</param>
public sealed record ClassTimelineResponse(
    string Label, IReadOnlyList<DayResponse> Days, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Decline? Alarm = null);

/// <param name="CorrectPercent">Confirmed of reviewed.</param>
/// <param name="Lower">Lower end of its interval in percent, where one is asked for.</param>
/// <param name="Upper">Upper end.</param>
public sealed record DayResponse(
    DateOnly Day, long Reviewed, long Confirmed, long Disconfirmed, long Split, double? CorrectPercent,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Lower, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Upper)
{
    internal static DayResponse Of(DateOnly day, BucketTally counts, Certainty? certainty)
    {
        var interval = certainty?.PercentOf(counts);
        return new(day, counts.Reviewed, counts.Confirmed, counts.Disconfirmed, counts.Split, counts.CorrectPercent, interval?.Lower, interval?.Upper);
    }
}

/// <summary>How much better each class is in the second of two sets of images than in the first.</summary>
/// <param name="A">As it was asked for.</param>
/// <param name="B">As it was asked for.</param>
/// <param name="Level">Of the intervals.</param>
/// <param name="Classes">Ordered by label; those that have images in neither are left out.</param>
public sealed record ComparisonResponse(string Job, string A, string B, double Level, IReadOnlyList<ClassComparisonResponse> Classes);

/// <param name="Difference">The percentage of B less that of A; null where nothing is reviewed of one.</param>
/// <param name="Lower">Lower end of its interval in percentage points; as far as one of the two is from 0 and 100 where nothing is reviewed of the other.</param>
/// <param name="Upper">Upper end.</param>
/// <param name="Change"><c>better</c> or <c>worse</c> where the interval does not hold 0; <c>unclear</c> otherwise.</param>
public sealed record ClassComparisonResponse(
    string Label, ComparedImages A, ComparedImages B, double? Difference, double Lower, double Upper, string Change)
{
    internal static ClassComparisonResponse Of(string label, BucketTally a, BucketTally b, double level)
    {
        var (lower, upper) = DifferenceInterval.Newcombe(b.Confirmed, b.Reviewed, a.Confirmed, a.Reviewed, level);
        return new(
            label, ComparedImages.Of(a), ComparedImages.Of(b), b.CorrectPercent - a.CorrectPercent, 100 * lower, 100 * upper,
            a.Reviewed == 0 || b.Reviewed == 0 ? "unclear" : lower > 0 ? "better" : upper < 0 ? "worse" : "unclear");
    }
}

/// <summary>The reviewed images of a class in one of two sets.</summary>
/// <param name="CorrectPercent">Null where nothing is reviewed.</param>
public sealed record ComparedImages(long Reviewed, long Confirmed, double? CorrectPercent)
{
    internal static ComparedImages Of(BucketTally counts) => new(counts.Reviewed, counts.Confirmed, counts.CorrectPercent);
}
