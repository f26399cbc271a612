namespace BulkQA.Api;

/// <summary>The sample job. Bound from <c>BulkQA:Sample</c>.</summary>
public sealed class SampleOptions
{
    /// <summary>Whether to create the sample jobs where they aren't there yet: one to answer, and one that is answered. Default false; <c>--sample</c>.</summary>
    public bool Load { get; set; }

    /// <summary>Simulated workers that answer the sample job, from 0 to 100. Default 0; <c>--simulate-workers N</c>.</summary>
    public int SimulatedWorkers { get; set; }

    /// <summary>How many of their answers are right, from 0.5 (guessing) to 1. Default 0.97.</summary>
    public double SimulatedAccuracy { get; set; } = 0.97;

    /// <summary>How long a simulated worker takes for a batch. From zero; default 2 seconds.</summary>
    public TimeSpan SimulatedPace { get; set; } = TimeSpan.FromSeconds(2);
}
