using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>The content of one task, keyed by <c>{incarnation}/{number}</c>. Written once, before the rows that name it.</summary>
[Alias("BulkQA.ITaskGrain")]
public interface ITaskGrain : IGrainWithStringKey
{
    static string Key(Incarnation incarnation, TaskNumber task) => $"{incarnation}/{task}";

    /// <summary>Durable on return. A number that was given out again after a failed import takes the new content.</summary>
    [Alias("Write"), SafeToRepeat]
    Task WriteAsync(TaskContent content);

    /// <summary>Null where there is no such task.</summary>
    [Alias("Get"), SafeToRepeat]
    Task<TaskContent?> GetAsync();

    [Alias("Delete"), SafeToRepeat]
    Task DeleteAsync();
}

/// <summary>The images of a task, in the order of their boxes.</summary>
[GenerateSerializer, Immutable, Alias("BulkQA.TaskContent")]
public sealed record TaskContent([property: Id(0)] Label Label, [property: Id(1)] ImmutableArray<ImportLine> Images);
