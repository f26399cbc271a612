namespace BulkQA.Silo;

/// <summary>
/// <c>--health</c>: asks the process that already runs here whether it lives, and ends with 0 or 1. For container health
/// checks, because the images have neither shell nor curl.
/// </summary>
public static class HealthCommand
{
    private const string DefaultUrl = "http://*:8080";

    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(5);

    public static bool IsAskedFor(string[] args) => args is ["--health"];

    public static async Task<int> RunAsync()
    {
        using var http = new HttpClient { Timeout = _timeout };
        try
        {
            using var response = await http.GetAsync(Address());
            return response.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"not alive: {e.Message}");
            return 1;
        }
    }

    /// <summary>The first of the addresses that the process was told to listen on.</summary>
    private static Uri Address()
    {
        var url = Environment.GetEnvironmentVariable("ASPNETCORE_URLS")?.Split(';')[0];
        var address = BindingAddress.Parse(string.IsNullOrEmpty(url) ? DefaultUrl : url);
        var host = address.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "localhost" : address.Host;
        return new Uri($"http://{host}:{address.Port}/health/live");
    }
}
