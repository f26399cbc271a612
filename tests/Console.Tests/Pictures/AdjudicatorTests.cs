using System.Net;
using BulkQA.Web.Pictures;

namespace BulkQA.Web.Tests;

public sealed class AdjudicatorTests : IDisposable
{
    private readonly RestStub _rest = new();
    private readonly List<string> _changed = [];
    private readonly Adjudicator _adjudicator;

    public AdjudicatorTests() => _adjudicator = new Adjudicator(_rest.NewClient(), "dogs", image => _changed.Add($"{image.ImageUrl} {image.Final}"));

    [Fact]
    public async Task Undo_OfAnImageThatHadNoDecision_WithdrawsIt()
    {
        Answer("a", "Confirmed");
        await _adjudicator.DecideAsync([Image("a")], "Confirmed", null, "clear");
        Assert.True(_adjudicator.MayUndo);
        Assert.Equal("""{"verdict":"Confirmed","rightLabel":null,"note":"clear"}""", _rest.Asked.Single(asked => asked.Method == "PUT").Body!.ToJsonString());
        Assert.Equal((1, 0), await _adjudicator.UndoAsync());
        Assert.Equal(1, _rest.Count(Path("a"), "DELETE"));
        Assert.False(_adjudicator.MayUndo);
        Assert.Equal(["a Confirmed", "a Unreviewed"], _changed);
    }

    [Fact]
    public async Task Undo_OfAnImageThatWasDecidedBefore_PutsBackWhatWasSaid()
    {
        Answer("a", "Disconfirmed");
        await _adjudicator.DecideAsync([Image("a") with { Adjudication = new AdjudicationModel { Verdict = "Disconfirmed", RightLabel = "Cat", Note = "ears" } }], "Confirmed", null, null);
        await _adjudicator.UndoAsync();
        Assert.Equal("""{"verdict":"Disconfirmed","rightLabel":"Cat","note":"ears"}""", _rest.Asked.Last().Body!.ToJsonString());
        Assert.Equal(0, _rest.Count(Path("a"), "DELETE"));
    }

    [Fact]
    public async Task Decide_WhereOneOfManyIsRefused_CanTakeBackTheOthers()
    {
        foreach (var name in (string[])["a", "b", "c"]) Answer(name, "Confirmed");
        _rest.Refuse(Path("b"), HttpStatusCode.Conflict, "The image is gold.", "PUT");
        var refusal = await Assert.ThrowsAsync<RestException>(() => _adjudicator.DecideAsync([Image("a"), Image("b"), Image("c")], "Confirmed", null, null));
        Assert.Equal("The image is gold.", refusal.Detail);
        Assert.Equal((2, 0), await _adjudicator.UndoAsync());
        Assert.Equal((1, 0, 1), (_rest.Count(Path("a"), "DELETE"), _rest.Count(Path("b"), "DELETE"), _rest.Count(Path("c"), "DELETE")));
    }

    [Fact]
    public async Task Undo_RefusedMeanwhile_CanBeTriedAgain()
    {
        Answer("a", "Confirmed");
        await _adjudicator.DecideAsync([Image("a")], "Confirmed", null, null);
        _rest.Refuse(Path("a"), HttpStatusCode.ServiceUnavailable, "Later.", "DELETE");
        await Assert.ThrowsAsync<RestException>(_adjudicator.UndoAsync);
        Answer("a", "Confirmed");
        Assert.Equal((1, 0), await _adjudicator.UndoAsync());
    }

    [Fact]
    public async Task Undo_OfAnImageThatSomebodyDecidedSince_LeavesItAlone()
    {
        Answer("a", "Confirmed");
        Answer("b", "Confirmed");
        await _adjudicator.DecideAsync([Image("a"), Image("b")], "Confirmed", null, null);
        _rest.Answer("/v1/jobs/dogs/image?url=a&label=Dog", new { imageUrl = "a", label = "Dog", final = "Disconfirmed", adjudication = new { verdict = "Disconfirmed", by = "eve" } });
        Assert.Equal((1, 1), await _adjudicator.UndoAsync());
        Assert.Equal((0, 1), (_rest.Count(Path("a"), "DELETE"), _rest.Count(Path("b"), "DELETE")));
        Assert.Contains("a Disconfirmed", _changed);
    }

    [Fact]
    public async Task Undo_StepByStep_GoesBackwardsAndNoFurtherThanItRemembers()
    {
        Answer("a", "Confirmed");
        for (var step = 0; step < Adjudicator.MaxSteps + 5; step++) await _adjudicator.DecideAsync([Image("a")], "Confirmed", null, null);
        var steps = 0;
        while ((await _adjudicator.UndoAsync()).Undone > 0) steps++;
        Assert.Equal(Adjudicator.MaxSteps, steps);
    }

    public void Dispose() => _rest.Dispose();

    private static ImageModel Image(string url) => new() { ImageUrl = url, Label = "Dog" };

    private static string Path(string url) => $"/v1/jobs/dogs/image/adjudication?url={url}&label=Dog";

    private void Answer(string url, string final)
    {
        _rest.Answer($"/v1/jobs/dogs/image?url={url}&label=Dog", new { imageUrl = url, label = "Dog", final });
        _rest.Answer(Path(url), new { imageUrl = url, label = "Dog", final }, "PUT");
        _rest.Answer(Path(url), new { imageUrl = url, label = "Dog", final = "Unreviewed" }, "DELETE");
    }
}
