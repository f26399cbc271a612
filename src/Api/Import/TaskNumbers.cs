using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;

namespace BulkQA.Api;

/// <summary>
/// Task numbers for one import, reserved from the job in growing blocks and used in order, so that a job's tasks are
/// numbered without gaps unless an import fails or two run at once.
/// </summary>
internal sealed class TaskNumbers(JobName name, Incarnation incarnation, IJobGrain job)
{
    private const int FirstBlock = 16;
    private const int MaxBlock = 1_024;

    private int _next;
    private int _end;
    private int _block = FirstBlock;

    public async Task<TaskRange> TakeAsync(int count)
    {
        if (_end - _next < count)
        {
            await ReleaseAsync();
            var reserved = await job.ReserveTasksAsync(incarnation, Math.Max(count, _block)) ?? throw new JobGoneException(name);
            (_next, _end, _block) = (reserved.First, reserved.First + reserved.Count, Math.Min(MaxBlock, _block * 2));
        }
        _next += count;
        return new TaskRange(_next - count, count);
    }

    /// <summary>Takes back what a call did not use of the range taken last.</summary>
    public void GiveBack(TaskRange range, int used) => _next = range.First + used;

    /// <summary>Gives back what is left. Where that fails there is a gap in the numbers, and nothing worse.</summary>
    public async Task ReleaseAsync()
    {
        try
        {
            await job.ReleaseTasksAsync(incarnation, new TaskRange(_next, _end - _next));
        }
        catch (Exception e) when (FailureClassifier.Classify(e) == FailureKind.Transient)
        {
            // They are lost, and every line is stored all the same.
        }
        _next = _end;
    }
}
