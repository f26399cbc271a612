using BulkQA.Core;
using BulkQA.Storage;

namespace BulkQA.Grains;

/// <summary>A job's manifest, and the labeling inputs that it names.</summary>
public sealed class ManifestExport(TaskListing listing, IObjectStore store, JobObjects objects)
{
    /// <summary>Ground Truth's limit for one labeling job.</summary>
    public const int MaxObjects = 100_000;

    private const int PageSize = 500;

    /// <summary>Inputs that are compared or written at the same time.</summary>
    private const int MaxAtOnce = 16;

    /// <summary>
    /// Writes the manifest, and before each line the inputs it names, where they are not there or other than the job has them
    /// now: a line never points to nothing, nor to inputs with a policy of before.
    /// </summary>
    /// <param name="job">Whose.</param>
    /// <param name="body">Takes the lines.</param>
    /// <param name="cancellation">Ends it between two tasks.</param>
    /// <param name="report">Told now and then how many task numbers are done, of how many.</param>
    public Task WriteAsync(JobInfo job, Stream body, CancellationToken cancellation, Func<int, int, Task>? report = null) =>
        WriteLinesAsync(job, end: null, body, (uri, task) => WriteInputsAsync(uri, InputsOf(new LabeledTask(task.Label, task.Content), job), cancellation), cancellation, report);

    /// <summary>The same of these tasks alone, such as follow-ups.</summary>
    public async Task WriteAsync(JobInfo job, IReadOnlyList<TaskNumber> tasks, Stream body, Func<int, int, Task> report, CancellationToken cancellation)
    {
        foreach (var (done, some) in tasks.Chunk(PageSize).Index())
        {
            await Parallel.ForEachAsync(some, new ParallelOptions { MaxDegreeOfParallelism = MaxAtOnce, CancellationToken = cancellation }, async (task, _) =>
            {
                var content = await listing.FindAsync(job, task) ?? throw new StorageException($"task {task} is not there; try again");
                await WriteInputsAsync(InputsUri(job, task), InputsOf(content, job), cancellation);
            });
            foreach (var task in some) await body.WriteAsync(Manifest.Line(InputsUri(job, task)), cancellation);
            await report(Math.Min((done + 1) * PageSize, tasks.Count), tasks.Count);
        }
    }

    /// <summary>
    /// Writes the manifest of the tasks below <paramref name="end"/>, as <see cref="FindEndAsync"/> gave it, and nothing else.
    /// The inputs may name a policy of before.
    /// </summary>
    public Task ListAsync(JobInfo job, int end, Stream body, CancellationToken cancellation) =>
        WriteLinesAsync(job, end, body, (_, _) => Task.CompletedTask, cancellation);

    /// <summary>
    /// One more than the number of the last task; null where its inputs are not there. As inputs are written in the order of
    /// numbers, but for a page, those of nearly all tasks before it are there with them: not of an import that was under way
    /// meanwhile, nor of a page that broke off.
    /// </summary>
    public async Task<int?> FindEndAsync(JobInfo job, CancellationToken cancellation)
    {
        for (var end = await listing.CountNumbersAsync(job); end > 0; end -= PageSize)
        {
            var first = Math.Max(0, end - PageSize);
            if (await listing.ReadAsync(job, first, end - first) is not [.., var last]) continue;
            await using var inputs = await store.OpenReadAsync(Place(InputsUri(job, last)), cancellation);
            return inputs is null ? null : last.Status.Task.Value + 1;
        }
        return 0;
    }

    /// <summary>The follow-ups in the order of the lines of a further labeling job's manifest; null where there is none of that name.</summary>
    /// <exception cref="BadInputException">The manifest has a line that names none of the job's tasks.</exception>
    public async Task<IReadOnlyList<TaskNumber>?> ReadTasksAsync(JobInfo job, string further, CancellationToken cancellation)
    {
        await using var manifest = await store.OpenReadAsync(objects.FurtherManifest(job.Incarnation, further), cancellation);
        return manifest is null ? null : await ReadTasksAsync(job, manifest, cancellation);
    }

