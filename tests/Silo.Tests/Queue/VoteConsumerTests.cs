using System.Text;
using BulkQA.Core;
using BulkQA.Emulators;
using BulkQA.Grains;
using BulkQA.Storage;

namespace BulkQA.Silo.Tests;

public sealed class VoteConsumerTests(AwsEmulators aws)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Message_DeliveredSeveralTimes_CountsOnceAndLeavesTheQueue()
    {
        await using var host = await ConsumerHost.StartAsync(images: 50);
        for (var copy = 0; copy < 4; copy++) await host.SendAsync(host.Message(0, 50));
        await host.SendAsync(host.Message(0, 50, "bob"));
        await host.WaitUntilEmptyAsync();
        Assert.Equal(100, await host.CountVotesAsync());
        Assert.Equal((0, 0), await host.CountAsync(host.DeadLetterUrl));
    }

    [Fact]
    public async Task Message_ByJobNameOnly_CountsForItsPresentLife()
    {
        await using var host = await ConsumerHost.StartAsync(images: 5);
        await host.SendAsync(host.Message(0, 5) with { Incarnation = null });
        await host.WaitUntilEmptyAsync();
        Assert.Equal(5, await host.CountVotesAsync());
    }

    [Fact]
    public async Task Message_ThatCanNeverCount_GoesToTheDeadLettersWithItsReason()
    {
        await using var host = await ConsumerHost.StartAsync(images: 5);
        var gone = Incarnation.New(JobName.Create("dogs"));
        var ahead = SubmissionTime.From(TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1));
        (string Body, string Reason)[] cases =
        [
            ("no json", "the message is not valid JSON"),
            ("""{"schema":99,"job":"dogs","images":[]}""", "schema: 99 is not known"),
            (Text(host.Message(0, 1) with { Job = JobName.Create("cats"), Incarnation = null }), "there is no job 'cats'"),
            (Text(host.Message(0, 1) with { Incarnation = gone }), $"job '{gone}' is deleted, or never was"),
            (Text(host.Message(0, 1) with { SubmittedAt = ahead }), "ahead of the server's clock, which is"),
            (Text(host.Message(77, 1)), "'s3://b/77.jpg' was never imported with the label 'Dog'"),
            (Text(host.Message(0, 1) with { Images = [host.Message(0, 1).Images[0] with { Label = Label.Create("Cat") }] }), "'s3://b/0.jpg' was never imported with the label 'Cat'"),
            (Text(host.Message(9, "ccccc")), "there is no task 9"),
            (Text(host.Message(0, "ccc")), "'ann' gave 3 answers to task 0, which has another number of images"),
            (Text(host.Message(0, "ccccc")).Replace("dogs\"", "cats\"", StringComparison.Ordinal), "is not of job 'cats'"),
        ];
        foreach (var (body, _) in cases) await host.SendAsync(body);
        await host.WaitUntilEmptyAsync();
        var letters = await host.DeadLetters.ListAsync(100, Cancellation);
        Assert.Equal(cases.Length, letters.Count);
        Assert.All(cases, each => Assert.Contains(each.Reason, letters.Single(letter => letter.Body == each.Body).Reason, StringComparison.Ordinal));
        Assert.Equal(0, await host.CountVotesAsync());
    }

    [Fact]
    public async Task Message_ByTaskOrOfTheSchemaBefore_CountsAsOneByImageDoes()
    {
        await using var host = await ConsumerHost.StartAsync(images: 5);
        await host.SendAsync(host.Message(0, "cdtn-"));
        await host.SendAsync($$$"""{"schema":1,"job":"dogs","incarnation":"{{{host.Job.Incarnation}}}","task":0,"submittedAt":7,"images":[{"url":"s3://b/4.jpg","label":"Dog","confidence":"90","answers":{"bob":true,"eve":false}}]}""");
        await host.WaitUntilEmptyAsync();
        Assert.Equal((0, 0), await host.CountAsync(host.DeadLetterUrl));
        Assert.Equal(4, await host.CountVotesAsync());
        var first = await host.Grains.GetGrain<IImageGrain>(new ImageAddress(host.Dogs, ConsumerHost.Url(3)).GrainKey).GetAsync();
        Assert.Equal([new ImageAnswer(WorkerId.Create("ann"), AnswerKind.NotSeen, new SubmissionTime(1))], first!.History);
        var last = await host.Grains.GetGrain<IImageGrain>(new ImageAddress(host.Dogs, ConsumerHost.Url(4)).GrainKey).GetAsync();
        Assert.Equal((1, 1), (last!.Answers.Confirms, last.Answers.Disconfirms));
    }

    [Fact]
    public async Task Message_PartlyBad_CountsItsGoodPartAndSaysWhatDoesNot()
    {
        await using var host = await ConsumerHost.StartAsync(images: 5);
        await host.SendAsync(Text(host.Message(3, 4)).Replace("\"images\":[", "\"images\":[17,", StringComparison.Ordinal));
        await host.WaitUntilEmptyAsync();
        Assert.Equal(2, await host.CountVotesAsync());
        var letter = Assert.Single(await host.DeadLetters.ListAsync(10, Cancellation));
        Assert.Equal("image 0: it is not a JSON object; 's3://b/5.jpg' was never imported with the label 'Dog'; 's3://b/6.jpg' was never imported with the label 'Dog'", letter.Reason);
    }

    [Fact]
    public async Task Message_OfADeletedJob_GoesToTheDeadLetters()
    {
        await using var host = await ConsumerHost.StartAsync(images: 5);
        await host.SendAsync(host.Message(0, 5));
        await host.WaitUntilEmptyAsync();
        await host.Grains.GetGrain<IJobGrain>("dogs").DeleteAsync(host.Job.Incarnation);
        await ConsumerHost.WaitAsync(async () =>
        {
            await host.SendAsync(host.Message(0, 5, "late"));
            return (await host.CountAsync(host.DeadLetterUrl)).Visible > 0;
        }, "no vote of the deleted job was refused");
        await host.WaitUntilEmptyAsync();
        Assert.All(await host.DeadLetters.ListAsync(10, Cancellation), letter => Assert.Contains("is deleted", letter.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Storage_FailsForAWhile_PostponesAndLosesNothing()
    {
        await using var host = await ConsumerHost.StartAsync(images: 100);
        host.Facts.Failure = new StorageException("throttled");
        for (var task = 0; task < 4; task++) await host.SendAsync(host.Message(task * 25, 25));
        await ConsumerHost.WaitAsync(async () => (await host.CountAsync(host.QueueUrl)).Hidden == 4, "the messages are not postponed");
        Assert.Equal(0, await host.CountVotesAsync());
        host.Facts.Failure = null;
        await host.WaitUntilEmptyAsync();
        Assert.Equal(100, await host.CountVotesAsync());
        Assert.Equal((0, 0), await host.CountAsync(host.DeadLetterUrl));
    }

    [Theory]
    [InlineData("ReceiveMessage", 500)]
    [InlineData("DeleteMessageBatch", 500)]
    [InlineData("DeleteMessageBatch", 200)]
    public async Task Queue_FailsForAWhile_IsTriedAgain(string operation, int status)
    {
        await using var host = await ConsumerHost.StartAsync(images: 10);
        var failures = 0;
        using var _ = aws.Queues.When(request =>
            request.Target == $"AmazonSQS.{operation}" && request.Body.Contains(host.QueueUrl, StringComparison.Ordinal) && Interlocked.Increment(ref failures) <= 4
                ? status == 200
                    ? new Fault.Answer(200, "application/x-amz-json-1.0", """{"Successful":[],"Failed":[{"Id":"0","SenderFault":false,"Code":"InternalError"}]}""")
                    : Fault.Error(status, "InternalError")
                : null);
        await host.SendAsync(host.Message(0, 10));
        await host.WaitUntilEmptyAsync();
        Assert.Equal(10, await host.CountVotesAsync());
        // A receive call from before the faults may have brought the message.
        await ConsumerHost.WaitAsync(() => Task.FromResult(failures > 4), "the faults were not met");
    }

    [Fact]
    public async Task DeadLetters_RefuseAtFirst_KeepsTheMessageUntilTheyTakeIt()
    {
        await using var host = await ConsumerHost.StartAsync(images: 1);
        var failures = 0;
        using var _ = aws.Queues.When(request =>
            request.Target == "AmazonSQS.SendMessage" && request.Body.Contains(host.DeadLetterUrl, StringComparison.Ordinal) && Interlocked.Increment(ref failures) <= 8
                ? Fault.Error(500, "InternalError") : null);
        await host.SendAsync("no json");
        await host.WaitUntilEmptyAsync();
        Assert.Single(await host.DeadLetters.ListAsync(10, Cancellation));
    }

    [Fact]
    public async Task Handling_LongerThanTheVisibilityTimeout_KeepsTheMessage()
    {
        await using var host = await ConsumerHost.StartAsync(images: 5, ("VisibilityTimeout", "00:00:10"));
        host.Facts.HoldUp();
        await host.SendAsync(host.Message(0, 5));
        await ConsumerHost.WaitAsync(() => Task.FromResult(host.Facts.Waiting == 5), "nothing is being handled");
        var until = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(14);
        await ConsumerHost.WaitAsync(async () =>
        {
            Assert.Equal((0, 1), await host.CountAsync(host.QueueUrl));
            return TimeProvider.System.GetUtcNow() > until;
        }, "time stands still");
        host.Facts.Release();
        await host.WaitUntilEmptyAsync();
        Assert.Equal(5, await host.CountVotesAsync());
    }

    [Fact]
    public async Task Storage_TooSlow_EndsReceivingAtTheBound()
    {
        await using var host = await ConsumerHost.StartAsync(images: 750, ("MaxImagesInFlight", "100"), ("Receivers", "1"));
        host.Facts.HoldUp();
        for (var task = 0; task < 30; task++) await host.SendAsync(host.Message(task * 25, 25));
        await ConsumerHost.WaitAsync(() => Task.FromResult(host.Facts.Waiting == 100), "fewer than a hundred images are under way");
        var until = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(3);
        await ConsumerHost.WaitAsync(async () =>
        {
            Assert.InRange((await host.CountAsync(host.QueueUrl)).Hidden, 4, 13);
            Assert.InRange(host.Facts.Waiting, 1, 100);
            return TimeProvider.System.GetUtcNow() > until;
        }, "time stands still");
        host.Facts.Release();
        await host.WaitUntilEmptyAsync();
        Assert.Equal(750, await host.CountVotesAsync());
    }

    [Fact]
    public async Task Stop_WhileHandling_FinishesWhatCanBe()
    {
        await using var host = await ConsumerHost.StartAsync(images: 50);
        host.Facts.HoldUp();
        for (var task = 0; task < 2; task++) await host.SendAsync(host.Message(task * 25, 25));
        await ConsumerHost.WaitAsync(() => Task.FromResult(host.Facts.Waiting == 50), "nothing is being handled");
        var stopping = host.StopAsync();
        host.Facts.Release();
        await stopping;
        Assert.Equal((0, 0), await host.CountAsync(host.QueueUrl));
    }

    [Fact]
    public async Task Stop_WhileHandlingDoesNotEnd_GivesTheMessagesBackAtOnce()
    {
        await using var host = await ConsumerHost.StartAsync(images: 50, ("DrainTimeout", "00:00:01"));
        host.Facts.HoldUp();
        for (var task = 0; task < 2; task++) await host.SendAsync(host.Message(task * 25, 25));
        await ConsumerHost.WaitAsync(() => Task.FromResult(host.Facts.Waiting == 50), "nothing is being handled");
        var stopping = host.StopAsync();
        await ConsumerHost.WaitAsync(async () => await host.CountAsync(host.QueueUrl) == (2, 0), "the messages are not back");
        host.Facts.Release();
        await stopping;
        Assert.Equal((2, 0), await host.CountAsync(host.QueueUrl));
    }

    [Fact]
    public async Task Redrive_OnceTheReasonIsGone_CountsTheVotes()
    {
        await using var host = await ConsumerHost.StartAsync(images: 5);
        var ahead = host.Message(0, 5) with { SubmittedAt = SubmissionTime.From(TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(4)) };
        await host.SendAsync(ahead);
        await host.SendAsync("no json");
        await host.WaitUntilEmptyAsync();
        var letters = await host.DeadLetters.ListAsync(10, Cancellation);
        Assert.Equal(2, letters.Count);
        var good = letters.Single(letter => letter.Body != "no json");
        await ConsumerHost.WaitAsync(() => Task.FromResult(!ahead.SubmittedAt.IsTooFarAhead(TimeProvider.System.GetUtcNow())), "time stands still");
        Assert.Equal(1, await host.DeadLetters.RedriveAsync(new HashSet<string> { good.Id }, 100, Cancellation));
        await host.WaitUntilEmptyAsync();
        Assert.Equal(5, await host.CountVotesAsync());
        Assert.Equal("no json", Assert.Single(await host.DeadLetters.ListAsync(10, Cancellation)).Body);
    }

    /// <summary>SQS counts attributes with the body: what is left beside a body may not hold the whole reason, or none at all.</summary>
    [Theory]
    [InlineData(4_000, 1_000)]
    [InlineData(500, 488)]
    [InlineData(15, 3)]
    [InlineData(14, 0)]
    [InlineData(0, 0)]
    public async Task Message_NearlyAsLargeAsTheQueueTakes_GoesToTheDeadLettersWithAsMuchReasonAsFits(int room, int reasonLength)
    {
        await using var host = await ConsumerHost.StartAsync(images: 1);
        var unknown = Text(host.Message(1, 50));
        var body = unknown + new string(' ', (1024 * 1024) - room - unknown.Length);
        await host.SendAsync(body);
        await host.WaitUntilEmptyAsync();
        var letter = Assert.Single(await host.DeadLetters.ListAsync(10, Cancellation));
        Assert.Equal(body, letter.Body);
        if (reasonLength == 0) Assert.Equal("its body left no room for a reason", letter.Reason);
        else Assert.Equal(reasonLength, letter.Reason.Length);
    }

    [Fact]
    public async Task Redrive_OfAMessageAsLargeAsTheQueueTakes_CountsItsVotes()
    {
        await using var host = await ConsumerHost.StartAsync(images: 5);
        var votes = Text(host.Message(0, 5));
        var body = votes + new string(' ', (1024 * 1024) - votes.Length);
        await host.DeadLetters.AddAsync(body, "a reason of the test", Cancellation);
        Assert.Equal(1, await host.DeadLetters.RedriveAsync(null, 100, Cancellation));
        await host.WaitUntilEmptyAsync();
        Assert.Equal(5, await host.CountVotesAsync());
        Assert.Equal((0, 0), await host.CountAsync(host.DeadLetterUrl));
    }

    private static string Text(AnswersMessage message) => Encoding.UTF8.GetString(message.Write());
}
