using System.Globalization;
using BulkQA.Grains;

namespace BulkQA.Bench;

/// <summary>The reliability of a hundred jobs' workers, estimated all at once while votes come in.</summary>
internal static class ManyEstimates
{
    public const int Jobs = 100;

    private const int MessagesPerSecond = 100;
    private const int TablesPerSecond = 200;

    private static readonly TimeSpan _idle = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(Embedded embedded, int images)
    {
        var (planted, more) = (new PlantedVotes(images, 500, 3), new PlantedVotes(images, 500, 3, firstWorker: 500));
        var jobs = new List<EstimatedJob>();
        for (var number = 0; number < Jobs; number++) jobs.Add(await EstimatedJob.CreateAsync(embedded, string.Create(CultureInfo.InvariantCulture, $"many-{number}"), planted));

        // More votes, job after job and task after task.
        var messages = -1;
        Task<bool> SubmitAsync()
        {
            var message = Interlocked.Increment(ref messages);
            return embedded.TakeAsync(more.Message(jobs[message % Jobs].Info.Incarnation, message / Jobs % more.Tasks));
        }

        // The class table of one job after the other.
        var tables = -1;
        Task<bool> AskAsync() => jobs[Interlocked.Increment(ref tables) % Jobs].AskAsync();

        var (idle, meanwhile, idleTables, tablesMeanwhile) = (new Times(), new Times(), new Times(), new Times());
        await using (Pace.Start(MessagesPerSecond, () => idle.MeasureAsync(SubmitAsync)))
        await using (Pace.Start(TablesPerSecond, () => idleTables.MeasureAsync(AskAsync)))
            await Task.Delay(_idle, TimeProvider.System);

        var began = TimeProvider.System.GetTimestamp();
        TimeSpan took;
        (ModelInfo Model, TimeSpan)[] models;
        await using (Pace.Start(MessagesPerSecond, () => meanwhile.MeasureAsync(SubmitAsync)))
        await using (Pace.Start(TablesPerSecond, () => tablesMeanwhile.MeasureAsync(AskAsync)))
        {
            models = await Task.WhenAll(jobs.Select(job => job.EstimateAsync()));
            took = TimeProvider.System.GetElapsedTime(began);
        }

        for (var number = 0; number < Jobs; number++)
        {
            var submitted = Enumerable.Range(0, messages + 1).Where(message => message % Jobs == number).Select(message => message / Jobs % more.Tasks).Distinct().Count();
            await embedded.Corpus.AuditAsync(jobs[number].Info, planted.Count + (submitted * 3L * Votes.TaskSize));
        }
        Console.WriteLine("| jobs | images each | votes of all | all estimated s | slowest of them s | messages/s of 75 votes meanwhile | taken when idle p50, p99 ms | meanwhile p50, p99 ms | class table when idle p50, p99 ms | meanwhile p50, p99 ms |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        Console.WriteLine(
            $"| {Jobs} | {images:N0} | {models.Sum(model => model.Model.Result!.Votes):N0} | {took.TotalSeconds:F1} | {models.Max(model => model.Model.Result!.Took.TotalSeconds):F1} "
            + $"| {meanwhile.Count / took.TotalSeconds:F0} | {idle.Percentile(0.5):F1}, {idle.Percentile(0.99):F1} | {meanwhile.Percentile(0.5):F1}, {meanwhile.Percentile(0.99):F1} | {idleTables.Percentile(0.5):F1}, {idleTables.Percentile(0.99):F1} | {tablesMeanwhile.Percentile(0.5):F1}, {tablesMeanwhile.Percentile(0.99):F1} |");
    }
}
