using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;

namespace BulkQA.Api.Tests;

public sealed class MillionLinesTests
{
    private const int Lines = 1_000_000;
    private const int Classes = 100;
    private const long MaxResidentBytes = 1_500L * 1024 * 1024;

    [Fact]
    public async Task Import_MillionLines_StaysWithinItsMemoryAndTheTableAddsUp()
    {
        using var folder = new TemporaryFolder();
        await using var api = await ApiProcess.StartAsync(folder.Path);
        var job = await api.Http.CreateJobAsync();
        var began = Stopwatch.GetTimestamp();
        using var corpus = new GeneratedCorpus();
        var summary = await (await api.Http.PostAsync($"/v1/jobs/{job}/items", corpus, TestContext.Current.CancellationToken)).JsonAsync();
        var took = Stopwatch.GetElapsedTime(began);
        Assert.Equal((Lines, 0), (summary.Int("accepted"), summary.Int("rejectedCount")));
        var peak = PeakResidentBytes(api.Id);
        var table = await api.Http.GetJsonAsync($"/v1/jobs/{job}/classes");
        var latencies = new List<double>();
        for (var i = 0; i < 50; i++)
        {
            var asked = Stopwatch.GetTimestamp();
            await api.Http.GetJsonAsync($"/v1/jobs/{job}/classes");
            latencies.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
        }
        latencies.Sort();
        TestContext.Current.SendDiagnosticMessage(
            "{0:N0} lines in {1:0.0} s ({2:N0} lines/s), peak resident {3:N0} MiB; class table of {4} classes p50 {5:0.0} ms, p90 {6:0.0} ms",
            Lines, took.TotalSeconds, Lines / took.TotalSeconds, peak >> 20, Classes, latencies[25], latencies[45]);
        Assert.True(peak < MaxResidentBytes, $"peak resident {peak:N0} bytes");
        Assert.Equal(Lines, table.GetProperty("totals").Int("total"));
        Assert.All(table.Items("classes"), row => Assert.Equal(Lines / Classes, row.Int("total")));
        Assert.Equal(Lines / 25, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("tasks"));
    }

    private static long PeakResidentBytes(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(text => text.StartsWith("VmHWM:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    /// <summary>Written as it is sent.</summary>
    private sealed class GeneratedCorpus : HttpContent
    {
        public GeneratedCorpus() => Headers.ContentType = new("text/csv");

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var random = new Random(1);
            var lines = new StringBuilder("image_local_path,label,confidence\n");
            for (var number = 0; number < Lines; number++)
            {
                lines.Append(CultureInfo.InvariantCulture, $"folder/{number:D7}.jpg,Class{number % Classes:D3},{80 + (20 * random.NextDouble()):0.########}\n");
                if (number % 1_000 != 999) continue;
                await stream.WriteAsync(Encoding.UTF8.GetBytes(lines.ToString()));
                lines.Clear();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
