using CsCheck;

namespace BulkQA.Core.Tests;

/// <summary>Tasks of which no more is wanted.</summary>
public sealed class SkippedTasksTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly WorkerId _ann = WorkerId.Create("ann");
    private static readonly WorkerId _bob = WorkerId.Create("bob");

    [Fact]
    public void Skip_EveryBucket_HandsOutNothingButWhatSomebodyHolds()
    {
        var (fold, dispatch) = Start([90], [91], [double.NaN]);
        Assert.Equal(0, dispatch.Lease(_ann, _now)!.Value.Task.Value);
        Assert.True(dispatch.Skip([TaskDispatch.EveryBucket]));
        Assert.False(dispatch.Skip([TaskDispatch.EveryBucket]));
        Assert.Equal(0, dispatch.Lease(_ann, _now)!.Value.Task.Value);
        Assert.Null(dispatch.Lease(_bob, _now));
        Assert.Equal((false, 3), (dispatch.IsWanted(_now), dispatch.CountSkipped()));
        fold.Apply(Answer(0));
        dispatch.Answered(new TaskNumber(0), _ann);
        // What is done is not skipped.
        Assert.Equal((null, 2), (dispatch.Lease(_ann, _now), dispatch.CountSkipped()));
        Assert.True(dispatch.Skip([]));
        Assert.Equal((1, 0), (dispatch.Lease(_bob, _now)!.Value.Task.Value, dispatch.CountSkipped()));
    }

    [Fact]
    public void Skip_TaskWithOneImageOfAnOpenBucket_IsHandedOut()
    {
        // Of the buckets 80-85, 85-90, 90-95, 95-100, underflow, overflow, unknown.
        var (_, dispatch) = Start([81, 86], [81, 82], [96, 81]);
        dispatch.Skip([0, 1]);
        Assert.Equal((2, 2), (dispatch.Lease(_ann, _now)!.Value.Task.Value, dispatch.CountSkipped()));
        Assert.Null(dispatch.Lease(_bob, _now));
    }

    /// <summary>Gold is dressed in another image's confidence; it makes no task wanted.</summary>
    [Fact]
    public void Skip_TaskWithGold_IsByItsOtherImages()
    {
        var fold = new PartitionFold(new JobSettings());
        fold.AddTask(new TaskNumber(0), [81, 96], [new GoldMark(1, new GoldAnswer(true))]);
        Assert.True(fold.LiesWithin(new TaskNumber(0), [true, false, false, false, false, false, false]));
        Assert.False(fold.LiesWithin(new TaskNumber(0), [false, true, true, true, true, true, true]));
    }

    /// <summary>Against a look at every task and image; also a lease that ended while its task was skipped.</summary>
    [Fact]
    public void Lease_WhateverIsSkipped_IsTheFirstTaskWithAnImageThatIsNot() => Gen.Select(
        Gen.OneOfConst(double.NaN, 10, 81, 86, 91, 96).Array[1, 3].Array[1, 8], Gen.Int[0, 6].HashSet[0, 7].Array[1, 5]).Sample((tasks, skips) =>
    {
        var (fold, dispatch) = Start(tasks);
        var now = _now;
        foreach (var skipped in skips)
        {
            dispatch.Skip([.. skipped]);
            now += TimeSpan.FromHours(1);
            var wanted = Enumerable.Range(0, tasks.Length).Where(task => tasks[task].Any(confidence => !skipped.Contains(BucketEdges.Default.IndexOf(double.IsNaN(confidence) ? null : Percent.Create(confidence))))).ToList();
            Assert.Equal(wanted.Count > 0, dispatch.IsWanted(now));
            Assert.Equal(tasks.Length - wanted.Count, dispatch.CountSkipped());
            Assert.Equal(wanted.Cast<int?>().FirstOrDefault(), dispatch.Lease(_ann, now)?.Task.Value);
            Assert.Equal(wanted.Skip(1).Cast<int?>().FirstOrDefault(), dispatch.Lease(_bob, now)?.Task.Value);
        }
    });

    private static (PartitionFold Fold, TaskDispatch Dispatch) Start(params double[][] tasks)
    {
        var fold = new PartitionFold(new JobSettings { WorkersPerTask = 1 });
        var dispatch = new TaskDispatch(fold, 1, TaskOrder.AsCut, TimeSpan.FromMinutes(10));
        foreach (var (number, confidences) in tasks.Index())
        {
            fold.AddTask(new TaskNumber(number), confidences);
            dispatch.Add(new TaskNumber(number));
        }
        return (fold, dispatch);
    }

    private static Submission Answer(int task) => new(new TaskNumber(task), _ann, new SubmissionTime(1), TaskAnswers.Parse("c"));
}
