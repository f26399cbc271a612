using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using CsCheck;

namespace BulkQA.Core.Tests;

public sealed class AnswersMessageTests
{
    private const string ByTask =
        """{"schema":2,"job":"dogs","incarnation":"dogs~0123456789ab","submittedAt":639000000000000000,"task":7,"workers":[{"worker":"ann","answers":"ccdt-","boxes":"ticked","seconds":12.5},{"worker":"犬 \"b\"","answers":"nnnnn","boxes":"unticked"},{"worker":"cid","answers":"c----"}]}""";

    private const string ByImage =
        """{"schema":2,"job":"Dogs","incarnation":"dogs~0123456789ab","submittedAt":639000000000000000,"images":[{"url":"s3://b/1","label":"Dog","answers":{"ann":"confirm","bob":"disconfirm"}},{"url":"s3://b/2","label":"Dog","answers":{"ann":"cantTell","bob":"notSeen"}}]}""";

    private static readonly Gen<string> _text = Gen.String[Gen.Char['!', '\uD7FF'].Where(c => !char.IsControl(c)), 1, 20].Where(text => !string.IsNullOrWhiteSpace(text));
    private static readonly Gen<AnswerKind> _kind = Gen.OneOfConst(AnswerKind.NotSeen, AnswerKind.CantTell, AnswerKind.Confirm, AnswerKind.Disconfirm);

    /// <summary>The contract between Lambdas and silos of different versions.</summary>
    [Fact]
    public void Write_AnswersByTask_IsThisText() => Assert.Equal(ByTask, Encoding.UTF8.GetString(AnswersMessage.Of(
        Incarnation.Parse("dogs~0123456789ab"), new TaskNumber(7), new SubmissionTime(639_000_000_000_000_000),
        [
            new MessageWorker(WorkerId.Create("ann"), TaskAnswers.Parse("ccdt-"), BoxesAtStart.Ticked, TimeSpan.FromSeconds(12.5)),
            new MessageWorker(WorkerId.Create("犬 \"b\""), TaskAnswers.Parse("nnnnn"), BoxesAtStart.Unticked),
            new MessageWorker(WorkerId.Create("cid"), TaskAnswers.Parse("c----")),
        ]).Write()));

    [Fact]
    public void Write_AnswersByImage_IsThisText() => Assert.Equal(ByImage, Encoding.UTF8.GetString(AnswersMessage.Of(
        JobName.Create("Dogs"), Incarnation.Parse("dogs~0123456789ab"), new SubmissionTime(639_000_000_000_000_000),
        [
            Image("s3://b/1", ("ann", AnswerKind.Confirm), ("bob", AnswerKind.Disconfirm)),
            Image("s3://b/2", ("ann", AnswerKind.CantTell), ("bob", AnswerKind.NotSeen)),
        ]).Write()));

    [Fact]
    public void Parse_AnswersByTask_IsWhatItSays()
    {
        var (message, problems) = Parse(ByTask);
        Assert.Empty(problems);
        Assert.Empty(message.Images);
        Assert.Equal(("dogs", "dogs~0123456789ab", 7, 639_000_000_000_000_000), (message.Job.Value, message.Incarnation?.Value, message.Task?.Value, message.SubmittedAt.UtcTicks));
        Assert.Equal(
            [("ann", "ccdt-", BoxesAtStart.Ticked, TimeSpan.FromSeconds(12.5)), ("犬 \"b\"", "nnnnn", BoxesAtStart.Unticked, null), ("cid", "c----", BoxesAtStart.Unknown, (TimeSpan?)null)],
            message.Workers.Select(worker => (worker.Worker.Value, worker.Answers.Text, worker.Start, worker.Taken)));
    }

