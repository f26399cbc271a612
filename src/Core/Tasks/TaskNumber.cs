using System.Globalization;

namespace BulkQA.Core;

/// <summary>A task's number in its job, from 0. Also the number in <c>custom-labeling-inputs/{n}.json</c>.</summary>
public readonly record struct TaskNumber(int Value) : IComparable<TaskNumber>
{
    public int CompareTo(TaskNumber other) => Value.CompareTo(other.Value);

    public static bool operator <(TaskNumber left, TaskNumber right) => left.Value < right.Value;

    public static bool operator >(TaskNumber left, TaskNumber right) => left.Value > right.Value;

    public static bool operator <=(TaskNumber left, TaskNumber right) => left.Value <= right.Value;

    public static bool operator >=(TaskNumber left, TaskNumber right) => left.Value >= right.Value;

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
