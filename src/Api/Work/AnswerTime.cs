using BulkQA.Core;

namespace BulkQA.Api;

/// <summary>
/// When an answer was given. Clients with a clock that is right say when; pages say how long after their task was served,
/// because a worker's clock may be hours off, and would lose corrections or lock the worker out.
/// </summary>
internal static class AnswerTime
{
    private static readonly TimeSpan _longest = TimeSpan.FromDays(7);

    /// <summary>The time, or null with every field that is wrong.</summary>
    public static SubmissionTime? Read(AnnotationRequest request, DateTimeOffset now, out IReadOnlyList<(string Field, string Problem)> problems)
    {
        var found = new List<(string, string)>();
        problems = found;
        switch (request)
        {
            case { ServedAt: null, AnsweredAfterSeconds: null }:
                var submitted = SubmissionTime.From(request.SubmittedAt ?? now);
                if (submitted.AheadProblem(now) is { } ahead) found.Add(("submittedAt", ahead));
                return found.Count > 0 ? null : submitted;
            case { SubmittedAt: not null }:
                found.Add(("submittedAt", "give this, or servedAt and answeredAfterSeconds, not both"));
                break;
            case { ServedAt: null }:
                found.Add(("servedAt", "missing; it goes with answeredAfterSeconds"));
                break;
            case { AnsweredAfterSeconds: null }:
                found.Add(("answeredAfterSeconds", "missing; it goes with servedAt"));
                break;
        }
        if (request.ServedAt is { } given && SubmissionTime.From(given).AheadProblem(now) is { } far) found.Add(("servedAt", far));
        if (request.AnsweredAfterSeconds is { } seconds && !(seconds >= 0 && seconds <= _longest.TotalSeconds))
            found.Add(("answeredAfterSeconds", $"not from 0 to {_longest.TotalSeconds}"));
        return found.Count > 0 ? null : SubmissionTime.After(request.ServedAt!.Value, TimeSpan.FromSeconds(request.AnsweredAfterSeconds!.Value), now);
    }
}