    /// <summary>As the Lambdas of the release before wrote them: they may lie in the queue while silos are replaced.</summary>
    [Theory]
    [InlineData(
        """{"schema":1,"job":"Dogs","incarnation":"dogs~0123456789ab","task":7,"submittedAt":639000000000000000,"images":[{"url":"s3://b/1","label":"Dog","confidence":"87.27","answers":{"ann":true,"bob":false}}]}""",
        "Dogs|dogs~0123456789ab|639000000000000000", "s3://b/1|Dog|ann|Confirm", "s3://b/1|Dog|bob|Disconfirm")]
    [InlineData(
        """{"schema":1,"job":"dogs","submittedAt":639000000000000000,"images":[{"url":"s3://b/1","label":"Dog","answers":{"ann":true}},{"url":"s3://b/é 犬.png","label":"Dog \"x\"","confidence":"100","answers":{"犬":false}}]}""",
        "dogs||639000000000000000", "s3://b/1|Dog|ann|Confirm", "s3://b/é 犬.png|Dog \"x\"|犬|Disconfirm")]
    // Half of a task that was too large; and without a time.
    [InlineData(
        """{"schema":1,"job":"dogs","incarnation":"dogs~0123456789ab","images":[{"url":"s3://b/1","label":"Dog","confidence":"1E-05","answers":{"ann":true}}]}""",
        "dogs|dogs~0123456789ab|0", "s3://b/1|Dog|ann|Confirm")]
    public void Parse_Schema1_IsAnswersByImage(string json, string whole, params string[] answers)
    {
        var (message, problems) = Parse(json);
        Assert.Empty(problems);
        Assert.Null(message.Task);
        Assert.Empty(message.Workers);
        Assert.Equal(whole, $"{message.Job}|{message.Incarnation}|{message.SubmittedAt.UtcTicks}");
        Assert.Equal(answers, Flat(message).Select(answer => $"{answer.Url}|{answer.Label}|{answer.Worker}|{answer.Kind}"));
    }

    [Fact]
    public void Parse_AnswersByTaskThatWereWritten_AreTheSame() =>
        Gen.Select(_text, _kind.Array[1, 250], Gen.Int[1, 20], Gen.Enum<BoxesAtStart>(), Gen.Long[-1, TimeSpan.TicksPerDay * 7], Gen.Int[0, int.MaxValue]).Sample((text, kinds, count, start, ticks, task) =>
        {
            var workers = Enumerable.Range(0, count).Select(number => new MessageWorker(
                WorkerId.Create($"{text}{number}"), TaskAnswers.Of(kinds), start, ticks < 0 ? null : new TimeSpan(Math.Max(0, ticks - number)))).ToImmutableArray();
            var (read, problems) = AnswersMessage.Parse(AnswersMessage.Of(Incarnation.Parse("a~0123456789ab"), new TaskNumber(task), new SubmissionTime(ticks < 0 ? 0 : ticks), workers).Write());
            Assert.Empty(problems);
            Assert.Equal(workers, read.Workers);
            Assert.Equal((task, "a~0123456789ab", ticks < 0 ? 0 : ticks), (read.Task!.Value.Value, read.Incarnation!.Value.Value, read.SubmittedAt.UtcTicks));
        }, iter: 500, print: value => $"{value.Item5} ticks");

