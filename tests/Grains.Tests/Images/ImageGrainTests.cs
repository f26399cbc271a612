using BulkQA.Core;

namespace BulkQA.Grains.Tests;

public sealed class ImageGrainTests
{
    [Fact]
    public async Task Get_NeverImportedOrOfAnotherClass_IsNull()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync();
        var address = await cluster.ImportAsync(job, "Dog", 1);
        Assert.Null(await GetAsync(cluster, address, "s3://b/none"));
        Assert.Null(await GetAsync(cluster, TestCluster.ClassOf(job, "Cat"), "s3://b/0"));
        Assert.NotNull(await GetAsync(cluster, address, "s3://b/0"));
    }

    [Fact]
    public async Task Get_Imported_IsAsTheCorpusHasItWithItsTask()
    {
        await using var cluster = await TestCluster.StartAsync();
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 2 });
        var address = TestCluster.ClassOf(job, "Dog | # / 犬");
        await cluster.Classes(job).AddAsync([address.Label]);
        CorpusImage[] images = [.. TestCluster.Images(2), TestCluster.Image("s3://b/a|b", 87.27) with { Anonymous = new AnonymousVotes(2, 1) }, TestCluster.Image("s3://b/none", null)];
        await cluster.ImportAsync(address, [.. images]);
        foreach (var (index, image) in images.Index())
        {
            var found = (await GetAsync(cluster, address, image.Url.Value))!;
            Assert.Equal((image, index / 2, 0, 1), (found.Image, found.Task.Value, found.History.Length, found.Version));
        }
    }

    [Fact]
    public async Task Get_Answered_HasEveryAnswerInOrderOfTimeAndThoseThatStand()
    {
        await using var cluster = await TestCluster.StartAsync();
        var address = await cluster.ImportAsync(await cluster.CreateJobAsync(), "Dog", 2);
        await cluster.SubmitAsync(
            address, TestCluster.Answer(0, "bob", "cd", 5), TestCluster.Answer(0, "ann", "cc", 7), TestCluster.Answer(0, "ann", "d-", 3), TestCluster.Answer(0, "ann", "dn", 7),
            TestCluster.Answer(0, "carl", "-t", 5), TestCluster.Answer(0, "ann", "cc", 0));
        var first = (await GetAsync(cluster, address, "s3://b/0"))!;
        Assert.Equal("ann c 0, ann d 3, bob c 5, ann c 7, ann d 7", Text(first));
        Assert.Equal((6, "ann d, bob c"), (first.Version, Standing(first)));
        var second = (await GetAsync(cluster, address, "s3://b/1"))!;
        Assert.Equal("ann c 0, carl t 5, bob d 5, ann n 7, ann c 7", Text(second));
        Assert.Equal((6, "ann c, bob d, carl t"), (second.Version, Standing(second)));
        // Whatever the partition knows, and wherever it is.
        await cluster.RestartAsync(gracefully: false);
        Assert.Equal(Text(second), Text((await GetAsync(cluster, address, "s3://b/1"))!));
    }

    [Fact]
    public async Task Get_OfALaterPartition_ReadsThatOne()
    {
        await using var cluster = await TestCluster.StartAsync(options => options.MaxImagesPerPartition = 100);
        var job = await cluster.CreateJobAsync(draft: new JobDraft { BatchSize = 50 });
        var address = await cluster.ImportAsync(job, "Dog", 100);
        await cluster.ImportAsync(address, TestCluster.Images(3, "s3://more/"));
        await cluster.Partition(address, 1).SubmitAsync(new Submissions([TestCluster.Answer(2, "ann", "-d")], ArePartial: true));
        var image = (await GetAsync(cluster, address, "s3://more/1"))!;
        Assert.Equal((2, "ann d 1"), (image.Task.Value, Text(image)));
    }

    private static Task<AnsweredImage?> GetAsync(TestCluster cluster, ClassAddress address, string url) =>
        cluster.Grains.GetGrain<IImageGrain>(new ImageAddress(address, ImageUrl.Create(url)).GrainKey).GetAsync();

    private static string Text(AnsweredImage image) =>
        string.Join(", ", image.History.Select(answer => $"{answer.Worker} {AnswerKinds.CodeOf(answer.Kind)} {answer.At.UtcTicks}"));

    private static string Standing(AnsweredImage image) =>
        string.Join(", ", image.Answers.Answers.Select(answer => $"{answer.Worker} {AnswerKinds.CodeOf(answer.Kind)}"));
}