    /// <summary>
    /// The tasks in the order of the manifest's lines: of the one that was written for the job's labeling job, or, where there is none, as it would be
    /// exported now. Null where there is none and the job is sampled: its lines change with the sample.
    /// </summary>
    /// <exception cref="BadInputException">The manifest has a line that names none of the job's tasks.</exception>
    public async Task<IReadOnlyList<TaskNumber>?> ReadTasksAsync(JobInfo job, CancellationToken cancellation)
    {
        await using var manifest = await store.OpenReadAsync(objects.Manifest(job.Incarnation), cancellation);
        if (manifest is not null) return await ReadTasksAsync(job, manifest, cancellation);
        if (job.Settings.Sample is not null) return null;
        var tasks = new List<TaskNumber>();
        var end = await listing.CountNumbersAsync(job);
        for (var first = 0; first < end; first += PageSize)
            tasks.AddRange((await listing.ReadAsync(job, first, Math.Min(PageSize, end - first))).Select(task => task.Status.Task));
        return tasks;
    }

    private static async Task<List<TaskNumber>> ReadTasksAsync(JobInfo job, Stream manifest, CancellationToken cancellation)
    {
        var tasks = new List<TaskNumber>();
        using var lines = new StreamReader(manifest);
        while (await lines.ReadLineAsync(cancellation) is { } line)
        {
            if (!ObjectUri.TryParse(Manifest.SourceRefOf(line), out var inputs) || Manifest.TaskOf(inputs) is not { } place || place.Incarnation != job.Incarnation)
                throw new BadInputException($"line {tasks.Count} of the job's manifest names none of its tasks");
            tasks.Add(place.Task);
        }
        return tasks;
    }

    private async Task WriteLinesAsync(JobInfo job, int? end, Stream body, Func<string, ListedTask, Task> before, CancellationToken cancellation, Func<int, int, Task>? report = null)
    {
        end ??= await listing.CountNumbersAsync(job);
        for (var first = 0; first < end; first += PageSize)
        {
            // Inputs of those outside of the sample, too: whoever lists the manifest after it has grown finds them there.
            var tasks = await listing.ReadAsync(job, first, Math.Min(PageSize, end.Value - first));
            await Parallel.ForEachAsync(tasks, new ParallelOptions { MaxDegreeOfParallelism = MaxAtOnce, CancellationToken = cancellation },
                async (task, _) => await before(InputsUri(job, task), task));
            foreach (var task in tasks.Where(task => !task.Status.IsHeldBack)) await body.WriteAsync(Manifest.Line(InputsUri(job, task)), cancellation);
            if (report is not null) await report(Math.Min(first + PageSize, end.Value), end.Value);
        }
    }

    private async Task WriteInputsAsync(string uri, byte[] inputs, CancellationToken cancellation)
    {
        var place = Place(uri);
        if (!await HoldsAsync(place, inputs, cancellation)) await store.WriteAsync(place, inputs, cancellation);
    }

    private async Task<bool> HoldsAsync(ObjectUri place, byte[] content, CancellationToken cancellation)
    {
        await using var existing = await store.OpenReadAsync(place, cancellation);
        if (existing is null) return false;
        // One byte more than expected tells whether it goes on.
        var found = new byte[content.Length + 1];
        var bytes = await existing.ReadAtLeastAsync(found, found.Length, throwOnEndOfStream: false, cancellation);
        return found.AsSpan(0, bytes).SequenceEqual(content);
    }

    private static byte[] InputsOf(LabeledTask task, JobInfo job)
    {
        var policy = new TaskPolicy(job.Settings.Policy.WithoutModel(), job.RulesRevision);
        var boxes = job.Settings.BoxesOf(task.Label, task.Content.Number);
        return LabelingInput.WriteArray([.. task.Content.Images.Select(image => LabelingInput.Of(image.Url, task.Label, image.Confidence, policy, boxes))]);
    }

    private string InputsUri(JobInfo job, ListedTask task) => InputsUri(job, task.Status.Task);

    private string InputsUri(JobInfo job, TaskNumber task) => Manifest.InputsUri(objects.Root(job.Incarnation).ToString(), task);

    private static ObjectUri Place(string uri)
    {
        _ = ObjectUri.TryParse(uri, out var place);
        return place;
    }
}
