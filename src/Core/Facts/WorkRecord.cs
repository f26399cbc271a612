namespace BulkQA.Core;

/// <summary>What one worker did in one day (UTC).</summary>
/// <param name="Worker">Who.</param>
/// <param name="Day">Null for what was answered at times that nobody knows.</param>
/// <param name="Tasks">Tasks of which the worker answered the last image that day, follow-ups among them.</param>
/// <param name="Images">Images that it answered in any way for the first time that day, gold among them.</param>
/// <param name="Seconds">How long those of the tasks took whose time somebody measured.</param>
/// <param name="TasksTimed">How many these are.</param>
public readonly record struct WorkRecord(WorkerId Worker, DateOnly? Day, long Tasks, long Images, double Seconds, long TasksTimed)
{
    /// <summary>By worker, and then by day, those without one first.</summary>
    public static IOrderedEnumerable<WorkRecord> Order(IEnumerable<WorkRecord> records) =>
        records.OrderBy(record => record.Worker.Value, StringComparer.Ordinal).ThenBy(record => record.Day ?? DateOnly.MinValue);

    /// <summary>Records of parts as those of the whole, in order.</summary>
    public static IEnumerable<WorkRecord> Sum(IEnumerable<WorkRecord> parts) => Order(parts.GroupBy(part => (part.Worker, part.Day)).Select(of => new WorkRecord(
        of.Key.Worker, of.Key.Day, of.Sum(part => part.Tasks), of.Sum(part => part.Images), of.Sum(part => part.Seconds), of.Sum(part => part.TasksTimed))));
}
