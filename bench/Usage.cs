using System.Diagnostics;
using System.Globalization;

namespace BulkQA.Bench;

/// <summary>What processes have used so far, as Linux counts it: CPU, and bytes they caused to be written to disk.</summary>
internal readonly record struct Usage(TimeSpan Cpu, long WrittenBytes)
{
    public static Usage operator -(Usage left, Usage right) => new(left.Cpu - right.Cpu, left.WrittenBytes - right.WrittenBytes);

    public static Usage operator +(Usage left, Usage right) => new(left.Cpu + right.Cpu, left.WrittenBytes + right.WrittenBytes);

    public static Usage OfThisProcess => Of(Environment.ProcessId);

    public static Usage Of(int process)
    {
        using var found = Process.GetProcessById(process);
        return new Usage(found.TotalProcessorTime, Field($"/proc/{process}/io", "write_bytes:"));
    }

    /// <summary>A process and its children, such as a database with a process a connection.</summary>
    public static Usage OfTree(int root) => Children(root).Select(OfTree).Aggregate(Of(root), (sum, child) => sum + child);

    public static long ResidentBytes(int process) => 1024 * Field($"/proc/{process}/status", "VmRSS:");

    private static IEnumerable<int> Children(int process) => File.ReadAllText($"/proc/{process}/task/{process}/children")
        .Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture));

    private static long Field(string file, string name)
    {
        var line = File.ReadLines(file).Single(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
    }
}
