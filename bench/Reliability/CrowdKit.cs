using System.Globalization;
using System.Text.Json;
using BulkQA.Emulators;

namespace BulkQA.Bench;

/// <summary>What Crowd-Kit's Dawid-Skene made of votes.</summary>
/// <param name="Seconds">Of its fit alone: votes are read, and all is imported before.</param>
/// <param name="Labels">By image, whether its label is taken to be right.</param>
internal sealed record CrowdKitFit(double Seconds, int Iterations, bool[] Labels);

/// <summary>Crowd-Kit over votes in a file, in a Python process of its own.</summary>
internal static class CrowdKit
{
    /// <summary>That of the distribution, which has its packages.</summary>
    private const string Python = "/usr/bin/python3";

    private const string Script = """
        import json, sys, time, types, warnings
        folder, votes, labels, iterations = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
        warnings.simplefilter("ignore")
        sys.path.insert(0, folder)
        import crowdkit
        # Only what aggregates answers: what its package imports besides needs nltk and transformers, for texts and pictures.
        package = types.ModuleType("crowdkit.aggregation")
        package.__path__ = [crowdkit.__path__[0] + "/aggregation"]
        sys.modules["crowdkit.aggregation"] = package
        from crowdkit.aggregation.classification import DawidSkene
        import pandas

        data = pandas.read_csv(votes)
        seconds = []
        for turn in range(3):
            began = time.perf_counter()
            model = DawidSkene().fit(data)
            seconds.append(time.perf_counter() - began)
        model.labels_.to_csv(labels + "-defaults", header=False)
        print(json.dumps([sorted(seconds)[1], len(model.loss_history_)]), flush=True)
        # Its own criterion would stop it earlier.
        model = DawidSkene(n_iter=iterations, tol=float("-inf"))
        began = time.perf_counter()
        model.fit(data)
        seconds = time.perf_counter() - began
        model.labels_.to_csv(labels + "-converged", header=False)
        print(json.dumps([seconds, len(model.loss_history_)]), flush=True)
        """;

    /// <summary>With its defaults (median of three), and with so many iterations.</summary>
    /// <param name="source">A folder with Crowd-Kit's package.</param>
    public static async Task<(CrowdKitFit Defaults, CrowdKitFit Converged)> RunAsync(string source, PlantedVotes votes, int iterations)
    {
        var folder = Directory.CreateTempSubdirectory("bulkqa-bench-crowdkit-");
        try
        {
            var (script, data, labels) = (Path.Combine(folder.FullName, "fit.py"), Path.Combine(folder.FullName, "votes.csv"), Path.Combine(folder.FullName, "labels"));
            await File.WriteAllTextAsync(script, Script);
            await WriteAsync(data, votes);
            List<double[]> fits = [];
            await using var child = ChildProcess.Start(Python, [script, source, data, labels, iterations.ToString(CultureInfo.InvariantCulture)], onLine: line =>
            {
                if (line.StartsWith('[')) fits.Add(JsonSerializer.Deserialize<double[]>(line)!);
            });
            await child.Process.WaitForExitAsync();
            if (child.Process.ExitCode != 0 || fits.Count != 2) throw new InvalidOperationException($"Crowd-Kit failed:\n{child.Output}");
            return (new CrowdKitFit(fits[0][0], (int)fits[0][1], await ReadAsync($"{labels}-defaults", votes)),
                new CrowdKitFit(fits[1][0], (int)fits[1][1], await ReadAsync($"{labels}-converged", votes)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Everything as a number, which it is fastest with.</summary>
    private static async Task WriteAsync(string file, PlantedVotes votes)
    {
        await using var writer = new StreamWriter(file);
        await writer.WriteLineAsync("task,worker,label");
        for (var image = 0; image < votes.Images; image++)
            foreach (var worker in votes.WorkersOf(image / Votes.TaskSize))
                await writer.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{image},{worker},{(votes.Confirms(image, worker) ? 1 : 0)}"));
    }

    private static async Task<bool[]> ReadAsync(string file, PlantedVotes votes)
    {
        var (labels, read) = (new bool[votes.Images], 0);
        await foreach (var line in File.ReadLinesAsync(file))
        {
            var comma = line.IndexOf(',', StringComparison.Ordinal);
            labels[int.Parse(line.AsSpan(0, comma), CultureInfo.InvariantCulture)] = line.AsSpan(comma + 1) is "1";
            read++;
        }
        return read == votes.Images ? labels : throw new InvalidOperationException($"Crowd-Kit labelled {read} images of {votes.Images}");
    }
}
