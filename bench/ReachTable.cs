using System.Net.Http.Json;
using System.Text.Json;

namespace BulkQA.Bench;

/// <summary>
/// What an ML team waits for, with a million images in a class: import, a change of policy, the table after kill -9; and what a
/// worker waits for: the next task, in a class of 40,000 tasks and in a job of 1,000 classes, 50 workers asking.
/// </summary>
internal static class ReachTable
{
    private const string Job = "reach";
    private const int Workers = 50;
    private const int LeasesPerWorker = 100;

    public static async Task<int> RunAsync(int images)
    {
        Console.WriteLine("| what | |");
        Console.WriteLine("| --- | --- |");
        var folder = Directory.CreateTempSubdirectory("bulkqa-bench-").FullName;
        try
        {
            await using (var api = await ApiServer.StartAsync(folder))
            {
                await api.CreateJobAsync(Job);
                var import = await SecondsAsync(() => api.ImportAsync(Job, images, classes: 1));
                Print($"import of {images:N0} lines, one class", $"{images / import:F0} lines/s");
                await LeasesAsync(api, Job, $"next task, {images / Votes.TaskSize:N0} tasks in one class");
                await api.CreateJobAsync("classes");
                await api.ImportAsync("classes", images: 100_000, classes: 1_000);
                await LeasesAsync(api, "classes", "next task, 1,000 classes of four tasks");
                // Three workers on every image, as three requests each: what a rebuild then has to read.
                var tasks = await TasksAsync(api);
                for (var worker = 0; worker < 3; worker++) await AnswerAllAsync(api, tasks, $"worker-{worker}");
                Print("resident memory with three workers' answers", $"{Usage.ResidentBytes(api.ProcessId) >> 20} MB");
                foreach (var policy in (string[])["majority", "unanimous"])
                    Print($"change of policy to {policy} until the table is right", $"{await SecondsAsync(() => ChangeAsync(api, policy)):F2} s");
                foreach (var state in (string[])["setAside", "counted"])
                    Print($"a worker of a third of the votes is {state} until the table is right", $"{await SecondsAsync(() => SetAsync(api, "worker-1", state)):F2} s");
                await api.KillAsync();
            }
            await using (var api = await ApiServer.StartAsync(folder))
            {
                var job = default(JsonElement);
                Print("table after kill -9, all partitions folded anew", $"{await SecondsAsync(async () => job = JsonDocument.Parse(await api.GetAsync($"/v1/jobs/{Job}")).RootElement):F2} s");
                if (job.GetProperty("votes").GetInt64() != 3L * images) throw new InvalidOperationException($"{job.GetProperty("votes")} votes of {3L * images} count");
                using var response = await api.Http.PostAsync($"/v1/jobs/{Job}/audit", null);
                var audit = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
                Print("differences in the audit", audit.GetProperty("differences").ToString());
                await api.EndAsync();
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        return 0;
    }

    private static void Print(string what, string figure) => Console.WriteLine($"| {what} | {figure} |");

    /// <summary>Each task's number and images; numbers have gaps.</summary>
    private static async Task<List<(int Number, int Images)>> TasksAsync(ApiServer api)
    {
        var tasks = new List<(int, int)>();
        for (var cursor = ""; cursor is not null;)
        {
            var page = JsonDocument.Parse(await api.GetAsync($"/v1/jobs/{Job}/tasks?limit=500{cursor}")).RootElement;
            tasks.AddRange(page.GetProperty("items").EnumerateArray().Select(task => (task.GetProperty("task").GetInt32(), task.GetProperty("images").GetInt32())));
            cursor = page.GetProperty("nextCursor").GetString() is { } next ? $"&cursor={Uri.EscapeDataString(next)}" : null;
        }
        return tasks;
    }

    private static async Task AnswerAllAsync(ApiServer api, IReadOnlyList<(int Number, int Images)> tasks, string worker) =>
        await Parallel.ForEachAsync(tasks, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (task, cancellation) =>
        {
            var answers = Enumerable.Range(0, task.Images).ToDictionary(index => $"Class 0-{index}", index => new Dictionary<string, bool> { ["Confirmed"] = index % 7 > 0 });
            using var answered = await api.Http.PostAsJsonAsync($"/v1/jobs/{Job}/tasks/{task.Number}/annotations", new { workerId = worker, answers }, cancellation);
            answered.EnsureSuccessStatusCode();
        });

    private static async Task SetAsync(ApiServer api, string worker, string state)
    {
        (await api.Http.PatchAsJsonAsync($"/v1/jobs/{Job}/workers/{worker}", new { state, reason = "benchmark" })).EnsureSuccessStatusCode();
        await api.GetAsync($"/v1/jobs/{Job}/classes");
    }

    private static async Task ChangeAsync(ApiServer api, string policy)
    {
        (await api.Http.PatchAsJsonAsync($"/v1/jobs/{Job}", new { policy })).EnsureSuccessStatusCode();
        await api.GetAsync($"/v1/jobs/{Job}/classes");
    }

    /// <summary>
    /// Workers who take a task, look at it for a while and answer it, again and again, all at once; then as fast as answers come,
    /// which is what the machine can do at most. The first takes are not counted: they load, and compile.
    /// </summary>
    private static async Task LeasesAsync(ApiServer api, string job, string what)
    {
        await LeasesAsync(api, job, new Times(), TimeSpan.FromMilliseconds(20), 20);
        var times = new Times();
        await LeasesAsync(api, job, times, TimeSpan.FromMilliseconds(250), LeasesPerWorker);
        Print($"{what}, {Workers} workers at once who look for 250 ms, p50 and p99 over HTTP", $"{times.Percentile(0.5):F1}, {times.Percentile(0.99):F1} ms");
        var began = TimeProvider.System.GetTimestamp();
        await LeasesAsync(api, job, times = new Times(), default, LeasesPerWorker);
        Print($"{what}, {Workers} workers who don't look, taken and answered", $"{times.Count / TimeProvider.System.GetElapsedTime(began).TotalSeconds:F0}/s");
    }

    private static Task LeasesAsync(ApiServer api, string job, Times times, TimeSpan looks, int leases) =>
        Task.WhenAll(Enumerable.Range(0, Workers).Select(async number =>
        {
            await Task.Delay(looks * number / Workers, TimeProvider.System);
            var worker = $"asking-{number}";
            for (var lease = 0; lease < leases; lease++)
            {
                var task = JsonDocument.Parse(await times.MeasureAsync(() => api.GetAsync($"/v1/jobs/{job}/tasks/next?worker={worker}"))).RootElement;
                if (looks > default(TimeSpan)) await Task.Delay(looks, TimeProvider.System);
                var answers = task.GetProperty("images").EnumerateArray().ToDictionary(image => image.GetProperty("box").GetString()!, _ => new Dictionary<string, bool> { ["NotSeen"] = true });
                using var answered = await api.Http.PostAsJsonAsync($"/v1/jobs/{job}/tasks/{task.GetProperty("task")}/annotations", new { workerId = worker, answers });
                answered.EnsureSuccessStatusCode();
            }
        }));

    private static async Task<double> SecondsAsync(Func<Task> work)
    {
        var began = TimeProvider.System.GetTimestamp();
        await work();
        return TimeProvider.System.GetElapsedTime(began).TotalSeconds;
    }
}
