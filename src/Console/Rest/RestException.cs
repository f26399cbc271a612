namespace BulkQA.Web;

/// <summary>REST said no, and why: a problem of RFC 9457.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="title">What kind of problem it is.</param>
/// <param name="detail">What is wrong, and what to do.</param>
/// <param name="errors">What is wrong with single fields, by name.</param>
public sealed class RestException(int status, string title, string detail, IReadOnlyDictionary<string, string[]>? errors = null)
    : Exception($"{title} ({status}): {detail}")
{
    public int Status { get; } = status;

    public string Title { get; } = title;

    public string Detail { get; } = detail;

    public IReadOnlyDictionary<string, string[]> Errors { get; } = errors ?? new Dictionary<string, string[]>();

    /// <summary>Whether it is the caller who may not, and asking again changes nothing.</summary>
    public bool IsRefused => Status is 401 or 403 or 404;
}
