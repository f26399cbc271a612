using System.Text.Json;
using System.Text.Json.Serialization;

namespace BulkQA.Api;

/// <param name="State"><c>open</c>, or <c>done</c> once every image has as many answers as the job asks for.</param>
/// <param name="AnsweredBy">Workers who answered every box.</param>
public sealed record TaskSummary(int Task, string Label, int Images, string State, IReadOnlyList<string> AnsweredBy);

/// <param name="Box">The name its answer goes under.</param>
public sealed record TaskImage(string Box, string ImageUrl, double? Confidence);

/// <param name="State"><c>open</c>, <c>done</c> or <c>heldBack</c>; or <c>followUp</c> of a task about images in doubt, whose answers are with the tasks that they are of.</param>
/// <param name="Boxes">What its boxes start with: <c>ticked</c>, <c>unticked</c> or <c>neither</c>.</param>
public sealed record TaskResponse(
    int Task, string Label, string State, IReadOnlyList<string> AnsweredBy, IReadOnlyList<TaskImage> Images, string Boxes);

/// <param name="Answered">Tasks of the job this worker has answered.</param>
/// <param name="Tasks">Tasks of the job, but those that lack answers and are not handed out any more.</param>
/// <param name="ServedAt">The server's time now, to be given back with the answer.</param>
/// <param name="Boxes">What the worker is to be shown at first: all boxes <c>ticked</c>, all <c>unticked</c>, or <c>neither</c>; to be given back with the answer.</param>
public sealed record LeasedTask(
    int Task, string Label, IReadOnlyList<TaskImage> Images, DateTimeOffset ExpiresAt, int Answered, int Tasks, DateTimeOffset ServedAt, string Boxes);

/// <summary>A worker's answer to a task: all its boxes.</summary>
public sealed record AnnotationRequest
{
    public string? WorkerId { get; init; }

    /// <summary><c>{"Dog-0":{"Confirmed":true},"Dog-1":{"NotSeen":true},"Dog-2":{"CantTell":true},…}</c>; keys in any order.</summary>
    public JsonElement Answers { get; init; }

    /// <summary>
    /// How the boxes were when the worker first saw them: <c>ticked</c>, <c>unticked</c> or <c>neither</c>. Left out where that
    /// isn't known; then the answer counts in no comparison of the two.
    /// </summary>
    public string? Boxes { get; init; }

    /// <summary>When the worker submitted, by a clock that is right; now, where no time is given at all.</summary>
    public DateTimeOffset? SubmittedAt { get; init; }

    /// <summary>Instead of <c>submittedAt</c>: the task's <c>servedAt</c> as it came.</summary>
    public DateTimeOffset? ServedAt { get; init; }

    /// <summary>
    /// With <c>servedAt</c>: how long after it came the worker submitted, in seconds from 0 to 604,800 (7 days). The same
    /// when the same answer is sent again.
    /// </summary>
    public double? AnsweredAfterSeconds { get; init; }

    /// <summary>
    /// The job's <c>createdAt</c>, for answers that may be sent late: where the job was deleted and created anew since, they are refused, and not taken for
    /// answers to other images.
    /// </summary>
    public DateTimeOffset? JobCreatedAt { get; init; }
}

/// <summary>A worker's page that can show none of a batch's pictures.</summary>
public sealed record UnshownRequest
{
    public string? WorkerId { get; init; }
}

/// <summary>A worker who is still at a batch.</summary>
public sealed record LeaseRequest
{
    public string? WorkerId { get; init; }
}

/// <param name="ExpiresAt">Until when the batch is kept for the worker.</param>
/// <param name="RenewableUntil">Until when it is kept at most, however often the lease is renewed.</param>
/// <param name="ServedAt">The server's time now.</param>
public sealed record LeaseResponse(int Task, string WorkerId, DateTimeOffset ExpiresAt, DateTimeOffset RenewableUntil, DateTimeOffset ServedAt);

/// <param name="Accepted">Answers that are durable now, whether new or seen before.</param>
/// <param name="Rejected">Boxes of a follow-up whose images' own tasks have no room for the answer; absent where there are none. All others count.</param>
public sealed record AnnotationResponse(
    int Task, string WorkerId, int Accepted, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<RejectedBox>? Rejected = null)
{
    /// <summary>How the worker did on the batch's gold, of a job that tells its workers; absent otherwise, and where none of it was seen.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public GoldFeedbackResponse? Gold { get; init; }
}

/// <param name="Box">The name that its answer came under.</param>
public sealed record RejectedBox(string Box, string Reason);
