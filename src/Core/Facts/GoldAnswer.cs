namespace BulkQA.Core;

/// <summary>What is known of a gold image: one that measures workers, and counts for no verdict, bucket or threshold.</summary>
/// <param name="IsRight">Whether its label is right.</param>
/// <param name="Of">
/// Where it is mixed into a task: which of the class's gold images it is. Null for the gold image itself, in the class's
/// <see cref="PartitionAddress.GoldNumber">partition of gold</see>.
/// </param>
public readonly record struct GoldAnswer(bool IsRight, GoldPlace? Of = null)
{
    /// <summary>A vote that is as the truth is.</summary>
    public bool IsHit(AnswerKind vote) => vote == (IsRight ? AnswerKind.Confirm : AnswerKind.Disconfirm);
}

/// <summary>A gold image of a class: its task and index in the class's partition of gold.</summary>
public readonly record struct GoldPlace(TaskNumber Task, int Index);
