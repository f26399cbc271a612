using System.Net;
using AngleSharp.Dom;
using BulkQA.Web.Pictures;
using BulkQA.Web.Settings;
using Bunit;
using MudBlazor;

namespace BulkQA.Web.Tests;

/// <summary>How workers tell a class: what is changed of it, and in what words REST is asked.</summary>
public sealed class GuidanceTests : ConsoleContext
{
    private const string Path = "/v1/jobs/dogs/guidance?label=Big%20dog";
    private static readonly JobModel _job = new() { Name = "dogs", ImageBase = "s3://b/" };
    private static readonly CallerModel _operator = new() { Roles = ["operator"] };
    private static readonly CallerModel _viewer = new() { Roles = ["viewer"] };

    [Fact]
    public void Guidance_WithAPicture_HasItOnOneSideOrOnNone()
    {
        var said = new GuidanceModel { Right = ["a"], Wrong = ["b"] };
        Assert.Equal("a,c / b", Sides(said.With("c", isRight: true)));
        Assert.Equal(" / b", Sides(said.With("a", isRight: true)));
        Assert.Equal(" / b,a", Sides(said.With("a", isRight: false)));
        Assert.Equal("a,b / ", Sides(said.With("b", isRight: true)));

        static string Sides(GuidanceModel guidance) => $"{string.Join(',', guidance.Right)} / {string.Join(',', guidance.Wrong)}";
    }

    [Fact]
    public async Task Editor_OfAClass_SavesItsTextAndItsExamples()
    {
        Said(Guidance("A tail.", ["s3://b/1"], ["s3://b/2"]));
        Rest.Answer(Path, Guidance("A tail.\nEars.", ["s3://b/3"], ["s3://b/2"]), "PUT");
        var changed = 0;
        var editor = Edit(_operator, () => changed++);
        await editor.Find("textarea").ChangeAsync("A tail.\nEars.");
        await editor.Find("button[aria-label='Remove: Right examples, 1']").ClickAsync(new());
        await editor.Find("input").InputAsync(" s3://b/3 ");
        await Button(editor, "Right example").ClickAsync(new());
        await Button(editor, "Save").ClickAsync(new());
        Assert.Equal("""{"text":"A tail.\nEars.","right":["s3://b/3"],"wrong":["s3://b/2"]}""", Assert.Single(Rest.Asked, asked => asked.Method == "PUT").Body!.ToJsonString());
        Assert.Equal(1, changed);
        Assert.Equal(2, editor.FindAll(".guidance-pictures img").Count);
    }

    [Fact]
    public async Task Editor_RefusedByRest_SaysWhyAndKeepsWhatWasTyped()
    {
        Said();
        Rest.Refuse(Path, HttpStatusCode.BadRequest, "right: 7 pictures, 6 is the most", "PUT");
        var editor = Edit(_operator);
        await editor.Find("textarea").ChangeAsync("Ears.");
        await Button(editor, "Save").ClickAsync(new());
        Assert.Contains("6 is the most", editor.Markup, StringComparison.Ordinal);
        Assert.Equal("Ears.", editor.Find("textarea").GetAttribute("value") ?? editor.Find("textarea").TextContent);
        Assert.DoesNotContain(editor.FindAll("button"), button => button.TextContent.Trim() == "Take all of it away");
    }

    [Fact]
    public void Editor_OfWhoMayNotChangeTheJob_OnlyShows()
    {
        Said(Guidance("A tail.", ["s3://b/1"], []));
        var editor = Edit(_viewer);
        Assert.Empty(editor.FindAll("button"));
        Assert.True(editor.Find("textarea").HasAttribute("readonly"));
        Assert.Single(editor.FindAll("img"));
    }

    /// <summary>The text that somebody else has written since is kept.</summary>
    [Fact]
    public async Task Example_ChosenInThePicture_GoesToItsSideAndBack()
    {
        Said();
        var buttons = Render<ExampleButtons>(parameters => parameters.Add(one => one.Job, _job).Add(one => one.Image, new ImageKey("s3://b/1", "Big dog")));
        Assert.Equal("false", Button(buttons, "Right example (E)").GetAttribute("aria-pressed"));
        Said(Guidance("A tail.", [], ["s3://b/1"]));
        Rest.Answer(Path, Guidance("A tail.", ["s3://b/1"], []), "PUT");
        await Button(buttons, "Right example (E)").ClickAsync(new());
        Assert.Equal("""{"text":"A tail.","right":["s3://b/1"],"wrong":[]}""", Rest.Asked.Last().Body!.ToJsonString());
        Assert.Equal("true", Button(buttons, "Right example (E)").GetAttribute("aria-pressed"));
        Said(Guidance("A tail.", ["s3://b/1"], []));
        Rest.Answer(Path, Guidance("A tail.", [], []), "PUT");
        await buttons.InvokeAsync(() => buttons.Instance.TurnAsync(isRight: true));
        Assert.Equal("""{"text":"A tail.","right":[],"wrong":[]}""", Rest.Asked.Last().Body!.ToJsonString());
        Rest.Refuse(Path, HttpStatusCode.Forbidden, "Not yours.", "PUT");
        await buttons.InvokeAsync(() => buttons.Instance.TurnAsync(isRight: false));
        Assert.Contains("Not yours.", buttons.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WorkDialog_OfAJob_SendsAllOfItAnew()
    {
        Rest.Answer("/v1/jobs/dogs", new { name = "dogs" }, "PATCH");
        Render<MudPopoverProvider>();
        var dialogs = Render<MudDialogProvider>();
        var dialog = Render<WorkDialog>();
        await dialog.InvokeAsync(() => dialog.Instance.Open(_job with { Work = new() { Instructions = "Look.", SeeWholeBatch = true, GoldFeedback = false } }));
        await dialogs.FindAll("input[type=checkbox]")[1].ChangeAsync(true);
        Assert.Contains("measures them less", dialogs.Markup, StringComparison.Ordinal);
        await dialogs.FindAll("button").Single(button => button.TextContent.Trim() == "Change").ClickAsync(new());
        Assert.Equal("""{"work":{"instructions":"Look.","seeWholeBatch":true,"goldFeedback":true}}""", Assert.Single(Rest.Asked).Body!.ToJsonString());
    }

    [Fact]
    public void Work_InWords_SaysWhatIsAskedFor()
    {
        Assert.Equal("nothing beside the template", SettingWords.Work(null));
        Assert.Equal("“Look.”; the whole batch is looked at first; workers are told how they did on gold", SettingWords.Work(new() { Instructions = "Look.", SeeWholeBatch = true, GoldFeedback = true }));
        Assert.EndsWith("x…”", SettingWords.Work(new() { Instructions = new string('x', 500) }), StringComparison.Ordinal);
    }

    private void Said(params object[] items) => Rest.Answer(Path, new { items });

    private static object Guidance(string? text, string[] right, string[] wrong) => new { label = "Big dog", text, right, wrong };

    private IRenderedComponent<GuidanceEditor> Edit(CallerModel caller, Action? changed = null)
    {
        Render<MudPopoverProvider>();
        Render<MudDialogProvider>();
        return Render<GuidanceEditor>(parameters => parameters.AddCascadingValue(caller).Add(one => one.Job, _job).Add(one => one.Label, "Big dog").Add(one => one.Changed, changed ?? (() => { })));
    }

    private static IElement Button<T>(IRenderedComponent<T> component, string text) where T : Microsoft.AspNetCore.Components.IComponent =>
        component.FindAll("button").Single(button => button.TextContent.Trim() == text);
}
