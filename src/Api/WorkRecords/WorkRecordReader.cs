using System.Runtime.CompilerServices;
using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;

namespace BulkQA.Api;

/// <summary>Reads who did how much on which day, some workers at a time.</summary>
internal sealed class WorkRecordReader(IGrainFactory grains, IListings listings, IFactStore facts)
{
    /// <summary>Of one job, by worker and day; null where it is deleted.</summary>
    /// <remarks>The first of them are read before it returns, so that what is wrong can still be said.</remarks>
    public async Task<IAsyncEnumerable<WorkRecordResponse>?> BeginAsync(JobInfo job, WorkQuery query, CancellationToken cancellation) =>
        await grains.GetClasses(job).GetWorkAsync(query) is { } first ? ReadAsync(job, query, first, cancellation) : null;

    /// <summary>Of several jobs, one after the other; those that are deleted meanwhile are left out.</summary>
    public async IAsyncEnumerable<WorkRecordResponse> ReadAsync(IAsyncEnumerable<JobInfo> jobs, WorkQuery query, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var job in jobs.WithCancellation(cancellation))
        {
            if (await BeginAsync(job, query, cancellation) is not { } records) continue;
            await foreach (var record in records) yield return record;
        }
    }

    /// <summary>The jobs that are for a team, by name.</summary>
    public IAsyncEnumerable<JobInfo> JobsOf(TeamName team, CancellationToken cancellation) => listings.ReadAsync(PeopleListings.JobsOf(team), "", null, cancellation)
        .Select(async (string key, CancellationToken _) => await grains.FindJobAsync(key)).OfType<JobInfo>().Where(job => job.Settings.Assignment.Teams.Contains(team));

    /// <summary>The jobs in which a worker may have answered, after one of them.</summary>
    public IAsyncEnumerable<JobInfo> JobsOf(WorkerId worker, Incarnation? after, CancellationToken cancellation) => facts.ReadJobsAsync(worker, after, cancellation)
        .Select(async (Incarnation incarnation, CancellationToken _) => await grains.GetGrain<IJobGrain>(incarnation.Job.Key).GetAsync(incarnation)).OfType<JobInfo>();

    /// <summary>All jobs by name.</summary>
    public IAsyncEnumerable<JobInfo> AllJobsAsync(CancellationToken cancellation) =>
        grains.ListJobsAsync(cancellation).Select(async (string key, CancellationToken _) => await grains.FindJobAsync(key)).OfType<JobInfo>();

    private async IAsyncEnumerable<WorkRecordResponse> ReadAsync(JobInfo job, WorkQuery query, WorkRecords first, [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var page = first; ;)
        {
            var names = await NamesAsync(page.Records.Select(record => record.Worker).Distinct());
            foreach (var record in page.Records) yield return WorkRecordResponse.Of(job.Name, record, names.GetValueOrDefault(record.Worker));
            if (page.Through is not { } through) yield break;
            cancellation.ThrowIfCancellationRequested();
            page = await grains.GetClasses(job).GetWorkAsync(query with { After = through }) ?? throw new JobGoneException(job.Name);
        }
    }

    private async Task<Dictionary<WorkerId, string?>> NamesAsync(IEnumerable<WorkerId> workers)
    {
        var people = workers.Where(worker => PersonId.TryParse(worker.Value, out _)).ToList();
        var found = await Task.WhenAll(people.Select(worker => PeopleEndpoints.Person(grains, PersonId.Parse(worker.Value)).GetAsync()));
        return people.Zip(found).ToDictionary(entry => entry.First, entry => entry.Second is { Name: { Length: > 0 } name } ? name : null);
    }
}
