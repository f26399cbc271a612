namespace BulkQA.Web.Operations;

/// <summary>What is said of long work.</summary>
public static class OperationWords
{
    public static string Kind(string kind) => kind switch
    {
        "audit" => "Audit",
        "delete" => "Deletion",
        "rewriteVerdicts" => "Verdicts computed anew",
        "labelingJob" => "Labeling job begun",
        "labelTable" => "Label table written anew",
        "reliability" => "Reliability model estimated",
        "reestimate" => "Models estimated by itself",
        "decide" => "Target decided as answers come",
        "watch" => "Classes watched for the alarm",
        _ => kind,
    };

    /// <summary>How far it is, or how it ended.</summary>
    public static string State(OperationModel operation) => operation switch
    {
        { State: "failed" } => $"failed: {operation.Problem}",
        { State: "waiting" } => "waits for Ground Truth",
        { State: "running", Kind: "reestimate" or "decide" or "watch" } => "goes on by itself",
        { State: "running", Total: > 0 } => $"{Words.Count(operation.Done)} of {Words.Count(operation.Total)}",
        _ => operation.State,
    };
}
