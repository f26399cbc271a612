using System.Text.Json;
using Microsoft.Playwright;

namespace BulkQA.Api.Tests;

/// <summary>Opens pages of the console, and looks at them as axe-core does.</summary>
internal static class ConsolePages
{
    /// <summary>What is looked for: WCAG 2.2, A and AA, and what axe-core's makers hold to be good practice.</summary>
    private const string Rules = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']";

    private static readonly Lazy<string> _axe = new(() => File.ReadAllText(Path.Combine(ApiProcess.RepositoryRoot, "tests", "emulators", "node_modules", "axe-core", "axe.min.js")));

    /// <summary>
    /// The sizes and colours that each page is looked at in: each size, and both colours. Where screenshots are wanted, which somebody looks at, each size in both; what axe-core
    /// finds of colours does not depend on sizes.
    /// </summary>
    public static TheoryData<int, bool> Screens => Environment.GetEnvironmentVariable("BULKQA_SCREENSHOTS") is null
        ? new((1_440, false), (1_024, true), (390, false))
        : new(from width in (int[])[1_440, 1_024, 390] from isDark in (bool[])[false, true] select (width, isDark));

    /// <param name="browser">Which browser.</param>
    /// <param name="http">The service.</param>
    /// <param name="path">The page.</param>
    /// <param name="width">Of the window in pixels.</param>
    /// <param name="isDark">Whether the system asks for dark colours.</param>
    /// <param name="until">A selector of what is there once the page has what it shows.</param>
    public static async Task<IPage> OpenConsoleAsync(this Browser browser, HttpClient http, string path, int width = 1_440, bool isDark = false, string until = "main h1")
    {
        var page = await browser.OpenAsync();
        await page.EmulateMediaAsync(new() { ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light, ReducedMotion = ReducedMotion.Reduce });
        await page.SetViewportSizeAsync(width, 900);
        await page.GotoAsync(new Uri(http.BaseAddress!, path).ToString());
        await page.WaitForSelectorAsync(until);
        return page;
    }

    /// <summary>
    /// The page has nothing that axe-core finds wrong, and does not scroll sideways. Takes a screenshot, where those are wanted.
    /// </summary>
    /// <param name="page">What is looked at.</param>
    /// <param name="name">Of the screenshot.</param>
    public static async Task AssertGoodAsync(this IPage page, string name)
    {
        // Menus that make room for a narrower window take a moment. Looked at from within: the page's policy forbids the scripts that Playwright waits by.
        var fits = await page.EvaluateAsync<bool>("""
            new Promise(done => {
              const until = performance.now() + 5000;
              const look = () => {
                const root = document.documentElement;
                // Colours on their way from one to another are neither.
                const moves = document.getAnimations().some(animation => animation.playState === 'running' && animation.effect.getComputedTiming().iterations !== Infinity);
                if (root.scrollWidth <= root.clientWidth && !moves) done(true);
                else if (performance.now() > until) done(root.scrollWidth <= root.clientWidth);
                else requestAnimationFrame(look);
              };
              look();
            })
            """);
        await Browser.ScreenshotAsync(page, name);
        Assert.True(fits, $"{name}: the page scrolls sideways");
        await page.EvaluateAsync(_axe.Value);
        var found = await page.EvaluateAsync<JsonElement>($$"""axe.run(document, { runOnly: {{Rules}} }).then(run => run.violations.map(found => `${found.id}: ${found.help}: ${found.nodes.map(node => node.html).join(' | ')}`))""");
        Assert.True(found.GetArrayLength() == 0, $"{name}: {string.Join('\n', found.EnumerateArray())}");
    }
}
