using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Amazon.S3.Model;
using Amazon.SQS.Model;
using BulkQA.Emulators;

namespace BulkQA.Cluster.Tests;

/// <summary>What the API does in cluster mode that it does not when embedded.</summary>
public sealed class ClusterApiTests(SharedApi aws, ClusterApiTests.OneSilo shared) : IClassFixture<ClusterApiTests.OneSilo>
{
    private readonly TestCluster _cluster = shared.Cluster;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DeadLetters_OverRest_AreListedWithReasonsAndRedriven()
    {
        foreach (var body in (string[])["no json", """{"schema":7}"""]) await _cluster.Sqs.SendMessageAsync(_cluster.QueueUrl, body, Cancellation);
        await _cluster.WaitAsync(async () => await _cluster.CountMessagesAsync(_cluster.DeadLetterUrl) == 2, TimeSpan.FromSeconds(60), "the messages are no dead letters");
        var letters = (await _cluster.Http.GetJsonAsync("/v1/dead-letters?limit=100")).Items().ToList();
        Assert.Equal(["schema: 7 is not known; this v", "the message is not valid JSON:"], letters.Select(letter => letter.String("reason")[..30]).Order(StringComparer.Ordinal));
        var id = letters.Single(letter => letter.String("body") == "no json").String("id");
        var redriven = await (await _cluster.Http.PostAsJsonAsync("/v1/dead-letters/redrive", new { ids = new[] { id } }, Cancellation)).JsonAsync();
        Assert.Equal(1, redriven.Int("redriven"));
        await _cluster.WaitAsync(async () => await _cluster.CountMessagesAsync(_cluster.DeadLetterUrl) == 2, TimeSpan.FromSeconds(60), "what is still poison did not come back");
        await _cluster.Sqs.PurgeQueueAsync(_cluster.DeadLetterUrl, Cancellation);
        Assert.Contains("not from 1 to 100", await (await _cluster.Http.GetAsync("/v1/dead-letters?limit=0", Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Service_InACluster_TellsItsSilosAndWhatLiesInTheQueues()
    {
        await _cluster.Sqs.SendMessageAsync(_cluster.DeadLetterUrl, "set aside", Cancellation);
        var service = await _cluster.Http.GetJsonAsync("/v1/service");
        Assert.Equal("cluster", service.String("mode"));
        var silo = Assert.Single(service.Items("silos"));
        Assert.Equal("active", silo.String("status"));
        Assert.InRange(silo.GetProperty("startedAt").GetDateTimeOffset(), TimeProvider.System.GetUtcNow().AddHours(-1), TimeProvider.System.GetUtcNow());
        var queue = service.GetProperty("queue");
        Assert.True(queue.Int("deadLetters") >= 1);
        Assert.Equal((JsonValueKind.Number, JsonValueKind.Number, JsonValueKind.Null), (queue.GetProperty("waiting").ValueKind, queue.GetProperty("underWay").ValueKind, queue.GetProperty("problem").ValueKind));
        await _cluster.Sqs.PurgeQueueAsync(_cluster.DeadLetterUrl, Cancellation);
    }

    [Fact]
    public async Task WorkerPage_PicturesInS3_AreSignedAndOnlyBelowTheJobsBase()
    {
        var job = await _cluster.Http.CreateJobAsync(new { imageBase = $"s3://{_cluster.Bucket}/pictures/" });
        await _cluster.S3.PutObjectAsync(new PutObjectRequest { BucketName = _cluster.Bucket, Key = "pictures/a.jpg", ContentBody = "picture" }, Cancellation);
        await _cluster.Http.ImportAsync(job, $"s3_image_url,label,confidence\ns3://{_cluster.Bucket}/pictures/a.jpg,Dog,90\ns3://{_cluster.Bucket}/secret/b.jpg,Dog,90\ns3://{_cluster.Bucket}/pictures/../secret/c.jpg,Dog,90\n");
        var page = await _cluster.Http.GetAsync($"/work/{job}?worker=ann", Cancellation);
        var sources = System.Text.RegularExpressions.Regex.Matches(await page.Content.ReadAsStringAsync(Cancellation), "<img src=\"([^\"]+)\"")
            .Select(match => WebUtility.HtmlDecode(match.Groups[1].Value)).ToList();
        Assert.Equal(3, sources.Count);
        // The card is asked for here. What is no picture to us is the browser's to show, and comes from the store itself.
        var card = Assert.Single(sources, source => source.Contains(Uri.EscapeDataString("/pictures/a.jpg"), StringComparison.Ordinal));
        using var direct = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = _cluster.Http.BaseAddress };
        var signed = (await direct.GetAsync(card, Cancellation)).Headers.Location!;
        Assert.Contains("X-Amz-Signature=", signed.Query, StringComparison.Ordinal);
        Assert.Contains($" {signed.GetLeftPart(UriPartial.Authority)};", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        using var http = new HttpClient();
        Assert.Equal("picture", await http.GetStringAsync(signed, Cancellation));
        foreach (var other in sources.Where(source => source != card))
            Assert.False((await _cluster.Http.GetAsync(other, Cancellation)).IsSuccessStatusCode);
    }

    [Fact]
    public async Task LabelingJob_CreatedDescribedListedStopped_IsMirroredIntoTheJob()
    {
        var job = await ImportedJobAsync();
        var path = $"/v1/jobs/{job}/labeling-job";
        await (await _cluster.Http.GetAsync(path, Cancellation)).ProblemAsync(404);
        var dry = await (await _cluster.Http.PostAsync($"{path}?dryRun=true", null, Cancellation)).JsonAsync();
        Assert.DoesNotContain(job, shared.SageMaker.Jobs.Keys);
        shared.SageMaker.Throttles = 1;
        var created = await _cluster.Http.PostAsJsonAsync(path, new { title = "Dogs?" }, Cancellation);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var call = shared.SageMaker.Jobs[job];
        Assert.Equal("Dogs?", (string?)call["HumanTaskConfig"]!["TaskTitle"]);
        Assert.Equal(dry.String("RoleArn"), (string?)call["RoleArn"]);
        Assert.Equal(("arn:aws:lambda:us-east-1:123456789012:function:pre", "arn:aws:lambda:us-east-1:123456789012:function:post", 3), (
            (string?)call["HumanTaskConfig"]!["PreHumanTaskLambdaArn"], (string?)call["HumanTaskConfig"]!["AnnotationConsolidationConfig"]!["AnnotationConsolidationLambdaArn"],
            (int?)call["HumanTaskConfig"]!["NumberOfHumanWorkersPerDataObject"]));
        // What Ground Truth is pointed to is there.
        var template = await ReadAsync((string)call["HumanTaskConfig"]!["UiConfig"]!["UiTemplateS3Uri"]!);
        Assert.All((string[])["crowd-html-elements", "crowd-checkbox[value=NotSeen]", "value=\"NotSeen\"", "value=\"CantTell\""], part => Assert.Contains(part, template, StringComparison.Ordinal));
        var line = JsonDocument.Parse((await ReadAsync((string)call["InputConfig"]!["DataSource"]!["S3DataSource"]!["ManifestS3Uri"]!)).Split('\n')[0]);
        Assert.Contains("s3://b/0.jpg", await ReadAsync(line.RootElement.GetProperty("source-ref").GetString()!), StringComparison.Ordinal);

        // Again: it is there, and ours. Another job can't have its name.
        Assert.Equal(job, (await (await _cluster.Http.PostAsync(path, null, Cancellation)).JsonAsync()).String("name"));
        var other = await _cluster.Http.PostAsJsonAsync($"/v1/jobs/{await ImportedJobAsync()}/labeling-job", new { name = job }, Cancellation);
        Assert.Contains("ResourceInUse", await other.ProblemAsync(409), StringComparison.Ordinal);
        var described = await _cluster.Http.GetJsonAsync(path);
        Assert.Equal(("InProgress", 3, 7, 1), (described.String("status"), described.Int("labeled"), described.Int("unlabeled"), described.Int("failed")));
        Assert.Contains(job, (await _cluster.Http.GetJsonAsync("/v1/labeling-jobs")).Items().Select(entry => entry.String("name")));
        Assert.Equal(HttpStatusCode.Accepted, (await _cluster.Http.PostAsync($"{path}/stop", null, Cancellation)).StatusCode);
        await _cluster.WaitAsync(
            async () => (await _cluster.Http.GetJsonAsync($"/v1/jobs/{job}")).GetProperty("labelingJob").String("status") == "Stopped",
            TimeSpan.FromSeconds(30), "the end of the labeling job is not mirrored");
    }

    [Fact]
    public async Task LabelingJob_RefusedOrThrottled_SaysSoInItsWords()
    {
        var path = $"/v1/jobs/{await ImportedJobAsync()}/labeling-job";
        var refused = await _cluster.Http.PostAsJsonAsync(path, new { workteamArn = "arn:aws:sagemaker:us-east-1:1:workteam/no-such" }, Cancellation);
        Assert.Contains("SageMaker says ValidationException: 1 validation error detected", await refused.ProblemAsync(400), StringComparison.Ordinal);
        Assert.Contains("title: it has 129 characters", await (await _cluster.Http.PostAsJsonAsync(path, new { title = new string('x', 129) }, Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
        shared.SageMaker.Throttles = 4;
        Assert.Contains("Rate exceeded", await (await _cluster.Http.PostAsync(path, null, Cancellation)).ProblemAsync(503), StringComparison.Ordinal);
        shared.SageMaker.Throttles = 0;
        var empty = await _cluster.Http.CreateJobAsync();
        Assert.Contains("has 0 tasks", await (await _cluster.Http.PostAsync($"/v1/jobs/{empty}/labeling-job", null, Cancellation)).ProblemAsync(409), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LabelingJob_CallerDoesNotWait_IsCreatedAllTheSame()
    {
        var job = await ImportedJobAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/jobs/{job}/labeling-job") { Headers = { { "Prefer", "respond-async" } } };
        var accepted = await _cluster.Http.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        await _cluster.WaitAsync(
            async () => (await _cluster.Http.GetJsonAsync(accepted.Headers.Location!.ToString())).String("state") == "done", TimeSpan.FromSeconds(60), "the operation does not end");
        Assert.Contains(job, shared.SageMaker.Jobs.Keys);
        Assert.Equal(job, (await _cluster.Http.GetJsonAsync($"/v1/jobs/{job}")).GetProperty("labelingJob").String("name"));
    }

    [Fact]
    public async Task LabelingJob_AnswerOfTheCreationLost_IsKnownAsOurs()
    {
        var job = await ImportedJobAsync();
        shared.SageMaker.LostAnswers = 1;
        var created = await _cluster.Http.PostAsync($"/v1/jobs/{job}/labeling-job", null, Cancellation);
        Assert.EndsWith($"labeling-job/{job}", (await created.JsonAsync()).String("arn"), StringComparison.Ordinal);
        Assert.Equal(job, (await _cluster.Http.GetJsonAsync($"/v1/jobs/{job}")).GetProperty("labelingJob").String("name"));
    }

    [Fact]
    public async Task LabelingJob_OfImagesInDoubt_IsBegunOnceAndAloneAndItsResponsesAreOfItsOwnTasks()
    {
        shared.SageMaker.Status = "Completed";
        var job = await _cluster.Http.CreateJobAsync(new { batchSize = 2, workersPerTask = 2, maxWorkersPerTask = 3, policy = "majority" });
        await _cluster.Http.ImportAsync(job, string.Concat(Enumerable.Range(0, 4).Select(number => $"s3://b/{number},Dog,90\n")));
        foreach (var (worker, task, confirms) in ((string, int, bool)[])[("ann", 0, true), ("ann", 1, true), ("bob", 0, false), ("bob", 1, false)])
            await (await _cluster.Http.AnswerAsync(job, task, worker, new Dictionary<string, object> { ["Dog-0"] = new { Confirmed = true }, ["Dog-1"] = new { Confirmed = confirms } })).JsonAsync();
        var (further, path) = ($"{job}-further", $"/v1/jobs/{job}/labeling-job");
        Assert.Equal(HttpStatusCode.Created, (await _cluster.Http.PostAsync(path, null, Cancellation)).StatusCode);
        shared.SageMaker.Jobs[job]["CreationTime"] = 1.7e9;
        shared.SageMaker.Jobs[job]["LabelingJobStatus"] = "Completed";
        shared.SageMaker.Status = "InProgress";
        // Two at once, under other names: one begins.
        var rivals = await Task.WhenAll(BeginAsync(further), BeginAsync($"{job}-rival"));
        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.Conflict], rivals.Select(rival => rival.StatusCode).Order());
        further = Assert.Single(shared.SageMaker.Jobs.Keys, name => name != job && name.StartsWith(job, StringComparison.Ordinal));
        // The first one is asked for once more: the one that began last is still the other.
        Assert.Equal(job, (await (await _cluster.Http.PostAsync(path, null, Cancellation)).JsonAsync()).String("name"));
        Assert.Equal(further, (await _cluster.Http.GetJsonAsync(path)).String("name"));
        var place = (string)shared.SageMaker.Jobs[further]["InputConfig"]!["DataSource"]!["S3DataSource"]!["ManifestS3Uri"]!;
        var manifest = await ReadAsync(place);
        Assert.Equal(HttpStatusCode.OK, (await BeginAsync(further)).StatusCode);
        Assert.Equal(manifest, await ReadAsync(place));
        Assert.Contains($"'{further}' of '{job}' still runs", await (await BeginAsync($"{job}-second")).ProblemAsync(409), StringComparison.Ordinal);

        var responses = $$$"""{"object":0,"answers":[{"workerId":"carl","answerContent":{"Dog-0":{"Confirmed":false},"Dog-1":{"Confirmed":true}},"submissionTime":"2026-01-01T00:01:00Z","timeSpentInSeconds":9}]}""";
        Assert.Equal((1, 1, 0), await ImportAsync());
        Assert.Equal((1, 0, 0), await ImportAsync());
        Assert.Equal(8 + 2, (await _cluster.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("votes"));
        Assert.Equal("Disconfirmed", (await _cluster.Http.GetJsonAsync($"/v1/jobs/{job}/image?url=s3://b/1&label=Dog")).String("verdict"));
        await (await _cluster.Http.PostAsync($"/v1/jobs/{job}/worker-responses?labelingJob=other", HttpExtensions.Text(responses, "application/x-ndjson"), Cancellation)).ProblemAsync(404);
        // Once it is over, another may begin, if any image is in doubt; and it is known as it was.
        shared.SageMaker.Status = "Completed";
        Assert.Contains("No image", await (await BeginAsync($"{job}-second")).ProblemAsync(409), StringComparison.Ordinal);
        Assert.Equal("Completed", (await (await BeginAsync(further)).JsonAsync()).String("status"));

        Task<HttpResponseMessage> BeginAsync(string name) => _cluster.Http.PostAsJsonAsync(path, new { inDoubt = true, name }, Cancellation);

        async Task<(int Accepted, int Added, int Rejected)> ImportAsync()
        {
            var summary = await (await _cluster.Http.PostAsync($"/v1/jobs/{job}/worker-responses?missing=add&labelingJob={further}", HttpExtensions.Text(responses, "application/x-ndjson"), Cancellation)).JsonAsync();
            return (summary.Int("accepted"), summary.Int("added"), summary.Int("rejectedCount"));
        }
    }

    [Fact]
    public async Task LabelingJob_DeletedAtSageMaker_KeepsNoOthersProgressBack()
    {
        // Both before and after it in the order of the mirror.
        var jobs = new List<string> { await ImportedJobAsync(), await ImportedJobAsync(), await ImportedJobAsync() }.Order(StringComparer.Ordinal).ToList();
        foreach (var job in jobs) await _cluster.Http.PostAsync($"/v1/jobs/{job}/labeling-job", null, Cancellation);
        shared.SageMaker.Jobs.TryRemove(jobs[1], out _);
        foreach (var job in (string[])[jobs[0], jobs[2]])
            await _cluster.WaitAsync(
                async () => (await _cluster.Http.GetJsonAsync($"/v1/jobs/{job}")).GetProperty("labelingJob").Int("labeled") == 3,
                TimeSpan.FromSeconds(30), $"the progress of {job} is not mirrored");
    }

    [Fact]
    public async Task LabelingJobScript_DoesTheSameFromAShell()
    {
        var job = await ImportedJobAsync();
        var dry = JsonDocument.Parse(await ShellAsync(0, "create", job, "--dry-run")).RootElement;
        Assert.Equal(job, dry.String("LabelingJobName"));
        Assert.DoesNotContain(job, shared.SageMaker.Jobs.Keys);
        Assert.Contains("Initializing", await ShellAsync(0, "create", job), StringComparison.Ordinal);
        Assert.Contains("\"labeled\":3", await ShellAsync(0, "describe", job), StringComparison.Ordinal);
        Assert.Contains(job, await ShellAsync(0, "list"), StringComparison.Ordinal);
        await ShellAsync(0, "stop", job);
        shared.SageMaker.Status = "InProgress";
        Assert.Contains("There is no job 'nobody'", await ShellAsync(22, "describe", "nobody"), StringComparison.Ordinal);
        Assert.Contains("usage: labeling-job.sh", await ShellAsync(2, "create"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silo_BeyondHealth_NeedsTheOperatorsKey()
    {
        var silo = _cluster.Silos[0];
        using var stranger = new HttpClient { BaseAddress = silo.Http.BaseAddress };
        foreach (var open in (string[])["/health/live", "/health/ready"])
            Assert.Equal(HttpStatusCode.OK, (await stranger.GetAsync(open, Cancellation)).StatusCode);
        foreach (var closed in (string[])["/dashboard/", "/dashboard/version", "/metrics"])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync(closed, Cancellation)).StatusCode);
            Assert.Equal((closed, HttpStatusCode.OK), (closed, (await silo.Http.GetAsync(closed, Cancellation)).StatusCode));
        }
    }

    [Fact]
    public async Task Votes_WhileDynamoDbAndSqsThrottleFailAndHangForAMinute_AllCountOnce()
    {
        var job = await ImportedJobAsync(images: 100);
        var (dynamo, sqs) = (0, 0);
        var faults = new Fault[] { Fault.Error(400, "ProvisionedThroughputExceededException"), Fault.Error(500, "InternalServerError"), new Fault.LostAnswer(), new Fault.Hang() };
        var until = TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(1);
        // DynamoDB's go on until enough were met: a task's answers are one request, and an SQS that hangs keeps most of them back.
        using var facts = aws.DynamoDb.When(request =>
            (TimeProvider.System.GetUtcNow() < until || Volatile.Read(ref dynamo) <= 20) && request.Target is "DynamoDB_20120810.PutItem" or "DynamoDB_20120810.BatchWriteItem" && request.Body.Contains($"{job.ToLowerInvariant()}~", StringComparison.Ordinal)
                ? faults[Interlocked.Increment(ref dynamo) % faults.Length] : null);
        using var queue = aws.Queues.When(request =>
            TimeProvider.System.GetUtcNow() < until && request.Target is "AmazonSQS.ReceiveMessage" or "AmazonSQS.DeleteMessageBatch" && request.Body.Contains(_cluster.QueueUrl, StringComparison.Ordinal)
                ? faults[1 + (Interlocked.Increment(ref sqs) % (faults.Length - 1))] : null);
        foreach (var worker in (string[])["ann", "bob"])
            for (var task = 0; task < 4; task++)
                await _cluster.Sqs.SendMessageAsync(new SendMessageRequest(_cluster.QueueUrl, Message(job, task * 25, 25, worker)), Cancellation);
        await _cluster.WaitUntilEmptyAsync(TimeSpan.FromMinutes(4));
        Assert.Equal(200, (await _cluster.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("votes"));
        var audit = await (await _cluster.Http.PostAsync($"/v1/jobs/{job}/audit", null, Cancellation)).JsonAsync();
        Assert.Equal((100, 0), (audit.Int("images"), audit.Int("differences")));
        Assert.True(TimeProvider.System.GetUtcNow() > until);
        Assert.True(dynamo > 20 && sqs > 4, $"{dynamo} faults of DynamoDB, {sqs} of SQS");
        Assert.Equal(0, await _cluster.CountMessagesAsync(_cluster.DeadLetterUrl));
    }

    private async Task<string> ImportedJobAsync(int images = 30)
    {
        var job = await _cluster.Http.CreateJobAsync();
        await _cluster.Http.ImportAsync(job, "s3_image_url,label,confidence\n" + string.Concat(Enumerable.Range(0, images).Select(number => $"s3://b/{number}.jpg,Dog,90\n")));
        return job;
    }

    internal static string Message(string job, int first, int count, params string[] workers) => JsonSerializer.Serialize(new
    {
        schema = 1,
        job,
        submittedAt = 1,
        images = Enumerable.Range(first, count).Select(number => new
        {
            url = $"s3://b/{number}.jpg",
            label = "Dog",
            answers = workers.ToDictionary(worker => worker, _ => true),
        }),
    });

    /// <summary>What <c>labeling-job.sh</c> prints, once it has exited as expected.</summary>
    private async Task<string> ShellAsync(int exitCode, params string[] arguments)
    {
        var script = Path.Combine(TestCluster.Metadata("RepositoryRoot"), "labeling-job.sh");
        await using var shell = ChildProcess.Start("bash", [script, .. arguments], new Dictionary<string, string> { ["BULKQA_API"] = _cluster.Http.BaseAddress!.ToString().TrimEnd('/') });
        await shell.Process.WaitForExitAsync(Cancellation);
        Assert.True(shell.Process.ExitCode == exitCode, $"exit code {shell.Process.ExitCode}: {shell.Output}");
        return shell.Output;
    }

    private async Task<string> ReadAsync(string uri)
    {
        using var found = await _cluster.S3.GetObjectAsync(_cluster.Bucket, uri[$"s3://{_cluster.Bucket}/".Length..], Cancellation);
        return await new StreamReader(found.ResponseStream).ReadToEndAsync(Cancellation);
    }

    /// <summary>One silo and the API, with a SageMaker.</summary>
    public sealed class OneSilo(SharedApi aws) : IAsyncLifetime
    {
        public TestCluster Cluster { get; private set; } = null!;

        public SageMakerServer SageMaker { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            SageMaker = await SageMakerServer.StartAsync();
            Cluster = await TestCluster.StartAsync(aws, silos: 1, new Dictionary<string, string>
            {
                ["AWS_ENDPOINT_URL_SAGEMAKER"] = SageMaker.Url,
                ["BulkQA__SageMaker__RoleArn"] = "arn:aws:iam::123456789012:role/ground-truth",
                ["BulkQA__SageMaker__WorkteamArn"] = "arn:aws:sagemaker:us-east-1:123456789012:workteam/private-crowd/us",
                ["BulkQA__SageMaker__PreLabelingFunctionArn"] = "arn:aws:lambda:us-east-1:123456789012:function:pre",
                ["BulkQA__SageMaker__PostLabelingFunctionArn"] = "arn:aws:lambda:us-east-1:123456789012:function:post",
                ["BulkQA__SageMaker__MirrorInterval"] = "00:00:01",
                ["BulkQA__SageMaker__AbandonedAfter"] = "00:00:15",
            });
        }

        public async ValueTask DisposeAsync()
        {
            await Cluster.DisposeAsync();
            await SageMaker.DisposeAsync();
        }
    }
}
