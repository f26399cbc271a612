using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace BulkQA.Api.Tests;

/// <summary>A browser without pages: it keeps cookies, sends forms, and says that it accepts HTML where a page is asked for.</summary>
internal sealed class SignedIn : IDisposable
{
    public const string Password = "correct horse battery";

    public SignedIn(Uri address)
    {
        Http = new HttpClient(new HttpClientHandler { CookieContainer = Cookies, AllowAutoRedirect = false }) { BaseAddress = address, Timeout = TimeSpan.FromMinutes(1) };
        // As every browser says of a form of our own pages.
        Http.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
    }

    public CookieContainer Cookies { get; } = new();

    public HttpClient Http { get; }

    public string PersonId { get; private set; } = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Follows an invitation as somebody new.</summary>
    public static async Task<SignedIn> InvitedAsync(Uri address, string link, string name)
    {
        var browser = new SignedIn(address);
        var taken = await browser.TakeAsync(link, name, name.ToLowerInvariant() + "@example.org");
        Assert.Equal(HttpStatusCode.Redirect, taken.StatusCode);
        await browser.LookAsync();
        return browser;
    }

    /// <summary>Takes over who the session is of.</summary>
    public async Task LookAsync() => PersonId = (await Http.GetJsonAsync("/v1/me")).String("person");

    public Task<HttpResponseMessage> TakeAsync(string link, string name, string signInName, string password = Password) =>
        PostAsync("/invitation/take", ("token", SecretOf(link)), ("name", name), ("signInName", signInName), ("password", password));

    /// <summary>What the page of a link shows, as its script has it.</summary>
    public Task<HttpResponseMessage> OpenAsync(string link) => PostAsync("/invitation", ("token", SecretOf(link)));

    /// <summary>What stands behind the sign that browsers don't send.</summary>
    public static string SecretOf(string link) => new Uri(link).Fragment[1..];

    public async Task<HttpStatusCode> SignInAsync(string name, string password = Password) => (await PostAsync("/sign-in", ("name", name), ("password", password))).StatusCode;

    public async Task<HttpResponseMessage> PostAsync(string path, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        return await Http.PostAsync(path, form, Cancellation);
    }

    public Task<HttpResponseMessage> GetPageAsync(string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/html");
        return Http.SendAsync(request, Cancellation);
    }

    /// <summary>Makes an invitation and gives its link.</summary>
    public async Task<string> InviteAsync(object grant, int uses = 1) =>
        (await (await Http.PostAsJsonAsync("/v1/invitations", new { grants = (object[])[grant], uses }, Cancellation)).JsonAsync()).String("link");

    public async Task<JsonElement> PatchAsync(string person, object change) => await (await Http.PatchAsJsonAsync($"/v1/people/{person}", change, Cancellation)).JsonAsync();

    public void Dispose() => Http.Dispose();
}

/// <summary>A process where people sign in, its first operator signed in, and sessions looked at with each request.</summary>
public sealed class SignInProcess : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    internal ApiProcess Process { get; private set; } = null!;

    internal string DataDirectory => _folder.Path;

    internal Uri Address => Process.Http.BaseAddress!;

    internal SignedIn Operator { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Process = await ApiProcess.StartAsync(_folder.Path, "--BulkQA:SignIn:Enabled=true", "--BulkQA:SignIn:CheckInterval=00:00:00", "--BulkQA:SignIn:AttemptsPerMinute=10000");
        Operator = await SignedIn.InvitedAsync(Address, await FirstLinkAsync(Process), "Olga");
    }

    /// <summary>The link that the process prints where it has no operator.</summary>
    internal static async Task<string> FirstLinkAsync(ApiProcess process)
    {
        const string Before = " UTC: ";
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!process.Output.Contains("BulkQA has no operator yet", StringComparison.Ordinal)) await timer.WaitForNextTickAsync(limit.Token);
        return process.Output[(process.Output.IndexOf(Before, StringComparison.Ordinal) + Before.Length)..].Split('\n')[0].Trim();
    }

    public async ValueTask DisposeAsync()
    {
        Operator?.Dispose();
        await Process.DisposeAsync();
        _folder.Dispose();
    }
}
