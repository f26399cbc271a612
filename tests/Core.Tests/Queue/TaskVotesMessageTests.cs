using System.Collections.Immutable;
using System.Text;
using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class TaskVotesMessageTests
{
    private const string Whole =
        """{"schema":1,"job":"Dogs","incarnation":"dogs~0123456789ab","task":7,"submittedAt":639000000000000000,"images":[{"url":"s3://b/1","label":"Dog","confidence":"87.27","answers":{"ann":true,"bob":false}}]}""";

    /// <summary>The contract between Lambdas and silos of different versions.</summary>
    [Fact]
    public void Write_Message_IsThisText()
    {
        var message = new TaskVotesMessage(
            JobName.Create("Dogs"), Incarnation.Parse("dogs~0123456789ab"), new TaskNumber(7), new SubmissionTime(639_000_000_000_000_000),
            [new MessageImage(ImageUrl.Create("s3://b/1"), Label.Create("Dog"), Percent.Create(87.27), [Answer("ann", true), Answer("bob", false)])]);
        Assert.Equal(Whole, Encoding.UTF8.GetString(message.Write()));
    }

    [Fact]
    public void Parse_WhatWasWritten_IsTheSame() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[0, 9], Gen.String[Gen.Char['!', '\uD7FF'].Where(c => !char.IsControl(c)), 1, 20], Gen.Double[0, 100], Gen.Bool).Sample((count, workers, text, confidence, known) =>
        {
            var images = Enumerable.Range(0, count).Select(number => new MessageImage(
                ImageUrl.Create($"s3://b/{number}{text}"), Label.Create(text), known ? Percent.Create(confidence) : null,
                [.. Enumerable.Range(0, workers + 1).Select(worker => Answer($"{text}{worker}", worker % 2 == 0))])).ToImmutableArray();
            var message = new TaskVotesMessage(
                JobName.Create("a"), known ? Incarnation.New(JobName.Create("a")) : null, known ? new TaskNumber(count) : null,
                new SubmissionTime(count), images);
            var (read, problems) = TaskVotesMessage.Parse(message.Write());
            Assert.Empty(problems);
            Assert.Equal(message with { Images = [] }, read with { Images = [] });
            Assert.Equal(Flat(message), Flat(read));
        }, iter: 500, print: value => value.Item3.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("", "not valid JSON")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("""{"job":"a"}""", "schema: missing")]
    [InlineData("""{"schema":2,"job":"a","images":[1]}""", "schema: 2 is not known")]
    [InlineData("""{"schema":1,"images":[1]}""", "job: ")]
    [InlineData("""{"schema":1,"job":"a","incarnation":"b","images":[1]}""", "not a job's incarnation")]
    [InlineData("""{"schema":1,"job":"a","images":[]}""", "images: not an array of 1 to")]
    [InlineData("""{"schema":1,"job":"a","submittedAt":-1,"images":[1]}""", "submittedAt")]
    [InlineData("""{"schema":1,"job":"\ud800","images":[1]}""", "not valid Unicode")]
    public void Parse_NoMessage_SaysWhy(string json, string reason) => Assert.Contains(
        reason, Assert.Throws<BadInputException>(() => TaskVotesMessage.Parse(Encoding.UTF8.GetBytes(json))).Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_BadImagesAmongGoodOnes_GivesTheGoodAndNamesTheBad()
    {
        var (message, problems) = TaskVotesMessage.Parse(Encoding.UTF8.GetBytes("""
            {"schema":1,"job":"a","more":1,"images":[7,{"url":"s3://b/1","label":"Dog","answers":{"w":true}},{"url":"","label":"Dog","answers":{"w":true}},
            {"url":"s3://b/1","label":"Dog","answers":{}},{"url":"s3://b/1","label":"Dog","confidence":"x","answers":{"w":true}},{"url":"s3://b/1","label":"Dog","answers":{"w":1}}]}
            """));
        Assert.Single(message.Images);
        Assert.Equal(["image 0: it is", "image 2: the im", "image 3: it has", "image 4: confid", "image 5: the an"], problems.Select(problem => problem[..15].TrimEnd()));
    }

    [Fact]
    public void WriteParts_TooLargeForTheQueue_GivesPartsThatFitAndHoldEveryImageOnce()
    {
        var image = new MessageImage(ImageUrl.Create("s3://b/" + new string('"', 900)), Label.Create("Dog"), null,
            [.. Enumerable.Range(0, 9).Select(worker => Answer(new string('"', 120) + worker, true))]);
        var images = Enumerable.Range(0, 1_000).Select(number => image with { Url = ImageUrl.Create($"{image.Url}{number}") }).ToImmutableArray();
        var message = new TaskVotesMessage(JobName.Create("a"), null, new TaskNumber(1), default, images);
        var parts = message.WriteParts().ToList();
        Assert.True(parts.Count > 1);
        Assert.All(parts, part => Assert.InRange(part.Length, 1, TaskVotesMessage.MaxBytes));
        // Whatever becomes a dead letter has room for its reason.
        var reason = new string('犬', 1_000);
        Assert.All(parts, part => Assert.Equal(reason, DeadLetterReason.Fit(reason, Encoding.UTF8.GetString(part))));
        var read = parts.Select(part => TaskVotesMessage.Parse(part).Message).ToList();
        Assert.All(read, part => Assert.Null(part.Task));
        Assert.Equal(images.Select(each => each.Url), read.SelectMany(part => part.Images).Select(each => each.Url));
    }

    /// <summary>The reader refuses messages of more images.</summary>
    [Theory]
    [InlineData(2_000, 1)]
    [InlineData(2_001, 2)]
    [InlineData(9_000, 8)]
    public void WriteParts_ManyImages_GivesPartsThatAreTaken(int count, int parts)
    {
        var images = Enumerable.Range(0, count).Select(number => new MessageImage(ImageUrl.Create($"s3://b/{number}"), Label.Create("Dog"), null, [Answer("ann", true)])).ToImmutableArray();
        var read = new TaskVotesMessage(JobName.Create("a"), null, new TaskNumber(1), default, images).WriteParts().Select(part => TaskVotesMessage.Parse(part).Message).ToList();
        Assert.Equal(images.Select(each => each.Url), read.SelectMany(part => part.Images).Select(each => each.Url));
        Assert.Equal((parts, parts == 1), (read.Count, read[0].Task is not null));
    }

    [Theory]
    [InlineData("", 0, "no reason given")]
    [InlineData("a\u0000b\r\n\ud83d\ude00\uffff犬", 0, "a?b?????犬")]
    [InlineData("Hündin", 1_048_576 - 12 - 4, "Hün")]
    [InlineData("犬犬", 1_048_576 - 12 - 5, "犬")]
    [InlineData("abcd", 1_048_576 - 12 - 3, "abc")]
    [InlineData("abcd", 1_048_576 - 12 - 2, null)]
    [InlineData("abcd", 1_048_576, null)]
    public void Reason_BesideABody_IsWhatTheQueueTakes(string reason, int bodyBytes, string? expected)
    {
        Assert.Equal(expected, DeadLetterReason.Fit(reason, new string('x', bodyBytes)));
        Assert.Equal(expected is not null, DeadLetterReason.HasRoom(new string('x', bodyBytes)));
        Assert.Equal(12, Encoding.UTF8.GetByteCount(DeadLetterReason.Attribute + DeadLetterReason.DataType));
    }

    [Theory]
    [InlineData("jobs/dogs~0123456789ab/custom-labeling-inputs/7.json", 7)]
    [InlineData("jobs/dogs~0123456789ab/custom-labeling-inputs/-7.json", null)]
    [InlineData("jobs/dogs/custom-labeling-inputs/7.json", null)]
    [InlineData("custom-labeling-inputs/7.json", null)]
    [InlineData("7.json", null)]
    public void TaskOf_InputsUri_IsTheTaskWhereItIsOurs(string key, int? task) =>
        Assert.Equal(task, Manifest.TaskOf(new ObjectUri("bucket", key))?.Task.Value);

    private static KeyValuePair<WorkerId, bool> Answer(string worker, bool confirmed) => new(WorkerId.Create(worker), confirmed);

    private static IEnumerable<object?> Flat(TaskVotesMessage message) =>
        message.Images.SelectMany(image => image.Answers.Select(answer => (object?)(image.Url, image.Label, image.Confidence, answer.Key, answer.Value)));
}
