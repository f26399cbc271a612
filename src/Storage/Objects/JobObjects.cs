using BulkQA.Core;
using Microsoft.Extensions.Options;

namespace BulkQA.Storage;

/// <summary>Where BulkQA keeps objects of its own.</summary>
public sealed class ObjectOptions
{
    /// <summary>The bucket; a folder of that name when embedded. Default <c>bulkqa</c>.</summary>
    public string Bucket { get; set; } = "bulkqa";
}

/// <summary>The objects of a job, all below <c>s3://{bucket}/jobs/{incarnation}/</c>.</summary>
public sealed class JobObjects(IObjectStore store, IOptions<ObjectOptions> options)
{
    private const int MaxConcurrentDeletes = 16;

    /// <summary>What every object of the job begins with; ends with a slash.</summary>
    public ObjectUri Root(Incarnation incarnation) => At(incarnation, "");

    /// <summary>The worker page's template, where the job has one of its own.</summary>
    public ObjectUri Template(Incarnation incarnation) => At(incarnation, "template.liquid");

    /// <summary>The manifest that the job's labeling job reads.</summary>
    public ObjectUri Manifest(Incarnation incarnation) => At(incarnation, "manifest.json");

    /// <summary>The manifest that a further labeling job reads, about images in doubt.</summary>
    /// <param name="incarnation">The job's life.</param>
    /// <param name="name">The labeling job's.</param>
    public ObjectUri FurtherManifest(Incarnation incarnation, string name) => At(incarnation, $"further/{name}.json");

    /// <summary>One of the pictures that were made small for the job's pages.</summary>
    /// <param name="incarnation">The job's life.</param>
    /// <param name="hash">Of the picture, its version and the size.</param>
    public ObjectUri Preview(Incarnation incarnation, string hash) => At(incarnation, $"previews/{hash}");

    /// <summary>One of the job's reliability models.</summary>
    /// <param name="incarnation">The job's life.</param>
    /// <param name="name">Of the run that made it, so that no two write the same object.</param>
    public ObjectUri Model(Incarnation incarnation, string name) => At(incarnation, $"models/{name}.json");

    /// <summary>What is decided of the job's classes, for the pre-labeling function.</summary>
    public ObjectUri Decisions(Incarnation incarnation) => At(incarnation, DecidedLabels.ObjectName);

    /// <summary>The object of that name below the job's <see cref="Root"/>.</summary>
    public ObjectUri At(Incarnation incarnation, string name) => new(options.Value.Bucket, $"jobs/{incarnation}/{name}");

    /// <summary>Deletes everything of the job. Idempotent.</summary>
    public Task DeleteAllAsync(Incarnation incarnation, CancellationToken cancellation = default) => Parallel.ForEachAsync(
        store.ListAsync(Root(incarnation), cancellation),
        new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrentDeletes, CancellationToken = cancellation },
        async (uri, token) => await store.DeleteAsync(uri, token));
}
