using BulkQA.Core;

namespace BulkQA.Bench;

/// <summary>The votes of a run as messages, the same for everybody: tasks of 25 images of one class, three workers each.</summary>
internal static class Votes
{
    public const int TaskSize = 25;
    public const int Workers = 3;

    public static ImageUrl Url(int number) => ImageUrl.Create($"s3://bulkqa-bench/images/2026/11/{number:d8}.jpg");

    public static Percent Confidence(int number) => Percent.Create(70 + (number * 7 % 300 / 10.0));

    /// <summary>One message a task of a job, by its number: as the Lambda sends them of inputs that BulkQA made.</summary>
    public static IReadOnlyList<byte[]> ByTask(Incarnation incarnation, int images, int firstWorker, int workers) =>
        [.. Enumerable.Range(0, images).Chunk(TaskSize).Select((numbers, task) => ByTask(incarnation, task, numbers, firstWorker, workers))];

    public static byte[] ByTask(Incarnation incarnation, int task, int[] numbers, int firstWorker, int workers) =>
        AnswersMessage.Of(incarnation, new TaskNumber(task), _at, [.. Enumerable.Range(firstWorker, workers).Select(worker => new MessageWorker(
            Worker(worker), TaskAnswers.Of(numbers.Select(number => Answer(number, worker)))))]).Write();

    /// <summary>One message a task, image by image: what whoever keeps a row an image has to be sent.</summary>
    public static IReadOnlyList<byte[]> ByImage(JobName job, string label, int images, int firstWorker, int workers) =>
        [.. Enumerable.Range(0, images).Chunk(TaskSize).Select(numbers => AnswersMessage.Of(job, null, _at, [.. numbers.Select(number =>
            new MessageImage(Url(number), Label.Create(label), [.. Enumerable.Range(firstWorker, workers).Select(worker =>
                KeyValuePair.Create(Worker(worker), Answer(number, worker)))]))]).Write())];

    private static readonly SubmissionTime _at = new(639_000_000_000_000_000);

    private static WorkerId Worker(int number) => WorkerId.Create($"private.us-east-1.{number:x16}");

    private static AnswerKind Answer(int number, int worker) => (number + worker) % 7 != 0 ? AnswerKind.Confirm : AnswerKind.Disconfirm;
}
