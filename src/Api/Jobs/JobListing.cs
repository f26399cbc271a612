using System.Security.Claims;
using BulkQA.Grains;

namespace BulkQA.Api;

internal static class JobListing
{
    private const string CursorName = "jobs";

    /// <summary>A page of the caller's jobs by name; null where the cursor is not one of this listing.</summary>
    public static async Task<Page<JobResponse>?> PageAsync(IGrainFactory grains, ClaimsPrincipal caller, int limit, string? cursor)
    {
        string? after = null;
        if (cursor is not null)
        {
            if (Cursor.Read(cursor, CursorName, 1) is not [var position]) return null;
            after = position;
        }
        var keys = await grains.GetGrain<IJobIndexGrain>(IJobIndexGrain.Key).ListAsync(after, limit);
        var jobs = await Task.WhenAll(keys.Where(caller.MayUse).Select(key => grains.FindTalliesAsync(key)));
        return new Page<JobResponse>(
            await Task.WhenAll(jobs.OfType<JobTallies>().Select(grains.AnswerAsync)),
            keys.Length < limit ? null : Cursor.Write(CursorName, keys[^1]));
    }
}
