using System.Net;

namespace BulkQA.Api.Tests;

public sealed class PasskeySettingsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Passkeys_WhereAnIdentityProviderIsTheOnlyWayIn_AreOff()
    {
        using var folder = new TemporaryFolder();
        await using var process = await ApiProcess.StartAsync(folder.Path, "--BulkQA:SignIn:Oidc:Authority=https://issuer.invalid", "--BulkQA:SignIn:Oidc:ClientId=bulkqa");
        using var stranger = new SignedIn(process.Http.BaseAddress!);
        foreach (var path in (string[])["/sign-in/passkey/options", "/sign-in/passkey"]) Assert.NotEqual(HttpStatusCode.OK, (await stranger.Http.PostAsync(path, null, Cancellation)).StatusCode);
        var page = await (await stranger.GetPageAsync("/sign-in")).Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("Sign in with your organisation", page, StringComparison.Ordinal);
        Assert.DoesNotContain("passkey", page, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task PasskeyDomain_ThatIsAnAddress_IsRefusedAtStart()
    {
        using var folder = new TemporaryFolder();
        var (code, output) = await ApiProcess.RunToExitAsync(new Dictionary<string, string>(), "--urls", "http://127.0.0.1:0", "--data", folder.Path, "--BulkQA:SignIn:Enabled=true", "--BulkQA:SignIn:PasskeyDomain=https://qa.example.org");
        Assert.NotEqual(0, code);
        Assert.Contains("PasskeyDomain is 'https://qa.example.org'", output, StringComparison.Ordinal);
    }
}
