using System.Diagnostics;
using System.Text.Json;
using BulkQA.Core;
using BulkQA.Emulators;

namespace BulkQA.Lambdas.Tests;

/// <summary>Tasks that nobody need be asked for, because their classes are decided.</summary>
public sealed class DecidedTasksTests(LambdaFixture aws)
{
    private const string Dogs = """[{"s3_image_url":"s3://b/1","label":"Dog","confidence":"87.27"},{"s3_image_url":"s3://b/2","label":"Dog","confidence":"95"}]""";
    private const string Cats = """[{"s3_image_url":"s3://b/3","label":"Cat","confidence":"87.27"}]""";

    private static readonly DecidedLabels _dogs = new(DecidedLabels.PresentVersion, 1, [80, 90, 100], [new DecidedLabel("Dog")]);

    [Fact]
    public async Task Invoke_TasksOfDecidedAndOtherClasses_AsksHumansForTheOthersAlone()
    {
        await using var lambda = await aws.StartAsync("pre-labeling");
        var root = await JobAsync(_dogs.Write());
        foreach (var (task, inputs, needsHuman) in ((int, string, bool)[])[(0, Dogs, false), (1, Cats, true), (2, Dogs[..^1] + "," + Cats[1..], true)])
        {
            var answer = await InvokeAsync(lambda, await PutTaskAsync(root, task, inputs));
            Assert.Equal(needsHuman, answer.GetProperty("isHumanAnnotationRequired").GetBoolean());
            Assert.Equal(inputs, answer.GetProperty("taskInput").GetProperty("sourceRef").GetRawText());
        }
    }

    [Fact]
    public async Task Invoke_OneBucketDecided_AsksForTasksWithOthers()
    {
        await using var lambda = await aws.StartAsync("pre-labeling");
        var root = await JobAsync((_dogs with { Classes = [new DecidedLabel("Cat", ["80-90"]), new DecidedLabel("Dog", ["80-90"])] }).Write());
        Assert.True(await NeedsHumanAsync(lambda, await PutTaskAsync(root, 0, Dogs)));
        Assert.False(await NeedsHumanAsync(lambda, await PutTaskAsync(root, 1, Cats)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("no json")]
    [InlineData("""{"version":99,"revision":1,"edges":[0,100],"classes":[{"label":"Dog"}]}""")]
    public async Task Invoke_NothingDecidedOrNotUnderstood_AsksHumans(string? decisions)
    {
        await using var lambda = await aws.StartAsync("pre-labeling");
        var root = await JobAsync(decisions is null ? null : System.Text.Encoding.UTF8.GetBytes(decisions));
        Assert.True(await NeedsHumanAsync(lambda, await PutTaskAsync(root, 0, Dogs)));
        await lambda.Function.KillAsync();
        Assert.Equal(decisions is not null, lambda.Output.Contains("humans review", StringComparison.Ordinal));
    }

    /// <summary>The task is answered long before the function's time is up.</summary>
    [Fact]
    public async Task Invoke_DecisionsThatCannotBeRead_AsksHumans()
    {
        await using var lambda = await aws.StartAsync("pre-labeling");
        var root = await JobAsync(_dogs.Write());
        var task = await PutTaskAsync(root, 0, Dogs);
        foreach (var fault in (Fault[])[new Fault.Hang(), new Fault.Answer(403, "application/xml", "<Error><Code>AccessDenied</Code></Error>")])
            using (aws.Queues.When(request => request.Path.EndsWith("/decisions.json", StringComparison.Ordinal) ? fault : null)) Assert.True(await NeedsHumanAsync(lambda, task));
        await lambda.Function.KillAsync();
        Assert.Equal(2, lambda.Output.Split("humans review").Length - 1);
    }

    /// <summary>Measures, decides nothing: run with <c>--xunit-diagnostics on --output Detailed</c>.</summary>
    [Fact]
    public async Task Invoke_FirstTaskWithAndWithoutDecisions_IsMeasured()
    {
        var root = await JobAsync(_dogs.Write());
        var life = await PutTaskAsync(root, 0, Dogs);
        // Of no job's folder: nothing else is read.
        var elsewhere = await aws.PutAsync($"{Guid.NewGuid()}/0.json", Dogs);
        var (alone, both) = (new List<double>(), new List<double>());
        // In turn, so that what else the machine does meets both alike.
        for (var run = 0; run < 11; run++)
            foreach (var (times, uri) in ((List<double>, string)[])[(alone, elsewhere), (both, life)])
            {
                await using var lambda = await aws.StartAsync("pre-labeling");
                await lambda.Ready;
                var began = Stopwatch.GetTimestamp();
                await InvokeAsync(lambda, uri);
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
        TestContext.Current.SendDiagnosticMessage($"first task of a process once it polls: inputs alone {alone.Order().ElementAt(5):F1} ms, with decisions {both.Order().ElementAt(5):F1} ms (medians of 11, in turn)");
    }

    /// <summary>The folder of a job of its own, with what is decided in it.</summary>
    private async Task<string> JobAsync(byte[]? decisions)
    {
        var root = $"jobs/{Incarnation.New(JobName.Create("Dogs"))}/";
        if (decisions is not null) await aws.PutAsync($"{root}{DecidedLabels.ObjectName}", System.Text.Encoding.UTF8.GetString(decisions));
        return root;
    }

    private Task<string> PutTaskAsync(string root, int task, string inputs) => aws.PutAsync(Manifest.InputsUri(root, new TaskNumber(task)), inputs);

    private static async Task<bool> NeedsHumanAsync(LambdaRuntime lambda, string uri) => (await InvokeAsync(lambda, uri)).GetProperty("isHumanAnnotationRequired").GetBoolean();

    private static async Task<JsonElement> InvokeAsync(LambdaRuntime lambda, string uri)
    {
        var result = await lambda.InvokeAsync(JsonSerializer.Serialize(new
        {
            version = "2018-10-16",
            labelingJobArn = "arn:aws:sagemaker:us-east-1:123456789012:labeling-job/Dogs",
            dataObject = new Dictionary<string, string> { ["source-ref"] = uri },
        }));
        Assert.Equal("response", result.Kind);
        return JsonDocument.Parse(result.Body).RootElement;
    }
}