    [Fact]
    public void Parse_AnswersByImageThatWereWritten_AreTheSame() =>
        Gen.Select(_text, _kind.Array[1, 10], Gen.Int[1, 20], Gen.Bool).Sample((text, kinds, count, known) =>
        {
            var message = AnswersMessage.Of(
                JobName.Create("A-1"), known ? Incarnation.New(JobName.Create("A-1")) : null, new SubmissionTime(count),
                [.. Enumerable.Range(0, count).Select(number => new MessageImage(
                    ImageUrl.Create($"s3://b/{number}{text}"), Label.Create(text), [.. kinds.Select((kind, worker) => new KeyValuePair<WorkerId, AnswerKind>(WorkerId.Create($"{text}{worker}"), kind))]))]);
            var (read, problems) = AnswersMessage.Parse(message.Write());
            Assert.Empty(problems);
            Assert.Equal(("A-1", message.Incarnation, null, message.SubmittedAt), (read.Job.Value, read.Incarnation, read.Task, read.SubmittedAt));
            Assert.Equal(Flat(message), Flat(read));
        }, iter: 500, print: value => value.Item1.Length.ToString(CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("", "not valid JSON")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("""{"job":"a"}""", "schema: missing")]
    [InlineData("""{"schema":"2","job":"a"}""", "schema: missing, or not a number")]
    [InlineData("""{"schema":3,"job":"a","images":[1]}""", "schema: 3 is not known; this version reads 1 and 2")]
    [InlineData("""{"schema":0,"job":"a","images":[1]}""", "schema: 0 is not known")]
    [InlineData("""{"schema":2,"images":[1]}""", "job: ")]
    [InlineData("""{"schema":2,"job":"a","incarnation":"b","images":[1]}""", "not a job's incarnation")]
    [InlineData("""{"schema":1,"job":"a","images":[]}""", "images: not an array of 1 to 2000")]
    [InlineData("""{"schema":2,"job":"a","images":{}}""", "images: not an array of 1 to 2000")]
    [InlineData("""{"schema":2,"job":"a"}""", "images: not an array of 1 to 2000")]
    [InlineData("""{"schema":1,"job":"a","task":1,"workers":[{"worker":"ann","answers":"c"}]}""", "images: not an array of 1 to 2000")]
    [InlineData("""{"schema":2,"job":"a","submittedAt":-1,"images":[1]}""", "submittedAt")]
    [InlineData("""{"schema":2,"job":"a","submittedAt":"1","images":[1]}""", "submittedAt")]
    [InlineData("""{"schema":2,"job":"\ud800","images":[1]}""", "not valid Unicode")]
    [InlineData("""{"schema":2,"job":"a","task":1,"workers":[1]}""", "incarnation: missing")]
    [InlineData("""{"schema":2,"job":"a","incarnation":"a~0123456789ab","task":-1,"workers":[1]}""", "task: not a task's number")]
    [InlineData("""{"schema":2,"job":"a","incarnation":"a~0123456789ab","task":"1","workers":[1]}""", "task: not a task's number")]
    [InlineData("""{"schema":2,"job":"a","incarnation":"a~0123456789ab","task":1,"images":[1]}""", "workers: not an array of 1 to 256")]
    [InlineData("""{"schema":2,"job":"a","incarnation":"a~0123456789ab","task":1,"workers":[]}""", "workers: not an array of 1 to 256")]
    public void Parse_NoMessage_SaysWhy(string json, string reason) =>
        Assert.Contains(reason, Assert.Throws<BadInputException>(() => Parse(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_TooManyImagesOrWorkers_IsRefused()
    {
        var image = """{"url":"s3://b/1","label":"Dog","answers":{"ann":true}}""";
        Assert.Equal(2_000, Parse(ByImages(2_000)).Message.Images.Length);
        Assert.Throws<BadInputException>(() => Parse(ByImages(2_001)));
        Assert.Equal(256, Parse(ByWorkers(256)).Message.Workers.Length);
        Assert.Throws<BadInputException>(() => Parse(ByWorkers(257)));

        string ByImages(int count) => $$"""{"schema":2,"job":"a","images":[{{string.Join(',', Enumerable.Repeat(image, count))}}]}""";
        string ByWorkers(int count) =>
            $$"""{"schema":2,"job":"a","incarnation":"a~0123456789ab","task":1,"workers":[{{string.Join(',', Enumerable.Range(0, count).Select(worker => $$"""{"worker":"w{{worker}}","answers":"c"}"""))}}]}""";
    }

    [Fact]
    public void Parse_BadImagesAmongGoodOnes_GivesTheGoodAndNamesTheBad()
    {
        var (message, problems) = Parse("""
            {"schema":2,"job":"a","more":1,"images":[7,{"url":"s3://b/1","label":"Dog","answers":{"v":"notSeen","w":true}},{"url":"","label":"Dog","answers":{"w":true}},
            {"url":"s3://b/1","label":"Dog","answers":{}},{"url":"s3://b/1","label":"Dog","answers":{"w":"maybe"}},{"url":"s3://b/1","label":"Dog","answers":{"w":1}},
            {"url":"s3://b/1","label":"Dog","answers":{"":true}},{"url":"s3://b/1","label":"Dog"},{"url":"s3://b/1","label":"","answers":{"w":true}},
            {"url":"s3://b/1","label":"Dog","answers":{"\ud800":true}},{"url":"s3://b/1","label":"Dog","answers":{"w":"\ud800"}},{"url":"s3://b/1\ud800","label":"Dog","answers":{"w":true}}]}
            """);
        Assert.Equal([("v", AnswerKind.NotSeen), ("w", AnswerKind.Confirm)], Flat(message).Select(answer => (answer.Worker, answer.Kind)));
        Assert.Equal(
            ["image 0: it is not a JSON object", "image 2: the image URL is empty", "image 3: it has 0 answers, not 1 to 256", "image 4: the answer of 'w' is none of confirm, disconfirm, cantTell and notSeen",
                "image 5: the answer of 'w' is none of confirm, disconfirm, cantTell and notSeen", "image 6: the worker id is empty", "image 7: it has no answers", "image 8: the label is empty",
                "image 9: a text of it is not valid Unicode", "image 10: a text of it is not valid Unicode", "image 11: url is not valid Unicode"],
            problems);
    }

    [Fact]
    public void Parse_BadWorkersAmongGoodOnes_GivesTheGoodAndNamesTheBad()
    {
        var (message, problems) = Parse("""
            {"schema":2,"job":"a","incarnation":"a~0123456789ab","task":1,"workers":[7,{"worker":"v","answers":"cd","more":1},{"worker":"","answers":"cd"},{"worker":"w","answers":"cx"},{"worker":"w","answers":"--"},
            {"worker":"w"},{"worker":"w","answers":"cd","boxes":"half"},{"worker":"w","answers":"cd","seconds":-1},{"worker":"w","answers":"cd","seconds":604801},{"worker":"w","answers":"cd","seconds":"1"},
            {"worker":"x","answers":"cd","boxes":null,"seconds":604800}]}
            """);
        Assert.Equal(["v", "x"], message.Workers.Select(worker => worker.Worker.Value));
        Assert.Equal((BoxesAtStart.Unknown, TimeSpan.FromDays(7)), (message.Workers[1].Start, message.Workers[1].Taken));
        Assert.Equal(
            ["worker 0: it is not a JSON object", "worker 2: the worker id is empty", "worker 3: 'cx' is not ans", "worker 4: '--' is not ans", "worker 5: '' is not answe",
                "worker 6: boxes 'half' are none of ticked, unticked and neither", "worker 7: seconds are not from 0 to 604,800", "worker 8: seconds are not from 0 to 604,800", "worker 9: seconds are not from 0 to 604,800"],
            problems.Select(problem => problem.Contains("is not answers", StringComparison.Ordinal) ? problem[..25] : problem));
    }

    [Fact]
    public void WriteParts_TooLargeForTheQueue_GivesPartsThatFitAndHoldEveryImageOnce()
    {
        var image = Image("s3://b/" + new string('"', 900), [.. Enumerable.Range(0, 9).Select(worker => (new string('"', 120) + worker, AnswerKind.Confirm))]);
        var images = Enumerable.Range(0, 1_000).Select(number => image with { Url = ImageUrl.Create($"{image.Url}{number}") }).ToImmutableArray();
        var parts = AnswersMessage.Of(JobName.Create("a"), null, default, images).WriteParts().ToList();
        Assert.True(parts.Count > 1);
        Assert.All(parts, part => Assert.InRange(part.Length, 1, AnswersMessage.MaxBytes));
        // Whatever becomes a dead letter has room for its reason.
        var reason = new string('犬', 1_000);
        Assert.All(parts, part => Assert.Equal(reason, DeadLetterReason.Fit(reason, Encoding.UTF8.GetString(part))));
        Assert.Equal(images.Select(each => each.Url), parts.SelectMany(part => AnswersMessage.Parse(part).Message.Images).Select(each => each.Url));
    }

    /// <summary>The reader refuses messages of more images.</summary>
    [Theory]
    [InlineData(2_000, 1)]
    [InlineData(2_001, 2)]
    [InlineData(9_000, 8)]
    public void WriteParts_ManyImages_GivesPartsThatAreTaken(int count, int parts)
    {
        var images = Enumerable.Range(0, count).Select(number => Image($"s3://b/{number}", ("ann", AnswerKind.Confirm))).ToImmutableArray();
        var read = AnswersMessage.Of(JobName.Create("a"), Incarnation.Parse("a~0123456789ab"), new SubmissionTime(3), images).WriteParts().Select(part => AnswersMessage.Parse(part).Message).ToList();
        Assert.Equal(images.Select(each => each.Url), read.SelectMany(part => part.Images).Select(each => each.Url));
        Assert.Equal(parts, read.Count);
        Assert.All(read, part => Assert.Equal(("a~0123456789ab", 3), (part.Incarnation?.Value, part.SubmittedAt.UtcTicks)));
    }

    /// <summary>The reader refuses messages of more workers; every part says whose task it is.</summary>
    [Theory]
    [InlineData(256, 1)]
    [InlineData(257, 2)]
    [InlineData(1_000, 4)]
    public void WriteParts_ManyWorkers_GivesPartsThatAreTaken(int count, int parts)
    {
        var workers = Enumerable.Range(0, count).Select(number => new MessageWorker(WorkerId.Create($"w{number}"), TaskAnswers.Parse(new string('c', 250)))).ToImmutableArray();
        var read = AnswersMessage.Of(Incarnation.Parse("a~0123456789ab"), new TaskNumber(7), new SubmissionTime(3), workers).WriteParts().Select(part => AnswersMessage.Parse(part).Message).ToList();
        Assert.Equal(workers, read.SelectMany(part => part.Workers));
        Assert.Equal(parts, read.Count);
        Assert.All(read, part => Assert.Equal((7, "a~0123456789ab", 3), (part.Task?.Value, part.Incarnation?.Value, part.SubmittedAt.UtcTicks)));
    }

    [Fact]
    public void WriteParts_OneImageTooLargeForTheQueue_IsRefused()
    {
        var workers = Enumerable.Range(0, 10_000).Select(worker => ($"{new string('"', 120)}{worker}", AnswerKind.Confirm)).ToArray();
        Assert.Contains("one answer takes", Assert.Throws<BadInputException>(() => AnswersMessage.Of(JobName.Create("a"), null, default, [Image("s3://b/1", workers)]).WriteParts().ToList()).Message, StringComparison.Ordinal);
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

    private static (AnswersMessage Message, ImmutableArray<string> Problems) Parse(string json) => AnswersMessage.Parse(Encoding.UTF8.GetBytes(json));

    private static MessageImage Image(string url, params (string Worker, AnswerKind Kind)[] answers) => new(
        ImageUrl.Create(url), Label.Create("Dog"), [.. answers.Select(answer => new KeyValuePair<WorkerId, AnswerKind>(WorkerId.Create(answer.Worker), answer.Kind))]);

    private static IEnumerable<(string Url, string Label, string Worker, AnswerKind Kind)> Flat(AnswersMessage message) =>
        message.Images.SelectMany(image => image.Answers.Select(answer => (image.Url.Value, image.Label.Value, answer.Key.Value, answer.Value)));
}
