namespace BulkQA.Core.Tests;

/// <summary>What a fold can take, and what it says of what it can't.</summary>
public sealed class PartitionFoldCheckTests : FoldTest
{
    [Fact]
    public void Check_TaskOrImagesThatAreNotThere_SaysSo()
    {
        var fold = Fold(new JobSettings(), [[90, 91]], []);
        Assert.Equal(SubmissionCheck.UnknownTask, fold.Check(Submission(1, "ann", 1, "cc")));
        Assert.Equal(SubmissionCheck.OtherImages, fold.Check(Submission(0, "ann", 1, "c")));
        Assert.Equal(SubmissionCheck.OtherImages, fold.Check(Submission(0, "ann", 1, "cc-")));
        Assert.Equal(SubmissionCheck.Fits, fold.Check(Submission(0, "ann", 1, "cc")));
    }

    [Fact]
    public void Check_WhatIsThereWithTheSameTime_IsHeld()
    {
        var fold = Fold(new JobSettings(), [[90, 91]], [Submission(0, "ann", 3, "cd")]);
        Assert.Equal(SubmissionCheck.Held, fold.Check(Submission(0, "ann", 3, "cd")));
        Assert.Equal(SubmissionCheck.Held, fold.Check(Submission(0, "ann", 3, "-d")));
        // What was replaced, or never was, is not.
        string[] others = ["2cd", "4cd", "3cc", "3-c"];
        Assert.All(others, other => Assert.Equal(SubmissionCheck.Fits, fold.Check(Submission(0, "ann", other[0] - '0', other[1..]))));
        Assert.Equal(SubmissionCheck.Fits, fold.Check(Submission(0, "bob", 3, "cd")));
        // It changes nothing, nor does it count.
        fold.Apply(Submission(0, "ann", 3, "-d"));
        Assert.Equal(1, fold.CountSubmissions(new TaskNumber(0)));
    }

    [Fact]
    public void Check_256WorkersAtATask_TakesNoOtherThereAndTheseStill()
    {
        var fold = Fold(new JobSettings(), [[90], [90]], Enumerable.Range(0, AnswerSet.MaxWorkers - 1).Select(worker => Submission(0, $"w{worker}", 1, "c")));
        Assert.Equal(SubmissionCheck.Fits, fold.Check(Submission(0, "late", 1, "c")));
        fold.Apply(Submission(0, "w255", 1, "d"));
        Assert.Equal(SubmissionCheck.TooManyWorkers, fold.Check(Submission(0, "late", 1, "c")));
        Assert.Equal(SubmissionCheck.Fits, fold.Check(Submission(1, "late", 1, "c")));
        // Known to the partition, but not to the task.
        fold.Apply(Submission(1, "late", 1, "c"));
        Assert.Equal(SubmissionCheck.TooManyWorkers, fold.Check(Submission(0, "late", 2, "c")));
        Assert.Equal(SubmissionCheck.Fits, fold.Check(Submission(0, "w0", 2, "d")));
        Assert.Equal(SubmissionCheck.Held, fold.Check(Submission(0, "w255", 1, "d")));
        Assert.Equal((255, 1), (fold.AnswersOf(new TaskNumber(0), 0).Confirms, fold.AnswersOf(new TaskNumber(0), 0).Disconfirms));
    }

    [Fact]
    public void Check_1000SubmissionsOfAWorkerToATask_TakesNoOtherOfItsThere()
    {
        var fold = Fold(new JobSettings(), [[90, 91], [90, 91]], Enumerable.Range(1, Core.Submission.MaxPerWorker - 1).Select(time => Submission(0, "ann", time, time % 2 == 0 ? "c-" : "-d")));
        Assert.Equal(SubmissionCheck.Fits, fold.Check(Submission(0, "ann", 1_000, "c-")));
        fold.Apply(Submission(0, "ann", 1_000, "c-"));
        Assert.Equal(1_000, fold.CountSubmissions(new TaskNumber(0)));
        Assert.Equal(SubmissionCheck.TooManySubmissions, fold.Check(Submission(0, "ann", 1_001, "c-")));
        Assert.Equal(SubmissionCheck.Held, fold.Check(Submission(0, "ann", 1_000, "c-")));
        Assert.Equal(SubmissionCheck.Fits, fold.Check(Submission(0, "bob", 1_001, "c-")));
        Assert.Equal(SubmissionCheck.Fits, fold.Check(Submission(1, "ann", 1_001, "c-")));
        var unpacked = PartitionFold.Unpack(fold.Pack(), new JobSettings());
        Assert.Equal(SubmissionCheck.TooManySubmissions, unpacked.Check(Submission(0, "ann", 1_001, "c-")));
    }
}
