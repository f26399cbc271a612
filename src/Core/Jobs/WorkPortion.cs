using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace BulkQA.Core;

/// <summary>How much somebody does of a job in one sitting. Written <c>20/15</c>.</summary>
/// <param name="Tasks">Tasks of a sitting, from 1 to <see cref="MaxTasks"/>.</param>
/// <param name="PauseMinutes">How long the pause after it is at least, from 1 to <see cref="MaxPauseMinutes"/>; whoever makes such a pause before begins a new sitting with it.</param>
public sealed record WorkPortion(int Tasks, int PauseMinutes)
{
    public const int MaxTasks = 10_000;
    public const int MaxPauseMinutes = 24 * 60;

    public TimeSpan Pause => TimeSpan.FromMinutes(PauseMinutes);

    /// <summary>What is wrong with it, each with its field; empty where all is well.</summary>
    public IEnumerable<(string Field, string Problem)> Problems()
    {
        if (Tasks is < 1 or > MaxTasks) yield return ("assignment.portion.tasks", $"{Tasks} is not from 1 to {MaxTasks}");
        if (PauseMinutes is < 1 or > MaxPauseMinutes) yield return ("assignment.portion.pauseMinutes", $"{PauseMinutes} is not from 1 to {MaxPauseMinutes}");
    }

    /// <param name="text">As <see cref="ToString"/> writes it.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out WorkPortion? portion)
    {
        portion = text?.Split('/') is [var tasks, var minutes] && int.TryParse(tasks, CultureInfo.InvariantCulture, out var number) && int.TryParse(minutes, CultureInfo.InvariantCulture, out var pause)
            ? new WorkPortion(number, pause) : null;
        return portion is not null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Tasks}/{PauseMinutes}");
}
