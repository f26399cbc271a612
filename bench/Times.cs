namespace BulkQA.Bench;

/// <summary>Durations of calls, from any number of threads.</summary>
internal sealed class Times
{
    private readonly System.Collections.Concurrent.ConcurrentBag<TimeSpan> _all = [];

    public int Count => _all.Count;

    public async Task<T> MeasureAsync<T>(Func<Task<T>> call)
    {
        var began = TimeProvider.System.GetTimestamp();
        var result = await call();
        _all.Add(TimeProvider.System.GetElapsedTime(began));
        return result;
    }

    public void Measure(Action call)
    {
        var began = TimeProvider.System.GetTimestamp();
        call();
        _all.Add(TimeProvider.System.GetElapsedTime(began));
    }

    /// <summary>In milliseconds; <paramref name="part"/> from 0 to 1.</summary>
    public double Percentile(double part)
    {
        var sorted = _all.Order().ToList();
        return sorted.Count == 0 ? double.NaN : sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * part))].TotalMilliseconds;
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
