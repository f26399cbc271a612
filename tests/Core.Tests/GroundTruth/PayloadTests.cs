using System.Text;

namespace BulkQA.Core.Tests;

public sealed class PayloadTests
{
    private const string Arn = "arn:aws:sagemaker:eu-west-1:123456789012:labeling-job/Shell-Fish";

    [Fact]
    public void PreLabeling_ByReferenceOrText_IsRead()
    {
        var byReference = PreLabelingRequest.Parse(Json($$$"""{"version":"2018-10-16","labelingJobArn":"{{{Arn}}}","dataObject":{"source-ref":"s3://b/0.json"},"more":1}"""));
        Assert.Equal((JobName.Create("shell-fish"), "s3://b/0.json", null), (byReference.Job.Job, byReference.SourceRef, byReference.Source));
        Assert.Equal("[]", PreLabelingRequest.Parse(Json($$$"""{"labelingJobArn":"{{{Arn}}}","dataObject":{"source":"[]"}}""")).Source);
    }

    [Theory]
    [InlineData("""{"dataObject":{"source-ref":"s3://b/0"}}""", "labelingJobArn")]
    [InlineData("""{"labelingJobArn":"arn:aws:sagemaker:r:1:labeling-job/x","dataObject":{}}""", "neither source-ref nor source")]
    [InlineData("""{"labelingJobArn":"arn:aws:sagemaker:r:1:labeling-job/x"}""", "dataObject: missing")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("{", "not valid JSON")]
    public void PreLabeling_Incomplete_SaysWhat(string json, string reason) =>
        Assert.Contains(reason, Assert.Throws<BadInputException>(() => PreLabelingRequest.Parse(Json(json))).Message, StringComparison.Ordinal);

    [Fact]
    public void PreLabeling_Response_CarriesTheInputsAsTheyAre() => Assert.Equal(
        """{"taskInput":{"sourceRef":[{"s3_image_url":"s3://b/1","label":"Dog","confidence":"80"}]},"isHumanAnnotationRequired":true}""",
        Encoding.UTF8.GetString(PreLabelingRequest.Response([new LabelingInput("s3://b/1", "Dog", "80")])));

    [Theory]
    [InlineData("\"version\":\"2018-10-06\",\"labelCategories\":null,")]
    [InlineData("\"version\":\"2018-10-16\",\"labelCategories\":[],\"outputConfig\":\"s3://b/o\",\"maxHumanWorkersPerDataObject\":3,\"kmsKeyId\":\"k\",")]
    [InlineData("")]
    public void PostLabeling_VariantsInTheWild_AreRead(string extra)
    {
        var request = PostLabelingRequest.Parse(Json(
            $"{{{extra}\"labelingJobArn\":\"{Arn}\",\"labelAttributeName\":\"shellfish\",\"roleArn\":\"arn:r\",\"payload\":{{\"s3Uri\":\"s3://b/p.json\"}}}}"));
        Assert.Equal((new ObjectUri("b", "p.json"), "arn:r", "shellfish"), (request.PayloadUri, request.RoleArn, request.LabelAttribute.Value));
    }

    [Fact]
    public void Payload_OneBadObjectAmongGoodOnes_DoesNotStopTheOthers()
    {
        var (objects, problems) = Payload.Parse(Json("""
            [{"datasetObjectId":"0","dataObject":{"s3Uri":"s3://b/0"},"annotations":[{"workerId":"w","annotationData":{"content":"{}"}},{"workerId":"v","annotationData":{"s3Uri":"s3://b/a"}}]},
             {"datasetObjectId":"1","dataObject":{},"annotations":[]},
             {"datasetObjectId":2,"dataObject":{"content":"[]"},"annotations":[]},
             {"datasetObjectId":"3","dataObject":{"content":"[]"},"annotations":[{"workerId":"bad"},{"workerId":"w","annotationData":{"content":"{}"}}]}, 7]
            """));
        Assert.Equal(["0", "1", "2", "3"], objects.Select(found => found.DatasetObjectId));
        Assert.Equal([("w", "{}", null), ("v", null, "s3://b/a")], objects[0].Annotations.Select(found => (found.WorkerId, found.Content, found.ContentUri)));
        Assert.Empty(objects[0].Problems);
        Assert.Equal(["dataObject has neither s3Uri nor content"], objects[1].Problems);
        Assert.Equal(["annotation 0 lacks workerId or annotationData"], objects[3].Problems);
        Assert.Equal(["w"], objects[3].Annotations.Select(found => found.WorkerId));
        Assert.Equal(["object 4: it has no datasetObjectId that can be read"], problems);
    }

