using System.Text.Json;
using BulkQA.Core;
using BulkQA.Emulators;

namespace BulkQA.Lambdas.Tests;

public sealed class PostLabelingTests(LambdaFixture aws)
{
    private const string Incarnation = "dogs~0123456789ab";

    private static readonly JsonSerializerOptions _withoutNulls = new() { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };

    private readonly string _run = Guid.NewGuid().ToString("N");

    /// <summary>The classic bug: "Dog-10" sorts before "Dog-2", and keys come in any order.</summary>
    [Fact]
    public async Task Invoke_KeysInAnyOrder_LandOnTheRightImages()
    {
        var queue = await aws.CreateQueueAsync();
        await using var lambda = await aws.StartAsync("post-labeling", queue);
        var random = new Random(1);
        const string ann = "ccccccccccdcc", bob = "ccdcccccccccc";
        var payload = await PayloadAsync(Object("0", await InputsAsync(7, 13), [
            Worker("ann", Json(ann, _ => $"{random.Next()}")), Worker("bob", Json(bob, index => $"Dog-{index}"))]));
        var result = await lambda.InvokeAsync(LambdaFixture.PostRequest(payload));
        Assert.True(result.Kind == "response", result.Body + lambda.Output);
        var message = Assert.Single(await aws.ReceiveAllAsync(queue));
        Assert.Equal((JobName.Create("dogs"), Incarnation, 7), (message.Job, message.Incarnation?.Value, message.Task?.Value));
        Assert.Equal([Answered("ann", ann), Answered("bob", bob)], message.Workers);
        Assert.True(message.SubmittedAt > SubmissionTime.None && !message.SubmittedAt.IsTooFarAhead(TimeProvider.System.GetUtcNow()));
        Assert.Equal(Enumerable.Range(0, 13).Select(index => index is 2 or 10 ? "Split" : "Confirmed"), Verdicts(Assert.Single(Contents(result))));
    }

    [Fact]
    public async Task Invoke_AllFourKinds_GoByTaskForOwnInputsAndByImageForOthers()
    {
        var queue = await aws.CreateQueueAsync();
        await using var lambda = await aws.StartAsync("post-labeling", queue);
        object[] workers = [Worker("bob", Json("cntn")), Worker("ann", Json("cdtn"))];
        var payload = await PayloadAsync(Object("own", await InputsAsync(7, 4), workers), Object("other", await InputsAsync($"{_run}/inputs/7.json", Images(4)), workers));
        var contents = Contents(await lambda.InvokeAsync(LambdaFixture.PostRequest(payload)));
        var messages = (await aws.ReceiveAllAsync(queue)).ToLookup(message => message.Task is not null);
        var own = Assert.Single(messages[true]);
        Assert.Equal(("dogs", Incarnation, 7), (own.Job.Value, own.Incarnation?.Value, own.Task?.Value));
        Assert.Equal([Answered("ann", "cdtn"), Answered("bob", "cntn")], own.Workers);
        var other = Assert.Single(messages[false]);
        Assert.Equal(("Dogs", null), (other.Job.Value, other.Incarnation));
        Assert.Equal(
            [(Url(0), "Dog", "ann Confirm, bob Confirm"), (Url(1), "Dog", "ann Disconfirm, bob NotSeen"), (Url(2), "Dog", "ann CantTell, bob CantTell"), (Url(3), "Dog", "ann NotSeen, bob NotSeen")],
            other.Images.Select(image => (image.Url.Value, image.Label.Value, string.Join(", ", image.Answers.Select(answer => $"{answer.Key} {answer.Value}")))));
        Assert.Equal(own.SubmittedAt, other.SubmittedAt);
        Assert.All(contents, content => Assert.Equal(
            [
                """{"s3_image_url":"s3://images/0.jpg","label":"Dog","verdict":"Confirmed","confirms":2,"disconfirms":0,"answers":{"ann":true,"bob":true}}""",
                """{"s3_image_url":"s3://images/1.jpg","label":"Dog","verdict":"Disconfirmed","confirms":0,"disconfirms":1,"notSeen":1,"answers":{"ann":false,"bob":"notSeen"}}""",
                """{"s3_image_url":"s3://images/2.jpg","label":"Dog","verdict":"Unreviewed","confirms":0,"disconfirms":0,"cantTell":2,"answers":{"ann":"cantTell","bob":"cantTell"}}""",
                """{"s3_image_url":"s3://images/3.jpg","label":"Dog","verdict":"Unreviewed","confirms":0,"disconfirms":0,"notSeen":2,"answers":{"ann":"notSeen","bob":"notSeen"}}""",
            ],
            content.GetProperty("images").EnumerateArray().Select(image => image.GetRawText())));
    }

