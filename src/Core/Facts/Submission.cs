using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace BulkQA.Core;

/// <summary>Where an answer came from.</summary>
public enum AnswerSource : byte
{
    /// <summary>An application, by REST.</summary>
    Rest = 0,

    /// <summary>BulkQA's own worker page.</summary>
    WorkerPage = 1,

    /// <summary>Ground Truth, by queue.</summary>
    GroundTruth = 2,

    /// <summary>Workers made up for the sample job.</summary>
    Simulated = 3,
}

/// <summary>
/// One worker's answers to one task at one time, for some or all of its images. A fact: it never changes, and
/// its identity is task, worker, time and <see cref="Hash"/>, so that storing it again changes nothing.
/// </summary>
/// <param name="Task">The task.</param>
/// <param name="Worker">Who answered.</param>
/// <param name="At">When, stamped once by whoever first received the answers.</param>
/// <param name="Answers">One an image of the task, in its order.</param>
/// <param name="Source">Where the answers came from.</param>
/// <param name="Start">How the boxes were when the worker first saw them.</param>
/// <param name="Taken">How long the worker took; null where nobody measured.</param>
public sealed record Submission(
    TaskNumber Task, WorkerId Worker, SubmissionTime At, TaskAnswers Answers, AnswerSource Source = AnswerSource.Rest,
    BoxesAtStart Start = BoxesAtStart.Unknown, TimeSpan? Taken = null)
{
    /// <summary>
    /// Submissions that a worker may make to one task: room to vote on each of 250 images alone and to change each vote
    /// three times.
    /// </summary>
    public const int MaxPerWorker = 1_000;

    private const int HashBytes = 8;

    /// <summary>The first 64 bits of the SHA-256 of everything but task, worker and time; 16 hex digits.</summary>
    public string Hash
    {
        get
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{Answers.Text}|{(int)Source}|{(int)Start}|{Taken?.Ticks}");
            Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(Encoding.UTF8.GetBytes(text), digest);
            return Convert.ToHexStringLower(digest[..HashBytes]);
        }
    }
}
