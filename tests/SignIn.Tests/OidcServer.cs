using System.Net.Http.Json;
using System.Text.Json;
using BulkQA.Emulators;

namespace BulkQA.Api.Tests;

/// <summary>A real OpenID provider (npm's <c>oidc-provider</c>) as a process, with a client and some accounts.</summary>
internal sealed class OidcServer : IAsyncDisposable
{
    public const string ClientId = "bulkqa";
    public const string Secret = "a secret of the tests, long enough for anybody";

    private readonly ChildProcess _child;

    private OidcServer(ChildProcess child, string url) => (_child, Url) = (child, url);

    public string Url { get; }

    /// <param name="clockOffset">How far its clock is ahead of ours.</param>
    /// <param name="pushed">Whether it offers that requests are pushed (RFC 9126).</param>
    public static async Task<OidcServer> StartAsync(TimeSpan clockOffset = default, bool pushed = false)
    {
        var (child, url) = await Emulator.StartNodeAsync("oidc.mjs", JsonSerializer.Serialize(new
        {
            accounts = new Dictionary<string, object>
            {
                ["ann"] = Account(new { name = "Ann Lee", email = "ann@example.org", email_verified = true, groups = new[] { "qa-leads", "qa-dogs", "everybody" } }),
                ["bob"] = Account(new { name = "Bob", email = "bob@example.org", email_verified = false, groups = new[] { "everybody" } }),
                ["cat"] = Account(new { groups = "qa-dogs" }),
                ["many"] = Account(new { groups = Enumerable.Range(0, 2000).Select(number => $"a-group-with-a-long-name-{number}").Append("qa-dogs") }),
                ["over"] = Account(new { _claim_names = new { groups = "src1" }, _claim_sources = new { src1 = new { endpoint = "https://graph.example/groups" } } }),
                ["olga"] = Account(new { name = "Olga", groups = new[] { "qa-operators" } }),
                ["leo"] = Account(new { name = "Leo", groups = new[] { "qa-leads", "qa-dogs" } }),
                ["dora"] = Account(new { name = "Dora", groups = new[] { "qa-dogs" } }),
                ["emil"] = Account(new { name = "Emil", groups = new[] { "qa-dogs" } }),
                ["fay"] = Account(new { name = "Fay", groups = new[] { "qa-dogs" } }),
                ["gus"] = Account(new { name = "Gus", groups = new[] { "qa-dogs" } }),
                ["shut"] = Account(new { name = "Nobody's" }),
            },
            clockOffsetSeconds = (int)clockOffset.TotalSeconds,
            pushed,
        }));
        return new OidcServer(child, url);

        static object Account(object claims) => new { password = "right", claims };
    }

    /// <summary>Makes an application known to it; before, it answers nobody.</summary>
    /// <param name="application">The address that people come back to.</param>
    /// <param name="isPublic">Whether the client has no secret.</param>
    public async Task RegisterAsync(string application, bool isPublic = false)
    {
        var client = new Dictionary<string, object>
        {
            ["client_id"] = ClientId,
            ["redirect_uris"] = new[] { $"{application}/sign-in/oidc/callback" },
            ["post_logout_redirect_uris"] = new[] { $"{application}/signed-out" },
            ["response_types"] = new[] { "code" },
            ["grant_types"] = new[] { "authorization_code" },
            ["token_endpoint_auth_method"] = isPublic ? "none" : "client_secret_post",
        };
        if (!isPublic) client["client_secret"] = Secret;
        using var http = new HttpClient();
        (await http.PutAsJsonAsync($"{Url}/clients", new[] { client }, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
    }

    /// <summary>Has somebody be in these groups from now on.</summary>
    public async Task ChangeGroupsAsync(string login, params string[] groups)
    {
        using var http = new HttpClient();
        (await http.PutAsJsonAsync($"{Url}/accounts/{login}/groups", groups, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
    }

    public Task EndAsync() => _child.KillAsync();

    public ValueTask DisposeAsync() => _child.DisposeAsync();
}
