using System.Text.RegularExpressions;
using BulkQA.Emulators;

namespace BulkQA.Api.Tests;

/// <summary>What docs/ecosystem.md tells people to run does what it says, as far as its tools are here.</summary>
public sealed partial class RecipeTests(SharedApi api)
{
    private static readonly string[] _pythons = ["python3", "/usr/bin/python3"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pandas_ReadsVotesAndImagesAndDropsWhatPeopleDisconfirmed()
    {
        var python = await FindPythonAsync("pandas");
        using var folder = new TemporaryFolder();
        await ExportAsync(folder.Path, ("csv", "pets.csv"), ("votes", "pets.votes.csv"));
        var output = await RunAsync(python, $"""
            import os
            import pandas as pd
            os.chdir({Quoted(folder.Path)})
            votes = {Recipe("Crowd-Kit", ReadVotes())}
            print(list(votes.columns), len(votes), sorted(votes.label.unique()))
            df = pd.read_csv("pets.csv")
            {Recipe("cleanlab", Drop())}
            print(sorted(df.s3_image_url))
            """);
        Assert.Equal(["['task', 'worker', 'label'] 2 ['Confirmed', 'Disconfirmed']", "['s3://bulkqa/images/a.jpg', 's3://bulkqa/images/c.jpg']"], output);
    }

    [GeneratedRegex("""pd\.read_csv\("pets\.votes\.csv"\)""")]
    private static partial Regex ReadVotes();

    [GeneratedRegex("""df = df\[[^`]+\]""")]
    private static partial Regex Drop();

    /// <summary>The recipe in the row of the table that holds <paramref name="row"/>.</summary>
    private static string Recipe(string row, Regex recipe)
    {
        var lines = File.ReadLines(Path.Combine(ApiProcess.RepositoryRoot, "docs", "ecosystem.md")).Where(line => line.StartsWith('|') && line.Contains(row, StringComparison.Ordinal));
        return Assert.Single(lines.Select(line => recipe.Match(line)), match => match.Success).Value;
    }

    /// <summary>A job of three images, one of them confirmed and one disconfirmed, and its exports as files.</summary>
    private async Task ExportAsync(string folder, params (string Format, string File)[] exports)
    {
        var job = await api.Http.CreateJobAsync();
        await api.Http.ImportAsync(job, "a.jpg,Dog,90\nb.jpg,Dog,91\nc.jpg,Cat,92");
        await api.Http.VoteAsync(job, new[] { ("a", true), ("b", false) }.Select(vote => (object)new { imageUrl = $"s3://bulkqa/images/{vote.Item1}.jpg", label = "Dog", workerId = "ann", confirmed = vote.Item2 }));
        foreach (var (format, file) in exports)
            await File.WriteAllBytesAsync(Path.Combine(folder, file), await api.Http.GetByteArrayAsync($"/v1/jobs/{job}/export?format={format}", Cancellation), Cancellation);
    }

    /// <summary>A Python that has these modules; skips the test where there is none.</summary>
    private static async Task<string> FindPythonAsync(string modules)
    {
        foreach (var python in _pythons)
            if ((await TryAsync(python, $"import {modules}")).ExitCode == 0) return python;
        Assert.Skip($"there is no python3 with {modules}");
        return "";
    }

    private static async Task<string[]> RunAsync(string python, string script)
    {
        var (exitCode, output) = await TryAsync(python, script);
        Assert.True(exitCode == 0, output);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static async Task<(int ExitCode, string Output)> TryAsync(string python, string script)
    {
        // By a shell, which says by its exit code that a program is not there.
        await using var child = ChildProcess.Start("bash", ["-c", "exec \"$0\" -c \"$1\"", python, script]);
        await child.Process.WaitForExitAsync(Cancellation);
        return (child.Process.ExitCode, child.Output);
    }

    private static string Quoted(string text) => $"'{text}'";
}
