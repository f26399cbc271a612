using System.Text.Json;
using BulkQA.Web.NewJob;

namespace BulkQA.Web.Tests;

public sealed class JobPlanTests
{
    [Theory]
    [InlineData("Dogs and cats (v2).csv", "Dogs-and-cats-v2")]
    [InlineData("/data/Größe_été.ndjson", "Gro-e-ete")]
    [InlineData("狗.csv", "new-job")]
    [InlineData("--x--.csv", "x")]
    public void NameOf_AFile_IsANameThatRestTakes(string file, string name) => Assert.Equal(name, JobPlan.NameOf(file));

    [Fact]
    public void NameOf_ALongName_IsCutToWhatRestTakes()
    {
        var name = JobPlan.NameOf(new string('a', 62) + "-" + new string('b', 9));
        Assert.Equal(new string('a', 62), name);
    }

    [Fact]
    public void SetTarget_Wanted_PutsTheJobInRandomOrderWithoutWhatForbidsATarget()
    {
        var plan = new JobPlan { Sample = 100, MaxWorkersPerTask = 5 };
        plan.SetTarget(true);
        var body = plan.ToRequest(null);
        Assert.Matches(@"^random\(\d+\)$", (string)body["order"]!);
        Assert.Equal((null, null), (plan.Sample, plan.MaxWorkersPerTask));
        Assert.Equal(body["order"], plan.ToRequest(null)["order"]);
    }

    [Fact]
    public void ToRequest_OfWhatNobodyTouched_LeavesToRestWhatItKnows()
    {
        var body = JsonSerializer.Serialize(new JobPlan { Name = " dogs " }.ToRequest(" "), JsonSerializerOptions.Web);
        Assert.Equal("""{"name":"dogs","policy":"unanimous","workersPerTask":3,"batchSize":25,"order":"asCut","bucketEdges":[80,85,90,95,100]}""", body);
    }

    [Fact]
    public void ToRequest_OfMore_SaysItAsRestReadsIt()
    {
        var plan = new JobPlan { Name = "x", Policy = "quorum", Quorum = 3, Teams = ["dogs"], GoldOneIn = 20, AlarmPercent = 95, PictureHosts = "a.example, b.example", BucketEdges = "0 50,100", Level = 0.9, Scope = "model" };
        var body = JsonSerializer.Serialize(plan.ToRequest("s3://b/p/"), JsonSerializerOptions.Web);
        Assert.Equal("""{"name":"x","policy":"quorum(3)","workersPerTask":3,"batchSize":25,"order":"asCut","imageBase":"s3://b/p/","pictureHosts":["a.example","b.example"],"bucketEdges":[0,50,100],"gold":{"oneIn":20},"level":0.9,"scope":"model","alarm":{"minCorrectPercent":95},"assignment":{"teams":["dogs"]}}""", body);
    }
}
