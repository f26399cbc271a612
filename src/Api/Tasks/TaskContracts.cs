using System.Text.Json;

namespace BulkQA.Api;

/// <param name="State"><c>open</c>, or <c>done</c> once every image has as many votes as the job asks for.</param>
/// <param name="AnsweredBy">Workers who answered every box.</param>
public sealed record TaskSummary(int Task, string Label, int Images, string State, IReadOnlyList<string> AnsweredBy);

/// <param name="Box">The name its answer goes under.</param>
public sealed record TaskImage(string Box, string ImageUrl, double Confidence);

public sealed record TaskResponse(
    int Task, string Label, string State, IReadOnlyList<string> AnsweredBy, IReadOnlyList<TaskImage> Images);

/// <param name="Answered">Tasks of the job this worker has answered.</param>
/// <param name="Tasks">Tasks of the job.</param>
public sealed record LeasedTask(
    int Task, string Label, IReadOnlyList<TaskImage> Images, DateTimeOffset ExpiresAt, int Answered, int Tasks);

/// <summary>A worker's answer to a task: all its boxes.</summary>
public sealed record AnnotationRequest
{
    public string? WorkerId { get; init; }

    /// <summary><c>{"Dog-0":{"Confirmed":true},…}</c>; keys in any order.</summary>
    public JsonElement Answers { get; init; }

    /// <summary>When the worker submitted; now, where it is left out.</summary>
    public DateTimeOffset? SubmittedAt { get; init; }
}

/// <param name="Accepted">Votes that are durable now, whether new or seen before.</param>
public sealed record AnnotationResponse(int Task, string WorkerId, int Accepted);
