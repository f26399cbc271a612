using System.Collections.Immutable;
using System.Text;
using BulkQA.Tests;

namespace BulkQA.Core.Tests;

/// <summary>What BulkQA's own messages and contracts are read by, given damaged and made-up input (<see cref="Fuzzing"/>).</summary>
public sealed class FuzzTests
{
    private static readonly string[] _labels = ["Dog", "Dog", "Dog"];

    private static readonly Dictionary<string, (string[] Samples, Func<byte[], IEnumerable<string>> Read)> _readers = new()
    {
        ["message, by task"] = (["""{"schema":2,"job":"dogs","incarnation":"dogs~0123456789ab","submittedAt":639000000000000000,"task":3,"workers":[{"worker":"ann","answers":"cdtn-","boxes":"ticked","seconds":12.5},{"worker":"bob","answers":"ccccc"}]}"""],
            bytes => WrittenAgain(AnswersMessage.Parse(bytes))),
        ["message, by image"] = (["""{"schema":2,"job":"dogs","images":[{"url":"s3://b/1","label":"Dog","answers":{"ann":"confirm","bob":"notSeen"}}]}""", """{"schema":1,"job":"dogs","incarnation":"dogs~0123456789ab","task":3,"submittedAt":639000000000000000,"images":[{"url":"s3://b/1","label":"Dog","confidence":"87.5","answers":{"ann":true,"bob":false}}]}"""],
            bytes => WrittenAgain(AnswersMessage.Parse(bytes))),
        ["payload"] = (["""[{"datasetObjectId":"0","dataObject":{"s3Uri":"s3://b/0.json"},"annotations":[{"workerId":"a","annotationData":{"content":"{\"Dog-0\":{\"Confirmed\":true}}"}}]},{"datasetObjectId":"1","dataObject":{"content":"[]"},"annotations":[]}]"""],
            bytes => Read(Payload.Parse(bytes))),
        ["post-labeling request"] = (["""{"version":"2018-10-16","labelingJobArn":"arn:aws:sagemaker:us-east-1:123456789012:labeling-job/dogs","labelCategories":null,"labelAttributeName":"dogs","roleArn":"arn:aws:iam::1:role/r","payload":{"s3Uri":"s3://b/p.json"}}"""],
            bytes => Nothing(PostLabelingRequest.Parse(bytes))),
        ["pre-labeling request"] = (["""{"version":"2018-10-16","labelingJobArn":"arn:aws:sagemaker:us-east-1:123456789012:labeling-job/dogs","dataObject":{"source-ref":"s3://b/0.json"}}""", """{"dataObject":{"source":"[]"}}"""],
            bytes => Nothing(PreLabelingRequest.Parse(bytes))),
        ["labeling input"] = (["""[{"s3_image_url":"s3://b/1","label":"Dog","confidence":"87.27"}]""", """[{"s3_image_url":"s3://b/1","label":"Dog","policy":"quorum(2)","policyRevision":3}]"""],
            bytes => TaskPolicy.Of(LabelingInput.ReadArray(bytes), out var problem) is null && problem is not null ? [problem] : []),
        ["manifest line"] = (["""{"source-ref":"s3://b/custom-labeling-inputs/0.json"}"""], bytes => Nothing(Manifest.SourceRefOf(Encoding.UTF8.GetString(bytes)))),
        ["answers"] = (["""{"Dog-0":{"Confirmed":true},"Dog-1":{"Confirmed":false},"Dog-2":{"Confirmed":true}}""", """{"Dog-0":{"NotSeen":true},"Dog-1":{"CantTell":true,"Confirmed":false},"Dog-2":{"NotSeen":false,"Confirmed":true}}"""], bytes => Answers.Parse(Encoding.UTF8.GetString(bytes), _labels, out var problems) is null ? problems : []),
        ["places key"] = (["dogs~0123456789ab/Dog %2F@3"], bytes => Nothing(ClassAddress.ParsePlacesKey(Encoding.UTF8.GetString(bytes)))),
        ["partition key"] = (["dogs~0123456789ab/Dog %2F#3"], bytes => Nothing(PartitionAddress.Parse(Encoding.UTF8.GetString(bytes)))),
        ["image key"] = (["dogs~0123456789ab/Dog %40|s3://b/1|2"], bytes => Nothing(ImageAddress.Parse(Encoding.UTF8.GetString(bytes)))),
        ["task answers"] = (["ccdt-n"], bytes => Nothing(TaskAnswers.Parse(Encoding.UTF8.GetString(bytes)))),
        ["order"] = (["asCut", "byValue", "random(3)"], bytes => TaskOrder.TryParse(Encoding.UTF8.GetString(bytes), out _) ? [] : ["no order"]),
        ["policy"] = (["unanimous", "quorum(3)"], bytes => VerdictPolicy.TryParse(Encoding.UTF8.GetString(bytes), out _) ? [] : ["no policy"]),
    };

    public static TheoryData<string> Readers => [.. _readers.Keys];

    [Theory]
    [MemberData(nameof(Readers))]
    public void Reader_WhateverComes_TakesItOrRefusesIt(string name) =>
        Fuzzing.Run(name, [.. _readers[name].Samples.Select(Encoding.UTF8.GetBytes)], _readers[name].Read);

    private static IEnumerable<string> Read((IReadOnlyList<PayloadObject> Objects, IReadOnlyList<string> Problems) payload) =>
        payload.Problems.Concat(payload.Objects.SelectMany(found => found.Problems));

    /// <summary>What was taken can be sent on, and is then taken whole.</summary>
    private static ImmutableArray<string> WrittenAgain((AnswersMessage Message, ImmutableArray<string> Problems) read)
    {
        var (message, problems) = read;
        if (message.Workers.Length + message.Images.Length > 0) Assert.Empty(AnswersMessage.Parse(message.Write()).Problems);
        return problems;
    }

    private static IEnumerable<string> Nothing(object? _) => [];
}
