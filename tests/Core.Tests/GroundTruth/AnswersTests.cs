namespace BulkQA.Core.Tests;

public sealed class AnswersTests
{
    [Fact]
    public void Parse_KeysInAnyOrder_LandOnTheRightImages()
    {
        // Sorted by key, Dog-10 and Dog-11 come before Dog-2: pairing by order would mix them up.
        var boxes = Enumerable.Range(0, 12).OrderBy(index => $"Dog-{index}", StringComparer.Ordinal)
            .Select(index => $"\"Dog-{index}\":{{\"Confirmed\":{(index % 3 == 0 ? "true" : "false")}}}");
        var answers = Answers.Parse($"{{{string.Join(',', boxes)}}}", [.. Enumerable.Repeat("Dog", 12)], out var problems);
        Assert.Empty(problems);
        Assert.Equal(Enumerable.Range(0, 12).Select(index => index % 3 == 0 ? AnswerKind.Confirm : AnswerKind.Disconfirm), answers!);
    }

    [Theory]
    [InlineData("Saint-Bernard")]
    [InlineData("Dog-1")]
    [InlineData("3 犬 🐕")]
    [InlineData("-")]
    [InlineData("a \"b\"")]
    public void Parse_LabelWithDashesDigitsAndAnyUnicode_IsMatched(string label)
    {
        var name = System.Text.Json.JsonSerializer.Serialize($"{label}-0");
        Assert.Equal([AnswerKind.Confirm], Answers.Parse($"{{{name}:{{\"Confirmed\":true}}}}", [label], out _)!);
    }

    [Theory]
    [InlineData("""{"Confirmed":true}""", AnswerKind.Confirm)]
    [InlineData("""{"Confirmed":false}""", AnswerKind.Disconfirm)]
    [InlineData("""{"NotSeen":true}""", AnswerKind.NotSeen)]
    [InlineData("""{"CantTell":true}""", AnswerKind.CantTell)]
    // The page's boxes come ticked: who marks an image as not seen leaves the tick.
    [InlineData("""{"Confirmed":true,"NotSeen":true}""", AnswerKind.NotSeen)]
    [InlineData("""{"CantTell":true,"Confirmed":false}""", AnswerKind.CantTell)]
    [InlineData("""{"CantTell":true,"NotSeen":true}""", AnswerKind.NotSeen)]
    [InlineData("""{"Confirmed":true,"NotSeen":false,"CantTell":false}""", AnswerKind.Confirm)]
    [InlineData("""{"Confirmed":false,"CantTell":false,"more":1}""", AnswerKind.Disconfirm)]
    public void Parse_Box_IsThatAnswer(string box, AnswerKind kind)
    {
        Assert.Equal([kind], Answers.Parse($"{{\"Dog-0\":{box}}}", ["Dog"], out var problems)!);
        Assert.Empty(problems);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"NotSeen":false}""")]
    [InlineData("""{"CantTell":false,"NotSeen":false}""")]
    [InlineData("""{"notSeen":true}""")]
    [InlineData("""{"Confirmed":null}""")]
    [InlineData("""{"Confirmed":1}""")]
    // Never a guess: a tick that stays is no confirmation where something was meant to be said.
    [InlineData("""{"Confirmed":true,"NotSeen":"yes"}""")]
    [InlineData("""{"Confirmed":true,"CantTell":1}""")]
    [InlineData("""[]""")]
    public void Parse_BoxThatSaysNothing_IsAnErrorOfTheWholeAnswer(string box)
    {
        Assert.Null(Answers.Parse($"{{\"Dog-0\":{box},\"Dog-1\":{{\"Confirmed\":true}}}}", ["Dog", "Dog"], out var problems));
        Assert.Equal("""box 'Dog-0' is none of {"Confirmed": true}, {"Confirmed": false}, {"NotSeen": true} and {"CantTell": true}""", Assert.Single(problems));
    }

    [Theory]
    [InlineData("{\"Dog-0\":{\"Confirmed\":true}}", "'Dog-1' is missing")]
    [InlineData("{\"Dog-0\":{\"Confirmed\":true},\"Dog-1\":{\"Confirmed\":true},\"Dog-2\":{\"Confirmed\":true}}", "'Dog-2' is not of this task")]
    [InlineData("{\"Dog-0\":{\"Confirmed\":true},\"Cat-1\":{\"Confirmed\":true}}", "'Cat-1' is not of this task")]
    [InlineData("{\"Dog-0\":{\"Confirmed\":true},\"Dog-1\":{\"Confirmed\":true},\"Dog-1\":{\"Confirmed\":false}}", "'Dog-1' comes twice")]
    [InlineData("{\"Dog-0\":{\"NotSeen\":true},\"Dog-0\":{\"NotSeen\":true},\"Dog-1\":{\"CantTell\":true}}", "'Dog-0' comes twice")]
    [InlineData("{\"Dog-0\":{\"CantTell\":true}}", "'Dog-1' is missing")]
    [InlineData("{\"Dog-0\":{\"Confirmed\":true},\"Dog-01\":{\"Confirmed\":true}}", "'Dog-01' is not of this task")]
    [InlineData("{\"Dog-0\":{\"Confirmed\":true},\"Dog--1\":{\"Confirmed\":true}}", "'Dog--1' is not of this task")]
    [InlineData("{\"Dog-0\":{\"Confirmed\":true},\"Dog-1\":true}", "'Dog-1' is none of {\"Confirmed\": true}")]
    [InlineData("{\"Dog-0\":{\"Confirmed\":true},\"Dog-1\":{\"confirmed\":true}}", "'Dog-1' is none of {\"Confirmed\": true}")]
    [InlineData("{\"Dog-0\":{\"Confirmed\":\"yes\"},\"Dog-1\":{\"Confirmed\":true}}", "'Dog-0' is none of {\"Confirmed\": true}")]
    [InlineData("{\"Dog-0\":{\"Confirmed\":true},\"\\ud800-1\":{\"Confirmed\":true}}", "not valid Unicode")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("{", "not valid JSON")]
    public void Parse_NotExactlyTheBoxes_IsAnErrorOfTheWholeAnswer(string content, string problem)
    {
        Assert.Null(Answers.Parse(content, ["Dog", "Dog"], out var problems));
        Assert.Contains(problems, found => found.Contains(problem, StringComparison.Ordinal));
    }

    [Fact]
    public void Parse_ThousandsOfForeignBoxes_ReportsAFew()
    {
        var boxes = string.Join(',', Enumerable.Range(0, 5_000).Select(index => $"\"x{index}\":1"));
        Answers.Parse($"{{{boxes}}}", ["Dog"], out var problems);
        Assert.InRange(problems.Count, 1, 20);
    }
}
