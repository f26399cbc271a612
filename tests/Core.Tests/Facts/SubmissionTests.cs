namespace BulkQA.Core.Tests;

public sealed class SubmissionTests
{
    /// <summary>Part of a fact's key: it can never change. Computed with another implementation of SHA-256, of the texts in the comments.</summary>
    [Theory]
    // ccdt-|0|0|
    [InlineData("ccdt-", AnswerSource.Rest, BoxesAtStart.Unknown, null, "b85d34427e0f6668")]
    // c|1|1|125000000
    [InlineData("c", AnswerSource.WorkerPage, BoxesAtStart.Ticked, 12.5, "5af909ece0ca61bb")]
    // d|1|1|125000000
    [InlineData("d", AnswerSource.WorkerPage, BoxesAtStart.Ticked, 12.5, "8a5c0631a3d6881c")]
    // c|2|0|
    [InlineData("c", AnswerSource.GroundTruth, BoxesAtStart.Unknown, null, "72bb88446a91fef6")]
    // c|2|2|
    [InlineData("c", AnswerSource.GroundTruth, BoxesAtStart.Unticked, null, "2ecfa7e4b137cc88")]
    // c|3|0|0
    [InlineData("c", AnswerSource.Simulated, BoxesAtStart.Unknown, 0.0, "ffd1e7f1b69b8c58")]
    public void Hash_OfWhatWasSaid_IsPinned(string answers, AnswerSource source, BoxesAtStart start, double? seconds, string hash) =>
        Assert.Equal(hash, Submission(answers, source, start, seconds is { } taken ? TimeSpan.FromSeconds(taken) : null).Hash);

    [Fact]
    public void Hash_OfTheLongestAnswers_IsPinned() =>
        Assert.Equal("250dc447d7d82924", Submission(new string('n', 250), AnswerSource.GroundTruth, taken: new TimeSpan(1)).Hash);

    [Fact]
    public void Hash_OneThingSaidOtherwise_IsAnother()
    {
        var submission = Submission("cd", AnswerSource.Rest, BoxesAtStart.Unknown, TimeSpan.Zero);
        Submission[] others =
        [
            submission with { Answers = TaskAnswers.Parse("cc") },
            submission with { Answers = TaskAnswers.Parse("cd-") },
            submission with { Source = AnswerSource.WorkerPage },
            submission with { Start = BoxesAtStart.Ticked },
            submission with { Taken = null },
            submission with { Taken = new TimeSpan(1) },
        ];
        Assert.Equal(others.Length + 1, others.Append(submission).Select(other => other.Hash).Distinct().Count());
    }

    /// <summary>They stand in the key beside it.</summary>
    [Fact]
    public void Hash_OtherTaskWorkerOrTime_IsTheSame()
    {
        var submission = Submission("cd", AnswerSource.Rest);
        Assert.Equal(submission.Hash, (submission with { Task = new TaskNumber(9), Worker = WorkerId.Create("bob"), At = new SubmissionTime(9) }).Hash);
        Assert.Equal(submission.Hash, Submission("cd", AnswerSource.Rest).Hash);
    }

    private static Submission Submission(string answers, AnswerSource source, BoxesAtStart start = BoxesAtStart.Unknown, TimeSpan? taken = null) =>
        new(new TaskNumber(7), WorkerId.Create("ann"), new SubmissionTime(1), TaskAnswers.Parse(answers), source, start, taken);
}
