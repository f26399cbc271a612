using System.Collections.Immutable;

namespace BulkQA.Core.Tests;

/// <summary>The published table of five classes of shellfish: per bucket total and incorrect, and how many of those are split.</summary>
public static class Golden
{
    public static readonly (string Label, int Confirmed, int Disconfirmed, int Split, (int Total, int Incorrect)[] Buckets)[] Classes =
    [
        ("Crab", 45, 0, 0, [(4, 0), (7, 0), (11, 0), (23, 0)]),
        ("Crawdad", 16, 32, 20, [(1, 0), (10, 8), (10, 8), (47, 36)]),
        ("Lobster", 40, 11, 2, [(4, 4), (10, 4), (11, 3), (28, 2)]),
        ("Scorpion", 72, 3, 2, [(8, 3), (6, 2), (27, 0), (36, 0)]),
        ("Shrimp", 0, 1, 1, [(0, 0), (1, 1), (0, 0), (1, 1)]),
    ];

    /// <summary>Every image of the table with its confidence and verdict, those of a class's incorrect ones that are left after the disconfirmed being split.</summary>
    public static IEnumerable<(Label Label, ImageUrl Url, Percent Confidence, Verdict Verdict)> Images()
    {
        foreach (var row in Classes)
        {
            var (number, disconfirmed) = (0, row.Disconfirmed);
            for (var bucket = 0; bucket < row.Buckets.Length; bucket++)
            {
                for (var i = 0; i < row.Buckets[bucket].Total; i++, number++)
                {
                    var verdict = i >= row.Buckets[bucket].Incorrect ? Verdict.Confirmed
                        : disconfirmed-- > 0 ? Verdict.Disconfirmed : Verdict.Split;
                    yield return (
                        Label.Create(row.Label), ImageUrl.Create($"s3://bulkqa/images/{row.Label}/{number}.jpg"),
                        Percent.Create(80 + (5 * bucket) + (i * 0.1)), verdict);
                }
            }
        }
    }

    /// <summary>The votes of three workers that end in a verdict.</summary>
    public static ImmutableArray<ImageAnswer> VotesFor(Verdict verdict) => verdict switch
    {
        Verdict.Confirmed => [Vote("a", true), Vote("b", true), Vote("c", true)],
        Verdict.Disconfirmed => [Vote("a", false), Vote("b", false), Vote("c", false)],
        Verdict.Split => [Vote("a", true), Vote("b", false), Vote("c", true)],
        _ => [],
    };

    private static ImageAnswer Vote(string worker, bool confirmed) =>
        new(WorkerId.Create(worker), confirmed ? AnswerKind.Confirm : AnswerKind.Disconfirm, new SubmissionTime(1));
}
