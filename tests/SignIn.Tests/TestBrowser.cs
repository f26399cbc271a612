using System.Net;

namespace BulkQA.Api.Tests;

/// <summary>A browser without a window: cookies of its own, redirects one by one, forms.</summary>
internal sealed class TestBrowser : IDisposable
{
    private readonly HttpClient _http = new(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public Task<HttpResponseMessage> GetAsync(string url) => _http.GetAsync(url, Cancellation);

    /// <summary>As a form of a page of the same site.</summary>
    public async Task<HttpResponseMessage> PostAsync(string url, params (string Name, string Value)[] form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, field.Value))) };
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        return await _http.SendAsync(request, Cancellation);
    }

    /// <summary>Goes where redirects lead, until there is a page or <paramref name="stop"/> says so.</summary>
    /// <returns>The last address, and what it answered; null where it was not asked any more.</returns>
    public async Task<(Uri At, HttpResponseMessage? Response)> FollowAsync(string url, Func<Uri, bool>? stop = null)
    {
        var at = new Uri(url);
        for (var hop = 0; hop < 20; hop++)
        {
            if (stop?.Invoke(at) is true) return (at, null);
            var response = await GetAsync(at.AbsoluteUri);
            if (response.Headers.Location is not { } next) return (at, response);
            at = new Uri(at, next);
        }
        throw new InvalidOperationException($"redirects lead in a circle, last to {at}");
    }

    /// <summary>From the way in to the address that leads back from the provider, which is not asked.</summary>
    /// <param name="begin">The address of the way in.</param>
    /// <param name="login">Who signs in at the provider.</param>
    /// <param name="password">With what.</param>
    /// <param name="change">What somebody on the way makes of the request to the provider.</param>
    public async Task<Uri> SignInAtProviderAsync(string begin, string login, string password = "right", Func<string, string>? change = null)
    {
        var request = (await GetAsync(begin)).Headers.Location!.AbsoluteUri;
        var (form, page) = await FollowAsync(change is null ? request : change(request));
        Assert.Contains("<form", await page!.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        var answer = await PostAsync(form.AbsoluteUri, ("login", login), ("password", password));
        Assert.True(answer.Headers.Location is not null, await answer.Content.ReadAsStringAsync(Cancellation));
        return (await FollowAsync(new Uri(form, answer.Headers.Location).AbsoluteUri, at => at.AbsolutePath == "/sign-in/oidc/callback")).At;
    }

    public void Dispose() => _http.Dispose();
}
