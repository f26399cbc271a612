using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace BulkQA.Web;

/// <summary>
/// What the console reads and changes, all of it by REST, in the name of whoever looks at it: so that it can do nothing that REST does not, and
/// every rule of access, every check and every record of a change is the same. One a circuit.
/// </summary>
/// <param name="http">Sends requests in the caller's name.</param>
/// <param name="caller">Who that is.</param>
public sealed class RestClient(HttpClient http, IConsoleCaller caller) : IDisposable
{
    /// <summary>As REST writes them.</summary>
    internal static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web);

    /// <summary>Who may see the same: two callers of one scope get the same answers about jobs.</summary>
    public ValueTask<string> GetScopeAsync() => caller.GetScopeAsync();

    /// <inheritdoc cref="IConsoleCaller.Touch"/>
    public void Touch() => caller.Touch();

    /// <exception cref="RestException">REST refuses it.</exception>
    public async Task<T> GetAsync<T>(string path, CancellationToken cancellation = default) => Read<T>(await GetBytesAsync(path, cancellation));

    /// <summary>The body as it came.</summary>
    /// <exception cref="RestException">REST refuses it.</exception>
    public async Task<byte[]> GetBytesAsync(string path, CancellationToken cancellation = default)
    {
        using var response = await http.GetAsync(path, cancellation);
        return await BodyOfAsync(response, cancellation);
    }

    /// <summary>Entries that <see cref="ListAsync"/> reads at most, or a page more.</summary>
    public const int MostListed = 100_000;

    /// <summary>A listing whole, page by page; what lies beyond <see cref="MostListed"/> is left out.</summary>
    /// <param name="pathOf">The path of a page by its cursor, which is null for the first.</param>
    /// <exception cref="RestException">REST refuses it.</exception>
    /// <returns>The entries, and whether there are more.</returns>
    public async Task<(IReadOnlyList<T> Items, bool IsCut)> ListAsync<T>(Func<string?, string> pathOf)
    {
        var all = new List<T>();
        string? cursor = null;
        do
        {
            var page = await GetAsync<PageModel<T>>(pathOf(cursor));
            all.AddRange(page.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null && all.Count < MostListed);
        return (all, cursor is not null);
    }

    /// <summary>Nothing where there is none of it.</summary>
    /// <exception cref="RestException">REST refuses it for another reason than that it is not there.</exception>
    public async Task<T?> FindAsync<T>(string path, CancellationToken cancellation = default) where T : class
    {
        using var response = await http.GetAsync(path, cancellation);
        return response.StatusCode is System.Net.HttpStatusCode.NotFound or System.Net.HttpStatusCode.NoContent ? null : Read<T>(await BodyOfAsync(response, cancellation));
    }

    /// <exception cref="RestException">REST refuses it.</exception>
    public async Task<T> SendAsync<T>(HttpMethod method, string path, object? body = null, CancellationToken cancellation = default)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = JsonContent.Create(body, options: Json);
        using var response = await http.SendAsync(request, cancellation);
        return Read<T>(await BodyOfAsync(response, cancellation));
    }

    /// <exception cref="RestException">REST refuses it.</exception>
    public async Task SendAsync(HttpMethod method, string path, object? body = null, CancellationToken cancellation = default)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = JsonContent.Create(body, options: Json);
        using var response = await http.SendAsync(request, cancellation);
        await BodyOfAsync(response, cancellation);
    }

    /// <summary>Posts a body that is no JSON document, and not so large that the browser should send it by itself.</summary>
    /// <exception cref="RestException">REST refuses it.</exception>
    public async Task<T> SendTextAsync<T>(string path, string text, string mediaType, CancellationToken cancellation = default)
    {
        using var content = new StringContent(text, Encoding.UTF8, mediaType);
        using var response = await http.PostAsync(path, content, cancellation);
        return Read<T>(await BodyOfAsync(response, cancellation));
    }

    public void Dispose() => http.Dispose();

    internal static T Read<T>(byte[] body) => JsonSerializer.Deserialize<T>(body, Json) ?? throw new RestException(500, "Not understood", "The answer was empty.");

    private static async Task<byte[]> BodyOfAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var body = await response.Content.ReadAsByteArrayAsync(cancellation);
        if (response.IsSuccessStatusCode) return body;
        var status = (int)response.StatusCode;
        try
        {
            if (body.Length > 0 && JsonSerializer.Deserialize<ProblemModel>(body, Json) is { } problem)
                throw new RestException(status, problem.Title ?? response.ReasonPhrase ?? "Refused", problem.Detail ?? WordsOf(problem.Errors), problem.Errors);
        }
        catch (JsonException)
        {
            // No problem document: a proxy's page, perhaps. The status says what there is to say.
        }
        throw new RestException(status, response.ReasonPhrase ?? "Refused", $"The service answered with status {status}.");
    }

    private static string WordsOf(IReadOnlyDictionary<string, string[]>? errors) =>
        errors is null ? "" : string.Join(" ", errors.Select(error => $"{error.Key}: {string.Join(' ', error.Value)}."));

    private sealed record ProblemModel(string? Title, string? Detail, IReadOnlyDictionary<string, string[]>? Errors);
}

/// <summary>Who looks at the console in this circuit.</summary>
public interface IConsoleCaller
{
    /// <summary>A text that two callers share who get the same answers about jobs.</summary>
    ValueTask<string> GetScopeAsync();

    /// <summary>Somebody has touched the page: a session that nobody uses ends.</summary>
    void Touch();
}
