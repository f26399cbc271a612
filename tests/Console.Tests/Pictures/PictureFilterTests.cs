using System.Text.Json;
using BulkQA.Web.Pictures;

namespace BulkQA.Web.Tests;

public sealed class PictureFilterTests
{
    [Fact]
    public void Path_OfAFilter_IsTheQueryOfRest()
    {
        var filter = new PictureFilter { Label = "Big Dog", Bucket = "80-85", Verdict = "Split", Worker = "ann", PosteriorFrom = 0.1, PosteriorTo = 0.9, Problem = "unseen", Sort = "value" };
        const string Query = "label=Big%20Dog&bucket=80-85&verdict=Split&worker=ann&posteriorFrom=0.1&posteriorTo=0.9&problem=unseen&sort=value";
        Assert.Equal($"/v1/jobs/dogs/images?{Query}&limit=200&cursor=next", filter.Path("dogs", 200, "next"));
        Assert.Equal($"/console/jobs/dogs/pictures?{Query}&image=s3%3A%2F%2Fb%2F1.jpg&imageLabel=Dog", filter.Link("dogs", new ImageKey("s3://b/1.jpg", "Dog")));
        Assert.False(filter.IsAny);
    }

    [Fact]
    public void Path_OfATextInTheAddress_HasNoOrder() =>
        Assert.Equal("/v1/jobs/dogs/images?text=a%2Fb&limit=10", new PictureFilter { Text = "a/b", Sort = "value" }.Path("dogs", 10));

    [Fact]
    public void Path_OfNoFilter_SaysNothing()
    {
        Assert.Equal("/v1/jobs/dogs/images?limit=10", new PictureFilter().Path("dogs", 10));
        Assert.Equal("/console/jobs/dogs/pictures", new PictureFilter().Link("dogs"));
    }

    [Theory]
    [InlineData("https://pictures.example.org/1.jpg", "https://pictures.example.org/1.jpg")]
    [InlineData("https://other.example.org/1.jpg", "/jobs/dogs/picture?url=https%3A%2F%2Fother.example.org%2F1.jpg&size=512")]
    [InlineData("https://pictures.example.org:8443/1.jpg", "/jobs/dogs/picture?url=https%3A%2F%2Fpictures.example.org%3A8443%2F1.jpg&size=512")]
    [InlineData("http://pictures.example.org/1.jpg", "/jobs/dogs/picture?url=http%3A%2F%2Fpictures.example.org%2F1.jpg&size=512")]
    [InlineData("s3://bulkqa/images/1.jpg", "/jobs/dogs/picture?url=s3%3A%2F%2Fbulkqa%2Fimages%2F1.jpg&size=512")]
    public void Small_OfAnImage_IsOnTheWebOnlyWhereTheJobNamesTheHost(string url, string address) =>
        Assert.Equal(address, PictureAddress.Small(new JobModel { Name = "dogs", PictureHosts = ["pictures.example.org"] }, url));

    [Theory]
    [InlineData(null, "adjudicator", null, true)]
    [InlineData("p1", "adjudicator", null, false)]
    [InlineData("p1", "viewer", "cats", false)]
    [InlineData("p1", "adjudicator", "cats", false)]
    [InlineData("p1", "adjudicator", "DOGS", true)]
    [InlineData("p1", "lead", "DOGS", true)]
    public void MayAdjudicate_ByRoleOrByGrantForTheJobsTeam(string? person, string role, string? team, bool may)
    {
        var caller = new CallerModel { Person = person, Roles = [role], Grants = team is null ? [] : [new GrantSettingsModel { Role = role, Team = team }] };
        Assert.Equal(may, caller.MayAdjudicate(new JobModel { Name = "j", Assignment = new AssignmentSettingsModel { Teams = ["dogs"] } }));
    }

    [Fact]
    public void FollowUp_OfAJob_TakesAlongWhatANewJobCanHave()
    {
        var job = new JobModel { Name = "dogs", BatchSize = 10, BucketEdges = [50, 100], Policy = "weighted(0.95)", ImageBase = "s3://b/p/", Assignment = new AssignmentSettingsModel { Teams = ["dogs"] }, Work = new WorkSettingsModel { SeeWholeBatch = true } };
        Assert.Equal(
            """{"name":"x","batchSize":10,"workersPerTask":5,"bucketEdges":[50,100],"policy":"majority","picturesOf":"dogs","work":{"instructions":null,"seeWholeBatch":true,"goldFeedback":null},"assignment":{"teams":["dogs"]}}""",
            JsonSerializer.Serialize(FollowUp.Request(job, "x", 5, []), JsonSerializerOptions.Web));
        Assert.Contains("\"assignment\":{\"teams\":[\"dogs\"]}", JsonSerializer.Serialize(FollowUp.Request(job with { Assignment = new AssignmentSettingsModel { Teams = ["cats", "dogs"] } }, "x", 5, ["Dogs", "birds"]), JsonSerializerOptions.Web), StringComparison.Ordinal);
        Assert.Equal(63, FollowUp.NameOf(new string('a', 63)).Length);
        Assert.Equal(
            "{\"image\":\"s3://b/\\u0022.jpg\",\"label\":\"Dog\",\"confidence\":97.5,\"modelVersion\":null}\n",
            FollowUp.Corpus([new ImageModel { ImageUrl = "s3://b/\".jpg", Label = "Dog", Confidence = 97.5 }]));
    }
}
