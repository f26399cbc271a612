using System.IO.Hashing;
using System.Runtime.InteropServices;
using BulkQA.Core;

namespace BulkQA.Bench;

/// <summary>
/// Votes of workers whose reliability is known, on labels of which is known whether they are right: the same in every run. Every
/// task has workers of its own, drawn from all.
/// </summary>
/// <param name="images">Of one class.</param>
/// <param name="workers">How many there are; a tenth of them confirm nearly everything.</param>
/// <param name="votesPerImage">In the mean: tasks have as many workers, or one more.</param>
/// <param name="firstWorker">The first one's number.</param>
internal sealed class PlantedVotes(int images, int workers, double votesPerImage, int firstWorker = 0)
{
    private const long Seed = 20261129;
    private const double Right = 0.8;

    private static readonly SubmissionTime _at = new(639_000_000_000_000_000);

    private readonly WorkerCoins[] _coins = [.. Enumerable.Range(firstWorker, workers).Select(CoinsOf)];

    /// <summary>What a number is drawn for.</summary>
    private enum Purpose
    {
        Truth,
        WorkersOfTask,
        ConfirmsRight,
        CatchesWrong,
        Answer,
    }

    public int Images => images;

    public int Workers => workers;

    public int Tasks => images / Votes.TaskSize;

    /// <summary>All votes.</summary>
    public long Count => EndOf(Tasks) * Votes.TaskSize;

    public static WorkerId Worker(int number) => WorkerId.Create($"private.us-east-1.{number:x16}");

    public static bool IsRight(int image) => Draw(Purpose.Truth, image, 0) < Right;

    /// <summary>Numbers of workers, each once.</summary>
    public int[] WorkersOf(int task)
    {
        var count = (int)(EndOf(task + 1) - EndOf(task));
        var all = Enumerable.Range(0, int.MaxValue).Select(draw => firstWorker + (int)(Draw(Purpose.WorkersOfTask, task, draw) * workers));
        return [.. all.Distinct().Take(count)];
    }

    /// <summary>The answer of a worker to an image.</summary>
    public bool Confirms(int image, int worker)
    {
        var coins = _coins[worker - firstWorker];
        return Draw(Purpose.Answer, image, worker) < (IsRight(image) ? coins.ConfirmsRight : 1 - coins.CatchesWrong);
    }

    /// <summary>A task's answers as the Lambda sends them.</summary>
    public byte[] Message(Incarnation incarnation, int task) => AnswersMessage.Of(incarnation, new TaskNumber(task), _at, [.. WorkersOf(task).Select(worker => new MessageWorker(
        Worker(worker), TaskAnswers.Of(Enumerable.Range(task * Votes.TaskSize, Votes.TaskSize).Select(image => Confirms(image, worker) ? AnswerKind.Confirm : AnswerKind.Disconfirm))))]).Write();

    /// <summary>Workers of all tasks before that one.</summary>
    private long EndOf(int task) => (long)Math.Floor(task * votesPerImage);

    private static WorkerCoins CoinsOf(int worker) => new(
        0.85 + (0.14 * Draw(Purpose.ConfirmsRight, worker, 0)),
        worker % 10 == 0 ? 0.05 * Draw(Purpose.CatchesWrong, worker, 0) : 0.5 + (0.45 * Draw(Purpose.CatchesWrong, worker, 0)));

    /// <summary>From 0 to below 1.</summary>
    private static double Draw(Purpose purpose, int which, int other) =>
        (XxHash3.HashToUInt64(MemoryMarshal.AsBytes<int>([(int)purpose, which, other]), Seed) >> 11) * (1.0 / (1UL << 53));
}
