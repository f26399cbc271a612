using System.Text;
using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class GroundTruthResponseTests
{
    [Fact]
    public void Parse_FileAsGroundTruthWritesIt_GivesEachAnswer()
    {
        var (responses, problems) = Parse("""
            {"answers":[
              {"acceptanceTime":"2026-05-20T08:13:20Z","answerContent":{"Dog-0":{"Confirmed":true}},"submissionTime":"2026-05-20T08:13:51Z","timeSpentInSeconds":30.25,"workerId":"private.eu-west-1.abc",
               "workerMetadata":{"identityData":{"identityProviderType":"Cognito","issuer":"https://cognito-idp.example/pool","sub":"1-2-3"}}},
              {"acceptanceTime":"2026-05-20T08:13:20","answerContent":"{\"Dog-0\":{\"Confirmed\":false}}","submissionTime":"2026-05-20T10:14:20+02:00","workerId":"bob"}]}
            """);
        Assert.Empty(problems);
        Assert.Equal(["private.eu-west-1.abc", "bob"], responses.Select(response => response.Worker.Value));
        Assert.Equal([30.25, 60], responses.Select(response => response.Taken.TotalSeconds));
        Assert.Equal(SubmissionTime.From(new DateTimeOffset(2026, 5, 20, 8, 13, 51, TimeSpan.Zero)), responses[0].SubmittedAt);
        Assert.Equal([AnswerKind.Confirm, AnswerKind.Disconfirm], responses.Select(response => Assert.Single(Answers.Parse(response.Content, ["Dog"], out _)!)));
    }

    [Theory]
    [InlineData("""{"workerId":"ann","answerContent":{}}""", "neither timeSpentInSeconds")]
    [InlineData("""{"workerId":"ann","answerContent":{},"timeSpentInSeconds":0}""", "not above 0")]
    [InlineData("""{"workerId":"ann","answerContent":{},"timeSpentInSeconds":86401}""", "at most 86400")]
    [InlineData("""{"workerId":"ann","answerContent":{},"timeSpentInSeconds":"9"}""", "not above 0")]
    [InlineData("""{"workerId":"ann","answerContent":{},"timeSpentInSeconds":1e999}""", "not above 0")]
    [InlineData("""{"workerId":"ann","answerContent":{},"acceptanceTime":"yesterday","submissionTime":"2026-01-01T00:00:00Z"}""", "acceptanceTime: 'yesterday'")]
    [InlineData("""{"workerId":"ann","answerContent":{},"acceptanceTime":"2026-01-02T00:00:00Z","submissionTime":"2026-01-01T00:00:00Z"}""", "not above 0")]
    [InlineData("""{"workerId":"ann","timeSpentInSeconds":9}""", "answerContent is missing")]
    [InlineData("""{"answerContent":{},"timeSpentInSeconds":9}""", "workerId:")]
    [InlineData("3", "not a JSON object")]
    public void Parse_AnswerThatCanNotBeRead_IsAProblemOfItsOwn(string answer, string problem)
    {
        var (responses, problems) = Parse($$"""{"answers":[{{answer}},{"workerId":"bob","answerContent":{},"timeSpentInSeconds":9}]}""");
        Assert.Equal("bob", Assert.Single(responses).Worker.Value);
        Assert.StartsWith("answer 0: ", Assert.Single(problems), StringComparison.Ordinal);
        Assert.Contains(problem, problems[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"answers":{}}""")]
    [InlineData("{")]
    public void Parse_NoFileOfAnswers_IsBadInput(string json) => Assert.Throws<BadInputException>(() => Parse(json));

    [Fact]
    public void Parse_AnyJson_GivesAnswersOrBadInput() => Gen.String.Sample(text =>
    {
        try
        {
            Parse($$"""{"answers":[{"workerId":{{text}}}]}""");
        }
        catch (BadInputException)
        {
            // The one way to refuse.
        }
    }, iter: 2_000);

    [Theory]
    [InlineData("out/job/annotations/worker-response/iteration-1/17/2026-05-20_08:13:51.json", 17)]
    [InlineData("iteration-2/0/a.JSON", 0)]
    [InlineData("iteration-1/-1/a.json", null)]
    [InlineData("iteration-1/1/2/a.json", null)]
    [InlineData("17/a.json", null)]
    [InlineData("iteration-1/99999999999/a.json", null)]
    [InlineData("iteration-1/1/a.txt", null)]
    public void ObjectOf_Path_IsTheFolderOfTheFile(string path, int? expected) => Assert.Equal(expected, GroundTruthResponse.ObjectOf(path));

    private static (System.Collections.Immutable.ImmutableArray<GroundTruthResponse> Responses, System.Collections.Immutable.ImmutableArray<string> Problems) Parse(string json) =>
        GroundTruthResponse.Parse(Encoding.UTF8.GetBytes(json));
}
