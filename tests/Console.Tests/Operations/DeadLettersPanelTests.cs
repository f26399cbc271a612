using Bunit;
using BulkQA.Web.Operations;
using MudBlazor;

namespace BulkQA.Web.Tests;

public sealed class DeadLettersPanelTests : ConsoleContext
{
    private const string Path = "/v1/dead-letters?limit=100";
    private const string Redrive = "/v1/dead-letters/redrive";

    [Fact]
    public async Task Redrive_OfChosenOnes_SendsTheirIdsAndLooksAgain()
    {
        var panel = Open();
        Assert.Contains("no such job", panel.Markup, StringComparison.Ordinal);
        Assert.True(Button(panel, "Send 0 back").HasAttribute("disabled"));
        await panel.FindAll("input[type=checkbox]")[1].ChangeAsync(true);
        Rest.Answer(Path, new { items = new[] { Letter("a") } });
        await SendAsync(panel, "Send 1 back");
        var asked = Assert.Single(Rest.Asked, asked => asked.Path == Redrive);
        Assert.Equal("""{"ids":["b"]}""", asked.Body!.ToJsonString());
        // Those that went back are gone, and nothing is chosen any more.
        Assert.Single(panel.FindAll("tbody tr"));
        Assert.True(Button(panel, "Send 0 back").HasAttribute("disabled"));
    }

    [Fact]
    public async Task Redrive_OfAll_NamesNone()
    {
        await SendAsync(Open(), "Send all back");
        Assert.Null(Assert.Single(Rest.Asked, asked => asked.Path == Redrive).Body!["ids"]);
    }

    [Fact]
    public async Task Redrive_Refused_SaysWhyAndKeepsTheChoice()
    {
        var panel = Open();
        await panel.FindAll("input[type=checkbox]")[0].ChangeAsync(true);
        Rest.Refuse(Redrive, System.Net.HttpStatusCode.ServiceUnavailable, "The queue does not answer.", "POST");
        await SendAsync(panel, "Send 1 back");
        Assert.Contains("The queue does not answer.", _dialogs!.Markup, StringComparison.Ordinal);
        Assert.False(Button(panel, "Send 1 back").HasAttribute("disabled"));
    }

    [Fact]
    public void Letters_WithoutAny_SaySo()
    {
        Rest.Answer(Path, new { items = Array.Empty<object>() });
        Assert.Contains("There are no dead letters.", Render<DeadLettersPanel>().Markup, StringComparison.Ordinal);
    }

    private IRenderedComponent<MudDialogProvider>? _dialogs;

    private static object Letter(string id) => new { id, reason = "no such job", at = "2026-11-30T10:00:00Z", body = "{}" };

    private IRenderedComponent<DeadLettersPanel> Open()
    {
        Rest.Answer(Path, new { items = new[] { Letter("a"), Letter("b") } });
        Rest.Answer(Redrive, new { redriven = 1 }, "POST");
        Render<MudPopoverProvider>();
        _dialogs = Render<MudDialogProvider>();
        return Render<DeadLettersPanel>();
    }

    private async Task SendAsync(IRenderedComponent<DeadLettersPanel> panel, string button)
    {
        await Button(panel, button).ClickAsync(new());
        await _dialogs!.FindAll("button").Single(found => found.TextContent.Trim() == "Send back").ClickAsync(new());
    }

    private static AngleSharp.Dom.IElement Button(IRenderedComponent<DeadLettersPanel> panel, string text) => panel.FindAll("button").Single(button => button.TextContent.Trim() == text);
}
