using System.Net.Http.Json;
using Microsoft.Playwright;

namespace BulkQA.Api.Tests;

/// <summary>From a link to an answered batch by a passkey alone, with a device of Chromium's.</summary>
public sealed class InvitationPasskeyBrowserTests(SignInProcess process, Browser browser) : IClassFixture<SignInProcess>, IClassFixture<Browser>
{
    private Uri Site => new($"http://localhost:{process.Address.Port}");

    [Fact]
    public async Task Invited_WithoutAPassword_MakesAPasskeyAndAnswersABatch()
    {
        await CreateJobAsync();
        var page = await browser.OpenAsync();
        var device = await VirtualDevice.AddAsync(page, knowsTheFinger: false);
        await page.GotoAsync($"{Site}invitation#{SignedIn.SecretOf(await process.Operator.InviteAsync(new { role = "worker" }))}");
        // Nothing is asked of the device before there are names.
        await page.ClickAsync("#take-by-passkey");
        await page.FillAsync("[name=name]", "Pia Passkey");
        await page.FillAsync("[name=signInName]", "pia@example.org");
        await LookAsync(page, "invitation-passkey");
        await page.ClickAsync("#take-by-passkey");
        Assert.Contains("cancelled", await page.InnerTextAsync("#passkey-problem:visible"), StringComparison.Ordinal);
        Assert.Equal(0, await device.CountAsync());
        // The link is good still.
        await device.KnowTheFingerAsync();
        await page.ClickAsync("#take-by-passkey");
        await page.WaitForURLAsync("**/work");
        Assert.Equal(1, await device.CountAsync());
        await page.ClickAsync("text=Next batch");
        await page.ShownAsync();
        await page.ClickAsync("button.submit");
        await page.WaitForSelectorAsync("text=1 of 1");
        await page.GotoAsync(new Uri(Site, "/me").ToString());
        await LookAsync(page, "me-without-password");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Remove" })).ToHaveCountAsync(0);
        // The passkey stands for the password, and with a password it may go.
        await page.FillAsync("[name=password]", SignedIn.Password);
        await page.ClickAsync("text=Set a password");
        await Assertions.Expect(page.GetByText("Your password is changed")).ToBeVisibleAsync();
        await page.FillAsync("#confirm", SignedIn.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await Assertions.Expect(page.GetByText("The passkey is removed")).ToBeVisibleAsync();
    }

    /// <summary>Whoever forgot the password may do without one from then on; adding and removing passkeys asks for one of them.</summary>
    [Fact]
    public async Task PasswordLink_TakenByAPasskey_LeavesAnAccountThatIsChangedByPasskeys()
    {
        using var ola = await SignedIn.InvitedAsync(Site, await process.Operator.InviteAsync(new { role = "worker" }), "Ola");
        var link = await (await process.Operator.Http.PostAsync($"/v1/people/{ola.PersonId}/password-link", null, TestContext.Current.CancellationToken)).JsonAsync();
        var page = await browser.OpenAsync();
        await VirtualDevice.AddAsync(page);
        await page.GotoAsync($"{Site}invitation#{SignedIn.SecretOf(link.String("link"))}");
        await LookAsync(page, "password-link-passkey");
        await page.ClickAsync("#take-by-passkey");
        await page.WaitForURLAsync("**/work");
        await page.GotoAsync(new Uri(Site, "/me").ToString());
        Assert.Equal(0, await page.Locator("#confirm").CountAsync());
        // A second device, in whose place the first one answers.
        await page.ClickAsync("#add-passkey");
        Assert.Contains("already", await page.InnerTextAsync("#passkey-problem:visible"), StringComparison.Ordinal);
        await VirtualDevice.AddAsync(page, transport: "usb");
        await page.ClickAsync("#add-passkey");
        await Assertions.Expect(page.GetByText("The passkey is added")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove Passkey 1" }).ClickAsync();
        await Assertions.Expect(page.GetByText("The passkey is removed")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("#passkeys li")).ToHaveCountAsync(1);
    }

    /// <summary>Wide and narrow, light and dark.</summary>
    private static async Task LookAsync(IPage page, string name)
    {
        var size = page.ViewportSize!;
        foreach (var (width, scheme) in ((int, ColorScheme)[])[(390, ColorScheme.Dark), (size.Width, ColorScheme.Light)])
        {
            await page.SetViewportSizeAsync(width, size.Height);
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            await page.AssertGoodAsync($"{name}-{width}");
        }
    }

    /// <summary>One batch of two pictures.</summary>
    private async Task CreateJobAsync()
    {
        var job = $"passkey-{Guid.NewGuid():N}"[..20];
        (await process.Operator.Http.PostAsJsonAsync("/v1/jobs", new { name = job, batchSize = 2 }, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        for (var number = 0; number < 2; number++) await WorkerJobs.WritePictureAsync(process.DataDirectory, $"{job}/{number}.png", number);
        await process.Operator.Http.ImportAsync(job, $"{job}/0.png,Dog,90\n{job}/1.png,Dog,91");
    }
}