    [Fact]
    public void Payload_TextsThatAreNoUnicode_StopNeitherTheirObjectsNorTheOthers()
    {
        byte[] bad = [0xC3, 0x28];
        byte[] json =
        [
            .. Json("[{\"datasetObjectId\":\""), .. bad, .. Json("\",\"dataObject\":{\"content\":\"[]\"},\"annotations\":[]},"),
            .. Json("{\"datasetObjectId\":\"1\",\"dataObject\":{\"s3Uri\":\""), .. bad, .. Json("\"},\"annotations\":[]},"),
            .. Json("{\"datasetObjectId\":\"2\",\"dataObject\":{\"content\":\"[]\"},\"annotations\":[{\"workerId\":\""), .. bad, .. Json("\",\"annotationData\":{\"content\":\"{}\"}},"),
            .. Json("{\"workerId\":\"w\",\"annotationData\":{\"content\":\"{}\"}}]}]"),
        ];
        var (objects, problems) = Payload.Parse(json);
        Assert.Equal(["object 0: it has no datasetObjectId that can be read"], problems);
        Assert.Equal(["1", "2"], objects.Select(found => found.DatasetObjectId));
        Assert.Contains("s3Uri is not valid Unicode", objects[0].Problems);
        Assert.Equal(["annotation 0: workerId is not valid Unicode"], objects[1].Problems);
        Assert.Equal(["w"], objects[1].Annotations.Select(found => found.WorkerId));
    }

    /// <summary>A lone surrogate that is escaped is found no earlier than the name is compared with a shorter one.</summary>
    [Fact]
    public void Payload_NamesThatAreNoUnicode_StopNeitherTheirObjectsNorTheOthers()
    {
        var (objects, problems) = Payload.Parse(Json("""
            [{"datasetObjectId":"lost","\ud800 of a longer name":1},
             {"dataObject":{"content":"[]"},"annotations":[],"\ud800 of a longer name":1,"datasetObjectId":"1"},
             {"datasetObjectId":"2","dataObject":{"content":"[]","\ud800 of a longer name":1},"annotations":[]},
             {"datasetObjectId":"3","dataObject":{"content":"[]"},"annotations":[{"workerId":"v","annotationData":{"content":"{}"},"\ud800 of a longer name":1},{"workerId":"w","annotationData":{"content":"{}"}}]}]
            """));
        Assert.Equal(["object 0: it has no datasetObjectId that can be read"], problems);
        Assert.Equal(["1", "2", "3"], objects.Select(found => found.DatasetObjectId));
        Assert.Equal(["the name of a property beside dataObject is not valid Unicode"], objects[0].Problems);
        Assert.Equal("the name of a property beside s3Uri is not valid Unicode", objects[1].Problems[0]);
        Assert.Equal(["annotation 0: the name of a property beside workerId is not valid Unicode"], objects[2].Problems);
        Assert.Equal(["w"], objects[2].Annotations.Select(found => found.WorkerId));
    }

    [Fact]
    public void Requests_NamesThatAreNoUnicode_AreRefused()
    {
        var json = Json($$$"""{"labelingJobArn":"{{{Arn}}}","\ud800 of a longer name":1}""");
        Assert.Contains("is not valid Unicode", Assert.Throws<BadInputException>(() => PreLabelingRequest.Parse(json)).Message, StringComparison.Ordinal);
        Assert.Contains("is not valid Unicode", Assert.Throws<BadInputException>(() => PostLabelingRequest.Parse(json)).Message, StringComparison.Ordinal);
        Assert.Contains("is not valid Unicode", Assert.Throws<BadInputException>(() => Manifest.SourceRefOf("""{"source-ref":"s3://b/0","\ud800 of a longer name":1}""")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PostLabeling_TextThatIsNoUnicode_IsRefused()
    {
        byte[] json = [.. Json("{\"labelingJobArn\":\""), 0xC3, 0x28, .. Json("\"}")];
        Assert.Equal("labelingJobArn is not valid Unicode", Assert.Throws<BadInputException>(() => PostLabelingRequest.Parse(json)).Message);
    }

    [Theory]
    [InlineData("shellfish", true)]
    [InlineData("source", false)]
    [InlineData("source-ref", false)]
    [InlineData("x-metadata", false)]
    [InlineData("-x", false)]
    [InlineData("", false)]
    public void LabelAttribute_FollowsItsRule(string name, bool valid) => Assert.Equal(valid, LabelAttributeName.TryCreate(name, out _, out _));

    private static byte[] Json(string text) => Encoding.UTF8.GetBytes(text);
}
