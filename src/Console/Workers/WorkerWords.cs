namespace BulkQA.Web.Workers;

/// <summary>What is said of workers.</summary>
public static class WorkerWords
{
    /// <summary>What a flag is about.</summary>
    public static string Flag(string kind) => kind switch
    {
        "neverUnticks" => "Hardly ever unticks:",
        "tooFast" => "Too fast:",
        "disagrees" => "Disagrees:",
        "contradictsItself" => "Contradicts itself:",
        _ => $"{kind}:",
    };

    /// <summary>What was decided about a worker.</summary>
    public static string Decision(WorkerDecisionModel decision) => decision switch
    {
        { State: "setAside" } => "votes set aside",
        { State: "counted" } => "votes count again",
        { Qualification: "granted" } => "qualification granted",
        { Qualification: "refused" } => "qualification refused",
        { Qualification: "again" } => "qualifies anew",
        { Qualification: "asAnswered" } => "qualification by its answers again",
        _ => Words.None,
    };

    public static string Method(string method) => method switch
    {
        "oneCoin" => "one coin a worker",
        "twoCoin" => "two coins a worker",
        _ => method,
    };

    /// <summary>What Krippendorff's alpha says, by the marks that he gives himself (Content Analysis, 2004): 0.8, and 0.667 for tentative conclusions.</summary>
    public static string Alpha(double? alpha) => alpha switch
    {
        null => "not defined: no image has two votes, or all votes are the same",
        >= 0.8 => "workers agree well",
        >= 0.667 => "enough for tentative conclusions",
        > 0 => "less than what conclusions are usually drawn from",
        _ => "no more than by chance",
    };
}
