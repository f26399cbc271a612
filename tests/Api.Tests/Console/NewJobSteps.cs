using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace BulkQA.Api.Tests;

/// <summary>What somebody does who makes a job in the console.</summary>
internal static class NewJobSteps
{
    public static Task TakeAsync(this IPage page, string step, string name, byte[] content) =>
        page.Locator($"section[aria-label={step}] input[type=file]").First.SetInputFilesAsync(new FilePayload { Name = name, MimeType = "application/octet-stream", Buffer = content });

    /// <summary>On to a step, until it is shown: a further click before that would be lost.</summary>
    public static async Task NextAsync(this IPage page, string step)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Next" }).ClickAsync();
        await Expect(page.Locator($"section[aria-label={step}]")).ToBeVisibleAsync();
    }
}
