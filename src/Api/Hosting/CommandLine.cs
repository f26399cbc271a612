namespace BulkQA.Api;

/// <summary>The command line: every setting by its name, and short forms for the two a newcomer wants.</summary>
internal static class CommandLine
{
    public static readonly Dictionary<string, string> Switches = new()
    {
        ["--sample"] = "BulkQA:Sample:Load",
        ["--simulate-workers"] = "BulkQA:Sample:SimulatedWorkers",
        ["--simulated-accuracy"] = "BulkQA:Sample:SimulatedAccuracy",
        ["--data"] = "BulkQA:DataDirectory",
    };

    /// <summary>A switch that stands alone means true.</summary>
    public static string[] Normalise(string[] args) => [.. args.Select(argument => argument == "--sample" ? "--sample=true" : argument)];

    /// <summary>Assets and settings lie beside the program, whatever the working directory is.</summary>
    public static WebApplicationOptions Options(string[] args) => new() { Args = args, ContentRootPath = AppContext.BaseDirectory };
}
