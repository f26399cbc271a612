using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>
/// A vote a line, with the columns <c>task,worker,label</c> that Crowd-Kit's aggregation reads: the task is an image with its label, and
/// the worker's label for it is <c>Confirmed</c> or <c>Disconfirmed</c>. Answers that are no votes, and votes that are set aside, are left out.
/// </summary>
internal sealed class VotesExport : IExportFormat
{
    public string Name => "votes";

    public string MediaType => "text/csv; charset=utf-8";

    public string Extension => "votes.csv";

    public Task WriteAsync(JobInfo job, IAsyncEnumerable<ImageResponse> images, ExportColumns columns, Stream body, CancellationToken cancellation) => CsvExport.WriteAsync(
        body, ["task", "worker", "label"],
        images.SelectMany(image => image.Votes.Where(vote => !vote.SetAside).Select(vote => (string[])[$"{image.ImageUrl}#{image.Label}", vote.WorkerId, vote.Confirmed ? "Confirmed" : "Disconfirmed"]).ToAsyncEnumerable()));
}
