using BulkQA.Core;

namespace BulkQA.Bench;

/// <summary>The votes of a run as messages, the same for everybody: tasks of 25 images of one class, three workers each.</summary>
internal static class Votes
{
    public const int TaskSize = 25;
    public const int Workers = 3;

    public static ImageUrl Url(int number) => ImageUrl.Create($"s3://bulkqa-bench/images/2026/11/{number:d8}.jpg");

    public static Percent Confidence(int number) => Percent.Create(70 + (number * 7 % 300 / 10.0));

    /// <summary>One message a task.</summary>
    public static IReadOnlyList<byte[]> Messages(JobName job, Incarnation? incarnation, string label, int images, int round = 0) =>
        [.. Enumerable.Range(0, images).Chunk(TaskSize).Select(numbers => Message(job, incarnation, Label.Create(label), numbers, round))];

    public static byte[] Message(JobName job, Incarnation? incarnation, Label label, IEnumerable<int> numbers, int round) =>
        new TaskVotesMessage(job, incarnation, null, new SubmissionTime(639_000_000_000_000_000 + round), [.. numbers.Select(number =>
            new MessageImage(Url(number), label, Confidence(number), [.. Enumerable.Range(0, Workers).Select(worker =>
                KeyValuePair.Create(WorkerId.Create($"private.us-east-1.{round * Workers + worker:x16}"), (number + worker + round) % 7 != 0))]))]).Write();
}
