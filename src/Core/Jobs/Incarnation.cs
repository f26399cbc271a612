using System.Buffers;
using System.Security.Cryptography;

namespace BulkQA.Core;

/// <summary>
/// One life of a job: <c>{job key}~{12 hex digits}</c>. It is part of every row key, grain key and message, so that
/// nothing of a deleted job can reach the job created later under the same name.
/// </summary>
public readonly record struct Incarnation
{
    private static readonly SearchValues<char> _hexDigits = SearchValues.Create("0123456789abcdef");

    private Incarnation(string value) => Value = value;

    public string Value { get; }

    /// <summary>The job it is a life of; its case is lost.</summary>
    public JobName Job => JobName.Create(Value[..Value.IndexOf('~', StringComparison.Ordinal)]);

    public static Incarnation New(JobName job) =>
        new($"{job.Key}~{RandomNumberGenerator.GetHexString(12, lowercase: true)}");

    /// <exception cref="BadInputException"><paramref name="value"/> is not an incarnation.</exception>
    public static Incarnation Parse(string? value) =>
        TryParse(value, out var incarnation) ? incarnation : throw new BadInputException($"'{value}' is not a job's incarnation");

    public static bool TryParse(string? value, out Incarnation incarnation)
    {
        var tilde = value?.IndexOf('~', StringComparison.Ordinal) ?? -1;
        var valid = tilde > 0 && value!.Length == tilde + 13 && value.AsSpan(tilde + 1).IndexOfAnyExcept(_hexDigits) < 0
            && JobName.TryCreate(value[..tilde], out var job, out _) && job.Key == job.Value;
        incarnation = valid ? new Incarnation(value!) : default;
        return valid;
    }

    public override string ToString() => Value;
}
