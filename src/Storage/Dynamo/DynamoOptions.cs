using Microsoft.Extensions.Options;

namespace BulkQA.Storage;

/// <summary>
/// The tables in DynamoDB. Bound from <c>BulkQA:Dynamo</c>. Region, credentials and endpoint come from where every AWS
/// SDK looks for them (<c>AWS_REGION</c>, the task's role, <c>AWS_ENDPOINT_URL_DYNAMODB</c>).
/// </summary>
public sealed class DynamoOptions
{
    /// <summary>The label table. Default <c>bulkqa-labels</c>.</summary>
    public string LabelTable { get; set; } = "bulkqa-labels";

    /// <summary>The fact table. Default <c>bulkqa-facts</c>.</summary>
    public string FactTable { get; set; } = "bulkqa-facts";

    /// <summary>Grain state. Default <c>OrleansGrainState</c>, the name that Orleans' own provider uses.</summary>
    public string StateTable { get; set; } = "OrleansGrainState";

    /// <summary>
    /// Whether tables that do not exist are created at start: on demand, without warm throughput or backups, for
    /// trials and tests. Default false: the deployment makes them.
    /// </summary>
    public bool CreateTables { get; set; }

    /// <summary>How long one attempt of a call may take. Above zero; default 5 seconds.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How often a call that was throttled or failed on the way is tried again, with exponential backoff and jitter.
    /// From 0 to 20; default 7: about 6 seconds of waiting.
    /// </summary>
    public int MaxRetries { get; set; } = 7;

    /// <summary>
    /// Requests of this process under way at a time; more wait their turn. What keeps a throttled table from piling up
    /// calls. From 1; default 256.
    /// </summary>
    public int MaxConcurrentRequests { get; set; } = 256;
}

internal sealed class DynamoOptionsValidator : IValidateOptions<DynamoOptions>
{
    public ValidateOptionsResult Validate(string? name, DynamoOptions options)
    {
        var check = new SettingsCheck("BulkQA:Dynamo");
        (string Setting, string Name)[] tables = [("LabelTable", options.LabelTable), ("FactTable", options.FactTable), ("StateTable", options.StateTable)];
        foreach (var (setting, table) in tables) check.Require(IsTableName(table), $"{setting} '{table}' is not 3 to 255 letters, digits, '_', '-' and '.'");
        foreach (var same in tables.GroupBy(table => table.Name).Where(same => same.Count() > 1))
            check.Require(false, $"{string.Join(" and ", same.Select(table => table.Setting))} are '{same.Key}'; give each a name of its own");
        check.Require(options.AttemptTimeout > TimeSpan.Zero, $"AttemptTimeout is {options.AttemptTimeout}; give more than zero");
        check.Require(options.MaxRetries is >= 0 and <= 20, $"MaxRetries is {options.MaxRetries}; give 0 to 20");
        check.Require(options.MaxConcurrentRequests >= 1, $"MaxConcurrentRequests is {options.MaxConcurrentRequests}; give 1 or more");
        return check.Result;
    }

    private static bool IsTableName(string name) =>
        name.Length is >= 3 and <= 255 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');
}