    /// <summary>BulkQA's tasks are of one label and have 250 images at most: where inputs in their place are not, an index tells nothing.</summary>
    [Fact]
    public async Task Invoke_InputsInPlaceOfOursThatCantBe_GoByImage()
    {
        var queue = await aws.CreateQueueAsync();
        await using var lambda = await aws.StartAsync("post-labeling", queue);
        var mixed = await InputsAsync(Key(0), [Image(Url(0)), Image(Url(1), "Cat")]);
        var payload = await PayloadAsync(
            Object("mixed", mixed, [Worker("ann", """{"Cat-1":{"Confirmed":false},"Dog-0":{"Confirmed":true}}""")]),
            Object("many", await InputsAsync(1, 251), [Worker("ann", Json(new string('c', 251)))]), Object("all", await InputsAsync(2, 250), [Worker("ann", Json(new string('c', 250)))]));
        Assert.DoesNotContain("problems", (await lambda.InvokeAsync(LambdaFixture.PostRequest(payload))).Body, StringComparison.Ordinal);
        var messages = await aws.ReceiveAllAsync(queue);
        Assert.Equal([(null, 2), (null, 251), (2, 0)], messages.Select(message => (message.Task?.Value, message.Images.Length)).OrderBy(found => found.Item2 == 0).ThenBy(found => found.Item2));
        Assert.All(messages, message => Assert.Equal(Incarnation, message.Incarnation?.Value));
    }

    /// <summary>The same time, so that the stronger answer stands for each image, whatever comes first.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Invoke_WorkerComesTwice_CountsOnceWithTheStrongerOfTheAnswers(bool isOurs)
    {
        var queue = await aws.CreateQueueAsync();
        await using var lambda = await aws.StartAsync("post-labeling", queue);
        var inputs = await InputsAsync(isOurs ? Key(0) : $"{_run}/other.json", Images(6));
        var payload = await PayloadAsync(Object("0", inputs, [
            Worker("ann", Json("dccntt")), Worker("bob", Json("cccccc")), Worker(" ann", Json("cdtcnt")), Worker("ann", "{}")]));
        var content = Assert.Single(Contents(await lambda.InvokeAsync(LambdaFixture.PostRequest(payload))));
        var message = Assert.Single(await aws.ReceiveAllAsync(queue));
        if (isOurs) Assert.Equal([Answered("ann", "ddcctt"), Answered("bob", "cccccc")], message.Workers);
        else Assert.Equal("ddcctt", TaskAnswers.Of(message.Images.Select(image => Assert.Single(image.Answers, answer => answer.Key.Value == "ann").Value)).Text);
        Assert.Equal([1, 1, 2, 2, 1, 1], content.GetProperty("images").EnumerateArray().Select(image => image.GetProperty("confirms").GetInt32()));
        Assert.Contains("worker 'ann': box 'Dog-0' is missing", Assert.Single(content.GetProperty("problems").EnumerateArray()).GetString(), StringComparison.Ordinal);
    }

