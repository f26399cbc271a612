using System.Text;
using BulkQA.Tests;

namespace BulkQA.Corpora.Tests;

/// <summary>Every format, given damaged and made-up corpora (<see cref="Fuzzing"/>).</summary>
public sealed class FuzzTests
{
    private static readonly Dictionary<string, byte[][]> _samples = new()
    {
        ["csv"] =
        [
            "image_local_path,label,confidence\na.jpg,\"Dog, big\",87.5\nb.jpg,Cat,90\n"u8.ToArray(), Encoding.UTF8.GetBytes("s3_image_url,label,confidence,WorkerConfirmCount\r\ns3://b/1,犬,80,3\r\n"),
            "Score;class;filename\r80,5;Dog;a.jpg\r81%;\"x\ry\";https://e.s3.amazonaws.com/b+c.jpg\r"u8.ToArray(), "a.jpg|Dog|80\ns3://c/b.jpg|Dog|81"u8.ToArray(),
            [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("image,label\na.jpg,Dog\n")],
        ],
        ["ndjson"] = ["{\"s3_image_url\":\"s3://b/1\",\"label\":\"Dog\",\"confidence\":\"80\"}\n{\"image_local_path\":\"a\",\"label\":\"x\",\"confidence\":1e1}\n"u8.ToArray()],
        ["groundtruth"] = ["""{"source-ref":"s3://b/a.jpg","x":0,"x-metadata":{"class-name":"Dog","confidence":0.94}}"""u8.ToArray(), """{"source-ref":"s3://b/a.jpg","x":[0],"x-metadata":{"class-map":{"0":"Dog"},"confidence-map":{"0":0.95}}}"""u8.ToArray()],
        ["rekognition"] = ["""{"image":"a.jpg","Labels":[{"Name":"Animal","Confidence":88.5},{"Name":"Dog","Confidence":97.25}]}"""u8.ToArray(), """{"Image":{"S3Object":{"Bucket":"b","Name":"k"}},"r":{"CustomLabels":[{"Name":"x","Confidence":1}]}}"""u8.ToArray()],
        ["coco"] = ["""{"info":{},"images":[{"id":1,"file_name":"a.jpg"}],"annotations":[{"image_id":1,"category_id":2,"score":0.5}],"categories":[{"id":2,"name":"Dog"}]}"""u8.ToArray()],
        ["labelstudio"] = ["""[{"data":{"image":"a.jpg"},"predictions":[{"score":0.9,"result":[{"value":{"choices":["Dog"]}}]}]}]"""u8.ToArray()],
        ["fiftyone"] = ["""{"name":"x","samples":[{"filepath":"a.jpg","p":{"_cls":"Classification","label":"Dog","confidence":0.9}}]}"""u8.ToArray()],
        ["imagefolder"] = [ImageFolderFormatTests.Zip("Dog/1.jpg", "Cat/2.jpg"), "Dog/1.jpg\nCat/2.jpg\n"u8.ToArray()],
        ["parquet"] = [ParquetFormatTests.Write("image", "label", "confidence", [("a.jpg", "Dog", 97.5f), ("b.jpg", "Cat", null)])],
    };

    public static TheoryData<string> Formats => [.. CorpusFormats.All.Select(format => format.Name).Where(name => name != "tsv")];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Format_WhateverComes_TakesItOrRefusesIt(string format) => Fuzzing.Run($"corpus, {format}", _samples[format], bytes => ReadAll(bytes, format));

    [Fact]
    public void Votes_WhateverComes_TakesThemOrRefusesThem() => Fuzzing.Run(
        "votes, array", ["""[{"imageUrl":"s3://b/1","label":"Dog","workerId":"w","confirmed":true}, {"a":[[1,"\\\"]"]]} ,null,-1.5e3,"x"]"""u8.ToArray()],
        bytes => JsonArrays.ReadAsync(new MemoryStream(bytes)).ToBlockingEnumerable().Select(element =>
        {
            element.Document?.Dispose();
            return element.Problem;
        }).OfType<string>());

    private static List<string> ReadAll(byte[] bytes, string format)
    {
        var problems = new List<string>();
        foreach (var line in Corpus.Lines(new MemoryStream(bytes), format).ToBlockingEnumerable(TestContext.Current.CancellationToken))
        {
            Assert.True(line.Item is not null != line.Problem is not null);
            if (line.Problem is { } problem) problems.Add(problem);
        }
        return problems;
    }
}
