using Microsoft.AspNetCore.Authentication.Cookies;

namespace BulkQA.Api;

/// <summary>Cookies of sessions and of signing in: out of reach of scripts, of other sites' forms and of plain connections.</summary>
internal static class SessionCookies
{
    /// <summary>
    /// Makes a cookie scheme's cookie one of this host alone: <c>__Host-</c> before its name, with which browsers take it over
    /// TLS only and from no other host of the domain. On a loopback address without TLS it has neither.
    /// </summary>
    public static void Harden(CookieAuthenticationOptions options, string name)
    {
        options.Cookie = New(name);
        options.CookieManager = new OfThisHost();
    }

    /// <summary>A cookie that goes along when a link of another site leads here, and with nothing else of another site.</summary>
    public static CookieBuilder New(string name) => new SecureBeyondLoopback
    {
        Name = name,
        Path = "/",
        HttpOnly = true,
        IsEssential = true,
        SameSite = SameSiteMode.Lax,
    };

    /// <summary>By the host and not by the connection alone: a load balancer may end TLS before us.</summary>
    private static bool IsSecure(HttpContext context) => context.Request.IsHttps || !ListeningAddresses.IsLoopbackHost(context.Request.Host.Host);

    private sealed class SecureBeyondLoopback : CookieBuilder
    {
        public override CookieOptions Build(HttpContext context, DateTimeOffset expiresFrom)
        {
            var options = base.Build(context, expiresFrom);
            options.Secure = IsSecure(context);
            return options;
        }
    }

    private sealed class OfThisHost : ICookieManager
    {
        private const string Prefix = "__Host-";

        private readonly ChunkingCookieManager _cookies = new();

        public string? GetRequestCookie(HttpContext context, string key) => _cookies.GetRequestCookie(context, Name(context, key));

        public void AppendResponseCookie(HttpContext context, string key, string? value, CookieOptions options) =>
            _cookies.AppendResponseCookie(context, Name(context, key), value, options);

        public void DeleteCookie(HttpContext context, string key, CookieOptions options) => _cookies.DeleteCookie(context, Name(context, key), options);

        private static string Name(HttpContext context, string key) => IsSecure(context) ? Prefix + key : key;
    }
}