    /// <summary>Ground Truth asks 9 at most; whoever sends more gets all of them taken.</summary>
    [Fact]
    public async Task Invoke_MoreWorkersThanAMessageHolds_SendsThemInParts()
    {
        var queue = await aws.CreateQueueAsync();
        await using var lambda = await aws.StartAsync("post-labeling", queue);
        string[] workers = [.. Enumerable.Range(0, 300).Select(number => $"w{number}")];
        var payload = await PayloadAsync(Object("0", await InputsAsync(7, 2), [.. workers.Select(worker => Worker(worker, Json("cd")))]));
        Assert.Equal("response", (await lambda.InvokeAsync(LambdaFixture.PostRequest(payload))).Kind);
        var messages = await aws.ReceiveAllAsync(queue);
        Assert.Equal([7, 7], messages.Select(message => message.Task?.Value));
        Assert.Equal(workers.Order(StringComparer.Ordinal), messages.SelectMany(message => message.Workers).Select(worker => worker.Worker.Value).Order(StringComparer.Ordinal));
    }

    /// <summary>Image 0 is confirmed by all three workers, image 1 by two of them, image 2 by none; in the second object the first worker alone answered.</summary>
    [Theory]
    [InlineData("unanimous", "Confirmed Split Disconfirmed", "Confirmed Confirmed Disconfirmed")]
    [InlineData("majority", "Confirmed Confirmed Disconfirmed", "Confirmed Confirmed Disconfirmed")]
    [InlineData("quorum(2)", "Confirmed Confirmed Disconfirmed", "Unreviewed Unreviewed Unreviewed")]
    [InlineData("quorum(4)", "Unreviewed Unreviewed Unreviewed", "Unreviewed Unreviewed Unreviewed")]
    public async Task Invoke_InputsNameAPolicy_ConsolidatesByItAndSaysWhich(string policy, string ofThree, string ofOne)
    {
        await using var lambda = await aws.StartAsync("post-labeling", await aws.CreateQueueAsync());
        object[] workers = [.. ((string[])["ann", "bob", "cyd"]).Select((name, number) => Worker(name, Json(number < 2 ? "ccd" : "cdd")))];
        var inputs = await InputsAsync(0, 3, policy, 7);
        var result = await lambda.InvokeAsync(LambdaFixture.PostRequest(await PayloadAsync(Object("three", inputs, workers), Object("one", inputs, workers[..1]))));
        Assert.True(result.Kind == "response", result.Body);
        var contents = Contents(result);
        Assert.Equal([ofThree, ofOne], contents.Select(content => string.Join(' ', Verdicts(content))));
        Assert.All(contents, content => Assert.Equal((policy, 7), (content.GetProperty("policy").GetString(), content.GetProperty("policyRevision").GetInt32())));
        Assert.DoesNotContain("problems", result.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invoke_InputsFromBeforePolicies_GivesCountsWithoutAVerdict()
    {
        var queue = await aws.CreateQueueAsync();
        await using var lambda = await aws.StartAsync("post-labeling", queue);
        var payload = await PayloadAsync(Object("0", await InputsAsync(0, 2, null, null), [Worker("ann", Json("cc"))]));
        var content = Assert.Single(Contents(await lambda.InvokeAsync(LambdaFixture.PostRequest(payload))));
        Assert.Equal(["images"], content.EnumerateObject().Select(property => property.Name));
        Assert.All(content.GetProperty("images").EnumerateArray(), image =>
            Assert.Equal(["s3_image_url", "label", "confirms", "disconfirms", "answers"], image.EnumerateObject().Select(property => property.Name)));
        Assert.Single(await aws.ReceiveAllAsync(queue));
    }

    [Fact]
    public async Task Invoke_InputsNameAPolicyOfALaterRelease_GivesCountsAndSaysSo()
    {
        var queue = await aws.CreateQueueAsync();
        await using var lambda = await aws.StartAsync("post-labeling", queue);
        var payload = await PayloadAsync(Object("0", await InputsAsync(0, 2, "ranked(0.95)", 3), [Worker("ann", Json("cc"))]));
        var content = Assert.Single(Contents(await lambda.InvokeAsync(LambdaFixture.PostRequest(payload))));
        Assert.Equal(["images", "problems"], content.EnumerateObject().Select(property => property.Name));
        Assert.Contains("ranked(0.95)", Assert.Single(content.GetProperty("problems").EnumerateArray()).GetString(), StringComparison.Ordinal);
        Assert.All(content.GetProperty("images").EnumerateArray(), image => Assert.False(image.TryGetProperty("verdict", out _)));
        Assert.Equal([Answered("ann", "cc")], Assert.Single(await aws.ReceiveAllAsync(queue)).Workers);
    }

    [Fact]
    public async Task Invoke_MoreThanAResponseHolds_LeavesOutAnswersOfTheLargestObjects()
    {
        var queue = await aws.CreateQueueAsync();
        await using var lambda = await aws.StartAsync("post-labeling", queue);
        object[] Workers(int count) => [.. Enumerable.Range(0, 9).Select(number => Worker(new string('w', 120) + number, Json(new string('c', count))))];
        var payload = await PayloadAsync(
            Object("small", await InputsAsync(0, 10), Workers(10)), Object("large", await InputsAsync(1, 2_000), Workers(2_000)),
            Object("larger", await InputsAsync(2, 2_001), Workers(2_001)), Object("large-too", await InputsAsync(3, 2_000), Workers(2_000)));
        var result = await lambda.InvokeAsync(LambdaFixture.PostRequest(payload));
        Assert.True(result.Kind == "response", result.Body);
        Assert.Equal(["small", "large", "larger", "large-too"], Ids(result));
        var contents = Contents(result);
        Assert.Equal([10, 2_000, 2_001, 2_000], contents.Select(content => Verdicts(content).Count(verdict => verdict == "Confirmed")));
        Assert.Equal([9, 9, 0, 9], contents.Select(content => content.GetProperty("images")[0].TryGetProperty("answers", out var answers) ? answers.EnumerateObject().Count() : 0));
        Assert.Equal("""["answers"]""", contents[2].GetProperty("omitted").GetRawText());
        Assert.All((int[])[0, 1, 3], index => Assert.False(contents[index].TryGetProperty("omitted", out _)));
        Assert.Equal(9 * 6_011, (await aws.ReceiveAllAsync(queue)).Sum(message => message.Images.Sum(image => image.Answers.Length) + message.Workers.Sum(worker => worker.Answers.Count)));
    }

    /// <summary>Too many images for a message, and too many bytes.</summary>
    [Theory]
    [InlineData(5_000, 30)]
    [InlineData(1_500, 900)]
    public async Task Invoke_MoreThanAMessageHolds_SendsItInParts(int count, int urlLength)
    {
        var queue = await aws.CreateQueueAsync();
        await using var lambda = await aws.StartAsync("post-labeling", queue);
        var urls = Enumerable.Range(0, count).Select(index => Url(index).PadRight(urlLength, 'x')).ToList();
        var inputs = await InputsAsync($"{_run}/other.json", urls.Select(url => Image(url)));
        var payload = await PayloadAsync(Object("0", inputs, [Worker("ann", Json(new string('c', count)))]));
        Assert.Equal("response", (await lambda.InvokeAsync(LambdaFixture.PostRequest(payload))).Kind);
        var messages = await aws.ReceiveAllAsync(queue);
        Assert.True(messages.Count > 1);
        Assert.Equal(urls.Order(StringComparer.Ordinal), messages.SelectMany(message => message.Images).Select(image => image.Url.Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Invoke_CallRepeated_SendsTheSameMessages()
    {
        var queue = await aws.CreateQueueAsync();
        await using var lambda = await aws.StartAsync("post-labeling", queue);
        var payload = await PayloadAsync(Object("0", await InputsAsync(0, 3), [Worker("ann", Json("ccc"))]));
        for (var call = 0; call < 2; call++) Assert.Equal("response", (await lambda.InvokeAsync(LambdaFixture.PostRequest(payload))).Kind);
        var messages = await aws.ReceiveAllAsync(queue);
        Assert.Equal(2, messages.Count);
        Assert.Equal(messages[0].Write(), messages[1].Write());
    }

    [Fact]
    public async Task Invoke_PayloadVariants_AllCount()
    {
        var queue = await aws.CreateQueueAsync();
        await using var lambda = await aws.StartAsync("post-labeling", queue);
        var inputs = await InputsAsync(1, 2);
        var answer = Json("dd");
        var answerUri = await aws.PutAsync($"{_run}/answer.json", answer);
        var payload = await PayloadAsync(
            Object("by-uri", inputs, [Worker("w", answer), new { workerId = "v", annotationData = new { s3Uri = answerUri } }]),
            new { datasetObjectId = 2, dataObject = new { content = await TextAsync(inputs) }, annotations = new[] { Worker("w", answer) } },
            new { datasetObjectId = "3", dataObject = new { content = $$"""{"source-ref":"{{inputs}}"}""" }, annotations = new[] { Worker("w", answer) }, more = 1 },
            new { datasetObjectId = "nobody", dataObject = new { s3Uri = inputs }, annotations = Array.Empty<object>() });
        var result = await lambda.InvokeAsync(LambdaFixture.PostRequest(payload));
        Assert.Equal(["by-uri", "2", "3", "nobody"], Ids(result));
        var messages = await aws.ReceiveAllAsync(queue);
        Assert.Equal([(null, "w Disconfirm"), (1, "v dd, w dd"), (1, "w dd")], messages.Select(message => (message.Task?.Value, message.Task is null
            ? string.Join(", ", message.Images[1].Answers.Select(answer => $"{answer.Key} {answer.Value}"))
            : string.Join(", ", message.Workers.Select(worker => $"{worker.Worker} {worker.Answers}")))).Order());
        Assert.DoesNotContain("problems", result.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invoke_UnreadablePartsAmongGoodOnes_AreReportedWithTheirObjectAndTheRestCounts()
    {
        var queue = await aws.CreateQueueAsync();
        await using var lambda = await aws.StartAsync("post-labeling", queue);
        var good = Json("cc");
        var payload = await PayloadAsync(
            Object("no-inputs", $"s3://{LambdaFixture.Bucket}/{_run}/no-such.json", [Worker("w", good)]),
            Object("bad-inputs", await aws.PutAsync($"{_run}/bad.json", "{}"), [Worker("w", good)]),
            Object("bad-answers", await InputsAsync(0, 2), [
                Worker("good", good), Worker("missing", """{"Dog-0":{"Confirmed":true}}"""), Worker("foreign", """{"Cat-0":{"Confirmed":true},"Dog-1":{"Confirmed":true}}"""),
                Worker("more", Json("ccc")), Worker("unclear", """{"Dog-0":{"Confirmed":true,"NotSeen":"yes"},"Dog-1":{"Confirmed":true}}"""),
                Worker("surrogate", """{"\ud800-0":{"Confirmed":true}}"""), Worker("text", "no json"), new { workerId = "nothing" }, Worker("", good)]),
            Object("good", await InputsAsync(1, 2), [Worker("w", good)]));
        var result = await lambda.InvokeAsync(LambdaFixture.PostRequest(payload));
        Assert.Equal(["no-inputs", "bad-inputs", "bad-answers", "good"], Ids(result));
        var problems = Contents(result)
            .Select(content => content.TryGetProperty("problems", out var list) ? list.EnumerateArray().Select(problem => problem.GetString()!).ToArray() : []).ToArray();
        Assert.Contains("no-such.json can't be read", Assert.Single(problems[0]), StringComparison.Ordinal);
        Assert.Contains("not a JSON array", Assert.Single(problems[1]), StringComparison.Ordinal);
        string[] reasons =
        [
            "annotation 7 lacks workerId or annotationData", "worker 'missing': box 'Dog-1' is missing", "worker 'foreign': box 'Cat-0' is not of this task; box 'Dog-0' is missing",
            "worker 'more': box 'Dog-2' is not of this task", "worker 'unclear': box 'Dog-0' is none of", "worker 'surrogate': the name of a box is not valid Unicode",
            "worker 'text': the answer is not valid JSON", "worker '': the worker id is empty",
        ];
        Assert.Equal(reasons.Length, problems[2].Length);
        Assert.All(reasons, (reason, index) => Assert.StartsWith(reason, problems[2][index], StringComparison.Ordinal));
        Assert.Empty(problems[3]);
        var messages = await aws.ReceiveAllAsync(queue);
        Assert.Equal([(0, "good"), (1, "w")], messages.Select(message => (message.Task!.Value.Value, Assert.Single(message.Workers).Worker.Value)).Order());
    }

    [Theory]
    [InlineData("{}", "the payload is not a JSON array")]
    [InlineData("[", "the payload is not valid JSON")]
    public async Task Invoke_UnreadablePayload_IsAnError(string content, string reason)
    {
        await using var lambda = await aws.StartAsync("post-labeling", await aws.CreateQueueAsync());
        var result = await lambda.InvokeAsync(LambdaFixture.PostRequest(await aws.PutAsync($"{_run}/payload.json", content)));
        Assert.Equal("error", result.Kind);
        Assert.Contains(reason, result.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invoke_PayloadForbiddenToItself_IsReadByTheRoleGiven()
    {
        var queue = await aws.CreateQueueAsync();
        await using var lambda = await aws.StartAsync("post-labeling", queue);
        var payload = await PayloadAsync(Object("0", await InputsAsync(0, 1), [Worker("w", Json("c"))]));
        var key = payload[$"s3://{LambdaFixture.Bucket}/".Length..];
        using var forbid = aws.Queues.When(request =>
            request.Path.EndsWith(key, StringComparison.Ordinal) && !request.Authorization.Contains("Credential=ASSUMED/", StringComparison.Ordinal)
                ? new Fault.Answer(403, "application/xml", "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>") : null);
        var denied = await lambda.InvokeAsync(LambdaFixture.PostRequest(payload));
        Assert.Equal("error", denied.Kind);
        Assert.Contains("Access Denied", denied.Body, StringComparison.Ordinal);
        using var sts = aws.Queues.When(request => request.Body.Contains("Action=AssumeRole", StringComparison.Ordinal) && request.Body.Contains(_run, StringComparison.Ordinal)
            ? new Fault.Answer(200, "text/xml", """
                <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASSUMED</AccessKeyId>
                <SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>
                """) : null);
        var result = await lambda.InvokeAsync(LambdaFixture.PostRequest(payload, $"arn:aws:iam::123456789012:role/{_run}"));
        Assert.True(result.Kind == "response", result.Body);
        Assert.Single(await aws.ReceiveAllAsync(queue));
    }

    [Fact]
    public async Task Invoke_QueueTakesPartOfABatch_SendsTheRestAgainBeforeItAnswers()
    {
        var queue = await aws.CreateQueueAsync();
        await using var lambda = await aws.StartAsync("post-labeling", queue);
        var inputs = await Task.WhenAll(Enumerable.Range(0, 12).Select(task => InputsAsync(task, 1)));
        var payload = await PayloadAsync([.. inputs.Select((uri, task) => Object($"{task}", uri, [Worker("w", Json("c"))]))]);
        var calls = 0;
        using var _ = aws.Queues.When(request => request.Target == "AmazonSQS.SendMessageBatch" && request.Body.Contains(queue, StringComparison.Ordinal)
            && Interlocked.Increment(ref calls) == 1
            ? new Fault.Answer(200, "application/x-amz-json-1.0", """{"Successful":[],"Failed":[""" + string.Join(',', Enumerable.Range(0, 10).Select(id => $$"""{"Id":"{{id}}","SenderFault":false,"Code":"InternalError"}""")) + "]}")
            : null);
        Assert.Equal("response", (await lambda.InvokeAsync(LambdaFixture.PostRequest(payload))).Kind);
        Assert.Equal(Enumerable.Range(0, 12), (await aws.ReceiveAllAsync(queue)).Select(message => message.Task!.Value.Value).Order());
        Assert.True(calls >= 3);
    }

    [Fact]
    public async Task Invoke_QueueRefusesForGood_IsAnErrorAndNoAnswer()
    {
        var queue = await aws.CreateQueueAsync();
        await using var lambda = await aws.StartAsync("post-labeling", queue);
        var payload = await PayloadAsync(Object("0", await InputsAsync(0, 1), [Worker("w", Json("c"))]));
        using (aws.Queues.When(request => request.Target == "AmazonSQS.SendMessageBatch" && request.Body.Contains(queue, StringComparison.Ordinal)
            ? Fault.Error(500, "InternalError") : null))
            Assert.Equal("error", (await lambda.InvokeAsync(LambdaFixture.PostRequest(payload))).Kind);
        Assert.Equal("response", (await lambda.InvokeAsync(LambdaFixture.PostRequest(payload))).Kind);
    }

    private static string Url(int index) => $"s3://images/{index}.jpg";

    private static MessageWorker Answered(string worker, string codes) => new(WorkerId.Create(worker), TaskAnswers.Parse(codes));

    /// <summary>An answer of one code an image; its boxes in an order of their own where one is given.</summary>
    private static string Json(string codes, Func<int, string>? order = null)
    {
        var boxes = Enumerable.Range(0, codes.Length);
        if (order is not null) boxes = boxes.OrderBy(order, StringComparer.Ordinal);
        return $"{{{string.Join(',', boxes.Select(index => $"\"Dog-{index}\":{Box(codes[index])}"))}}}";
    }

    private static string Box(char code) => code switch
    {
        'c' => """{"Confirmed":true}""",
        'd' => """{"Confirmed":false}""",
        't' => """{"Confirmed":true,"CantTell":true}""",
        _ => """{"NotSeen":true}""",
    };

    private static object Worker(string id, string content) => new { workerId = id, annotationData = new { content } };

    private static object Object(string id, string inputs, object[] annotations) => new { datasetObjectId = id, dataObject = new { s3Uri = inputs }, annotations };

    private string Key(int task) => $"{_run}/jobs/{Incarnation}/custom-labeling-inputs/{task}.json";

    private Task<string> InputsAsync(int task, int count, string? policy = "unanimous", int? policyRevision = 0) =>
        InputsAsync(Key(task), Images(count, policy, policyRevision));

    private Task<string> InputsAsync(string key, IEnumerable<object> images) => aws.PutAsync(key, JsonSerializer.Serialize(images, _withoutNulls));

    private static IEnumerable<object> Images(int count, string? policy = "unanimous", int? policyRevision = 0) =>
        Enumerable.Range(0, count).Select(index => Image(Url(index), "Dog", policy, policyRevision));

    private static object Image(string url, string label = "Dog", string? policy = "unanimous", int? policyRevision = 0) =>
        new { s3_image_url = url, label, confidence = "87.27", policy, policyRevision };

    private Task<string> PayloadAsync(params object[] objects) => aws.PutAsync($"{_run}/payload-{Guid.NewGuid()}.json", JsonSerializer.Serialize(objects));

    private async Task<string> TextAsync(string uri)
    {
        using var found = await aws.S3.GetObjectAsync(LambdaFixture.Bucket, uri[$"s3://{LambdaFixture.Bucket}/".Length..], TestContext.Current.CancellationToken);
        return await new StreamReader(found.ResponseStream).ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private static JsonElement[] Contents(InvocationResult result) => [.. JsonDocument.Parse(result.Body).RootElement.EnumerateArray()
        .Select(entry => entry.GetProperty("consolidatedAnnotation").GetProperty("content").GetProperty("dogs"))];

    private static IEnumerable<string?> Verdicts(JsonElement content) =>
        content.GetProperty("images").EnumerateArray().Select(image => image.GetProperty("verdict").GetString());

    private static IEnumerable<string> Ids(InvocationResult result) =>
        JsonDocument.Parse(result.Body).RootElement.EnumerateArray().Select(entry => entry.GetProperty("datasetObjectId").GetString()!);
}
