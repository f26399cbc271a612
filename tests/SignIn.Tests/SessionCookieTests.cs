using CsCheck;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;

namespace BulkQA.Api.Tests;

public sealed class SessionCookieTests
{
    [Theory]
    [InlineData("bulkqa.example.com", "http", "__Host-session=a; path=/; secure; samesite=lax; httponly")]
    [InlineData("bulkqa.example.com", "https", "__Host-session=a; path=/; secure; samesite=lax; httponly")]
    [InlineData("localhost", "https", "__Host-session=a; path=/; secure; samesite=lax; httponly")]
    [InlineData("localhost:5080", "http", "session=a; path=/; samesite=lax; httponly")]
    public void Cookie_OfASession_IsOfItsHostAloneAndOverTlsButOnLoopback(string host, string scheme, string expected)
    {
        var options = new CookieAuthenticationOptions();
        SessionCookies.Harden(options, "session");
        var context = new DefaultHttpContext { Request = { Scheme = scheme, Host = new HostString(host) } };
        options.CookieManager.AppendResponseCookie(context, options.Cookie.Name!, "a", options.Cookie.Build(context));
        Assert.Equal(expected, context.Response.Headers.SetCookie);
        // One that another host of the domain set is not taken for it.
        context.Request.Headers.Cookie = expected.StartsWith("__Host-", StringComparison.Ordinal) ? "session=theirs" : "__Host-session=theirs";
        Assert.Null(options.CookieManager.GetRequestCookie(context, options.Cookie.Name!));
        context.Request.Headers.Cookie = expected.Split(';')[0];
        Assert.Equal("a", options.CookieManager.GetRequestCookie(context, options.Cookie.Name!));
    }

    /// <summary>By how .NET resolves addresses, which is how the standard of the web does, but for what it leaves out first.</summary>
    [Fact]
    public void LocalUrl_ThatIsTaken_LeadsToThisHost()
    {
        var here = new Uri("https://bulkqa.example.com/sign-in");
        Gen.Char["/\\.:@?#%a\t\n ev"].Array[0, 8].Select(characters => new string(characters)).Sample(text =>
        {
            if (!LocalUrl.IsLocal(text)) return;
            var browsers = text.Replace('\\', '/');
            Assert.Equal(here.Authority, new Uri(here, browsers).Authority);
        }, iter: 20_000);
        foreach (var good in (string[])["/", "/work", "/work/dogs?a=//b&c=https://x", "/jobs/a%2Fb#c"]) Assert.True(LocalUrl.IsLocal(good), good);
    }
}
