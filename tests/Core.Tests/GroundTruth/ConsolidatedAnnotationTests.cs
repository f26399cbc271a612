using System.Text;
using System.Text.Json;

namespace BulkQA.Core.Tests;

public sealed class ConsolidatedAnnotationTests
{
    private static readonly TaskPolicy _policy = new(VerdictPolicy.Quorum(2), 3);

    [Fact]
    public void Response_Objects_IsOneEntryEachByTheirPolicies()
    {
        var image = Image("s3://b/1", 2, _ => true);
        Assert.Equal(
            """[{"datasetObjectId":"0","consolidatedAnnotation":{"content":{"shellfish":{"policy":"quorum(2)","policyRevision":3,"images":[{"s3_image_url":"s3://b/1","label":"Dog","verdict":"Confirmed","confirms":2,"disconfirms":0,"answers":{"w0":true,"w1":true}}]}}}},"""
            + """{"datasetObjectId":"1","consolidatedAnnotation":{"content":{"shellfish":{"images":[{"s3_image_url":"s3://b/1","label":"Dog","confirms":2,"disconfirms":0,"answers":{"w0":true,"w1":true}}]}}}},"""
            + """{"datasetObjectId":"2","consolidatedAnnotation":{"content":{"shellfish":{"images":[],"problems":["why"]}}}}]""",
            Encoding.UTF8.GetString(Respond(
                new ConsolidatedAnnotation("0", _policy, [image], []), new ConsolidatedAnnotation("1", null, [image], []), new ConsolidatedAnnotation("2", null, [], ["why"]))));
        Assert.Equal("[]", Encoding.UTF8.GetString(Respond()));
    }

    [Fact]
    public void Response_WorkersWhoCouldNotTellOrSee_AreCountedAndNamedBesideTheVotes()
    {
        var image = new ConsolidatedImage(new LabelingInput("s3://b/1", "Dog", "80"), AnswerSet.Of(
            ((AnswerKind[])[AnswerKind.Confirm, AnswerKind.NotSeen, AnswerKind.CantTell, AnswerKind.Disconfirm, AnswerKind.NotSeen])
                .Select((kind, worker) => new ImageAnswer(WorkerId.Create($"w{worker}"), kind, default))));
        Assert.Equal(
            """[{"datasetObjectId":"0","consolidatedAnnotation":{"content":{"shellfish":{"policy":"quorum(2)","policyRevision":3,"images":[{"s3_image_url":"s3://b/1","label":"Dog","verdict":"Split","confirms":1,"disconfirms":1,"cantTell":1,"notSeen":2"""
            + ""","answers":{"w0":true,"w1":"notSeen","w2":"cantTell","w3":false,"w4":"notSeen"}}]}}}}]""",
            Encoding.UTF8.GetString(Respond(new ConsolidatedAnnotation("0", _policy, [image], []))));
    }

    [Fact]
    public void Response_AnswersTakeTooMuch_LeavesThemOutOfTheLargestObjectsOnly()
    {
        var contents = Contents(Respond([.. ((int[])[100, 10_500, 11_000, 10_700]).Select(count => Object(count, workers: 9))]));
        Assert.Equal([100, 10_500, 11_000, 10_700], contents.Select(content => content.GetProperty("images").GetArrayLength()));
        Assert.Equal([null, null, "answers", "answers"], contents.Select(Omitted));
        Assert.Equal([true, true, false, false], contents.Select(content => content.GetProperty("images")[0].TryGetProperty("answers", out _)));
        Assert.All(contents, content => Assert.Equal("Confirmed", content.GetProperty("images")[0].GetProperty("verdict").GetString()));
    }

    [Fact]
    public void Response_ImagesTakeTooMuch_LeavesTotalsOfTheLargestObjects()
    {
        var contents = Contents(Respond(
            Object(20_000, workers: 3, index => index % 4), Object(60_000, workers: 3, index => index % 4), Object(60_000, workers: 3, index => index % 4) with { Policy = null },
            new ConsolidatedAnnotation("unreadable", null, [], ["why"])));
        Assert.Equal(["answers", "answers,images", "answers,images", null], contents.Select(Omitted));
        Assert.Equal(20_000, contents[0].GetProperty("images").GetArrayLength());
        Assert.Equal("""{"images":60000,"confirms":90000,"disconfirms":90000,"confirmed":30000,"disconfirmed":30000,"split":0,"unreviewed":0}""", contents[1].GetProperty("totals").GetRawText());
        Assert.Equal("""{"images":60000,"confirms":90000,"disconfirms":90000}""", contents[2].GetProperty("totals").GetRawText());
        Assert.Equal("why", contents[3].GetProperty("problems")[0].GetString());
    }

    [Fact]
    public void Response_EvenProblemsTakeTooMuch_StillHasAnEntryOfEachObject()
    {
        var problem = new string('x', 1_000);
        var contents = Contents(Respond([.. Enumerable.Range(0, 100).Select(number => Object(10, workers: 1) with { Problems = [.. Enumerable.Repeat(problem, number + 50)] })]));
        Assert.Equal(100, contents.Length);
        Assert.All(contents, content => Assert.Equal(10, content.GetProperty("totals").GetProperty("images").GetInt32()));
        Assert.Equal(["answers,images", "answers,images,problems"], contents.Select(Omitted).Distinct());
        Assert.Equal("answers,images", Omitted(contents[0]));
    }

    /// <summary>An object of no images, and images without votes, have nothing to be left out.</summary>
    [Fact]
    public void Response_TooLargeThoughThereIsNothingToLeaveOut_SaysNothingOfIt()
    {
        var content = Contents(Respond(Object(60_000, workers: 0), new ConsolidatedAnnotation("none", _policy, [], [])));
        Assert.Equal(["images", null], content.Select(Omitted));
        Assert.Equal(60_000, content[0].GetProperty("totals").GetProperty("unreviewed").GetInt32());
    }

    /// <summary>By how many of the workers each image is confirmed.</summary>
    private static ConsolidatedAnnotation Object(int images, int workers, Func<int, int>? confirms = null) => new(
        "id", _policy, [.. Enumerable.Range(0, images).Select(index => Image($"s3://b/{index:D40}", workers, worker => worker < (confirms?.Invoke(index) ?? workers)))], []);

    private static ConsolidatedImage Image(string url, int workers, Func<int, bool> confirmed) => new(
        new LabelingInput(url, "Dog", "80"),
        AnswerSet.Of(Enumerable.Range(0, workers).Select(worker => new ImageAnswer(WorkerId.Create($"w{worker}"), confirmed(worker) ? AnswerKind.Confirm : AnswerKind.Disconfirm, default))));

    private static byte[] Respond(params ConsolidatedAnnotation[] objects)
    {
        Assert.True(LabelAttributeName.TryCreate("shellfish", out var attribute, out _));
        var response = ConsolidatedAnnotation.Response(attribute, objects);
        Assert.InRange(response.Length, 2, ConsolidatedAnnotation.MaxResponseBytes);
        return response;
    }

    private static JsonElement[] Contents(byte[] response) => [.. JsonDocument.Parse(response).RootElement.EnumerateArray()
        .Select(entry => entry.GetProperty("consolidatedAnnotation").GetProperty("content").GetProperty("shellfish"))];

    private static string? Omitted(JsonElement content) =>
        content.TryGetProperty("omitted", out var omitted) ? string.Join(',', omitted.EnumerateArray().Select(name => name.GetString())) : null;
}
