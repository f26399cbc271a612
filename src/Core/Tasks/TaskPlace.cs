namespace BulkQA.Core;

/// <summary>
/// The task of an image, and the shard the task is at home in: that of its first image. Only the partition that owns the
/// home counts the task and hands it out, so a task whose images lie in two partitions (the class grew) counts once.
/// </summary>
public readonly record struct TaskPlace(TaskNumber Number, Shard Home);
