namespace BulkQA.Api;

/// <summary>What a browser calls itself, in two words: enough to tell one's own from another's. More of what it sends is not kept.</summary>
internal static class BrowserName
{
    /// <summary>Most call themselves Chrome or Safari, too: those come last.</summary>
    private static readonly (string Sign, string Name)[] _browsers =
    [
        ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Vivaldi/", "Vivaldi"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"),
        ("Chrome/", "Chrome"), ("CriOS/", "Chrome"), ("Safari/", "Safari"),
    ];

    private static readonly (string Sign, string Name)[] _systems =
        [("Android", "Android"), ("iPhone", "iOS"), ("iPad", "iOS"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")];

    public static (string? Browser, string? System) Of(string userAgent) => (Find(_browsers, userAgent), Find(_systems, userAgent));

    private static string? Find((string Sign, string Name)[] known, string userAgent) =>
        known.FirstOrDefault(entry => userAgent.Contains(entry.Sign, StringComparison.Ordinal)).Name;
}
