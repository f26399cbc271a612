using System.Text.Json;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>Long work on a job, as it is.</summary>
/// <param name="Kind"><c>audit</c>, <c>delete</c>, <c>rewriteVerdicts</c>, <c>labelingJob</c>, <c>labelTable</c>, <c>reliability</c>, <c>reestimate</c> (which goes on for as long as the job has that setting, is open and has a weighted policy), <c>decide</c> (as long as it has a target and is open) or <c>watch</c> (as long as it has an alarm and is open).</param>
/// <param name="State"><c>running</c>, <c>waiting</c> (for a call to Ground Truth), <c>done</c> or <c>failed</c>.</param>
/// <param name="EndedAt">Null before it has.</param>
/// <param name="Done">Classes that are done (a deletion goes over each twice); tasks where a labeling job is prepared; rounds over all votes where a reliability model is estimated.</param>
/// <param name="Total">Of how many; 0 before that is known.</param>
/// <param name="Problem">Why it failed.</param>
/// <param name="Audit">What an audit has found so far.</param>
public sealed record OperationResponse(
    string Id, string Kind, string State, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, long Done, long Total, string? Problem, AuditReport? Audit)
{
    internal static OperationResponse Of(Operation operation) => new(
        operation.Id, Name(operation.Kind), Name(operation.State), operation.StartedAt, operation.EndedAt, operation.Done, operation.Total,
        operation.Problem, operation.Audit);

    private static string Name<T>(T value) where T : Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}

/// <summary>A job's operations.</summary>
/// <param name="Items">Those that have not ended, and the last that have; newest first.</param>
public sealed record OperationsResponse(IReadOnlyList<OperationResponse> Items);
