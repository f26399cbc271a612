using System.IO.Compression;
using System.Text.Json;
using ParquetSharp;
using ParquetSharp.IO;

namespace BulkQA.Api.Tests;

/// <summary>Every format from upload to class table, over REST.</summary>
public sealed class FormatImportTests(SharedApi api)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string, string> Texts => new()
    {
        { "?scale=fraction", "text/csv", "filename;class;score\na.jpg;Dog;0,97\nb.jpg;Cat;0,81\n", """{"format":"csv","delimiter":";","header":true,"columns":{"image":"filename","label":"class","confidence":"score"},"scale":"fraction","encoding":"utf-8"}""" },
        { "?image=3&label=1&confidence=2", "text/tab-separated-values", "Dog\t97\ta.jpg\nCat\t81\tb.jpg\n", """{"format":"tsv","delimiter":"\t","header":false,"columns":{"image":"3","label":"1","confidence":"2"},"scale":"percent","encoding":"utf-8"}""" },
        { "?format=tsv", "text/plain", "path\tlabel\tprob\na.jpg\tDog\t97%\nb.jpg\tCat\t81%\n", """{"format":"tsv","delimiter":"\t","header":true,"columns":{"image":"path","label":"label","confidence":"prob"},"scale":"percent","encoding":"utf-8"}""" },
        { "?image=in.key&label=Classes[0].Name&confidence=Classes[0].Score&scale=fraction", "application/x-ndjson", """{"in":{"key":"a.jpg"},"Classes":[{"Name":"Dog","Score":0.97}]}""" + "\n" + """{"in":{"key":"b.jpg"},"Classes":[{"Name":"Cat","Score":0.81}]}""", """{"format":"ndjson","delimiter":null,"header":null,"columns":{"image":"in.key","label":"Classes[0].Name","confidence":"Classes[0].Score"},"scale":"fraction","encoding":"utf-8"}""" },
        { "?format=groundtruth", "application/jsonl", """{"source-ref":"a.jpg","x":0,"x-metadata":{"class-name":"Dog","confidence":0.97}}""" + "\n" + """{"source-ref":"b.jpg","x":1,"x-metadata":{"class-name":"Cat","confidence":0.81}}""", """{"format":"groundtruth","delimiter":null,"header":null,"columns":{"image":"source-ref","label":"x","confidence":"x-metadata"},"scale":"fraction","encoding":"utf-8"}""" },
        { "?format=rekognition", "application/jsonl", """{"image":"a.jpg","Labels":[{"Name":"Dog","Confidence":97},{"Name":"Animal","Confidence":90}]}""" + "\n" + """{"image":"b.jpg","Labels":[{"Name":"Cat","Confidence":81}]}""", """{"format":"rekognition","delimiter":null,"header":null,"columns":{"image":"image","label":"Name","confidence":"Confidence"},"scale":"percent","encoding":"utf-8"}""" },
        { "?format=coco", "application/json", """{"annotations":[{"image_id":1,"category_id":7,"score":0.97},{"image_id":2,"category_id":8,"score":0.81}],"images":[{"id":1,"file_name":"a.jpg"},{"id":2,"file_name":"b.jpg"}],"categories":[{"id":7,"name":"Dog"},{"id":8,"name":"Cat"}]}""", """{"format":"coco","delimiter":null,"header":null,"columns":{"image":"file_name","label":"categories.name","confidence":"score"},"scale":"fraction","encoding":"utf-8"}""" },
        { "?format=labelstudio", "application/json", """[{"data":{"image":"a.jpg"},"predictions":[{"score":0.97,"result":[{"value":{"choices":["Dog"]}}]}]},{"data":{"image":"b.jpg"},"predictions":[{"score":0.81,"result":[{"value":{"choices":["Cat"]}}]}]}]""", """{"format":"labelstudio","delimiter":null,"header":null,"columns":{"image":"image","label":"predictions.choices","confidence":"predictions.score"},"scale":"fraction","encoding":"utf-8"}""" },
        { "?format=fiftyone", "application/json", """{"samples":[{"filepath":"a.jpg","p":{"_cls":"Classification","label":"Dog","confidence":0.97}},{"filepath":"b.jpg","p":{"_cls":"Classification","label":"Cat","confidence":0.81}}]}""", """{"format":"fiftyone","delimiter":null,"header":null,"columns":{"image":"filepath","label":"p","confidence":"p.confidence"},"scale":"fraction","encoding":"utf-8"}""" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Import_FormatOfText_IsInTheClassTable(string query, string type, string body, string read)
    {
        var (job, summary) = await ImportAsync(System.Text.Encoding.UTF8.GetBytes(body), type, query);
        Assert.Equal(read, summary.GetProperty("read").GetRawText());
        Assert.Equal(["Cat 80-85", "Dog 95-100"], await TableAsync(job));
    }

    [Fact]
    public async Task Import_Parquet_IsInTheClassTable()
    {
        using var stream = new MemoryStream();
        using (var output = new ManagedOutputStream(stream, leaveOpen: true))
        using (var writer = new ParquetFileWriter(output, [new Column<string>("file"), new Column<string>("label"), new Column<float>("score")]))
        {
            using var group = writer.AppendRowGroup();
            using (var files = group.NextColumn().LogicalWriter<string>()) files.WriteBatch(["a.jpg", "b.jpg"]);
            using (var labels = group.NextColumn().LogicalWriter<string>()) labels.WriteBatch(["Dog", "Cat"]);
            using (var scores = group.NextColumn().LogicalWriter<float>()) scores.WriteBatch([0.97f, 0.81f]);
            writer.Close();
        }
        var (job, summary) = await ImportAsync(stream.ToArray(), "application/vnd.apache.parquet", "?scale=fraction");
        Assert.Equal("""{"format":"parquet","delimiter":null,"header":null,"columns":{"image":"file","label":"label","confidence":"score"},"scale":"fraction","encoding":null}""", summary.GetProperty("read").GetRawText());
        Assert.Equal(["Cat 80-85", "Dog 95-100"], await TableAsync(job));
        Assert.Equal(97, (await api.Http.GetJsonAsync($"/v1/jobs/{job}/images?label=Dog")).Items().Single().GetProperty("confidence").GetDouble());
    }

    /// <summary>Names that nobody knows, and no number that tells them from an item.</summary>
    [Fact]
    public async Task Import_PositionsWithoutAConfidence_AreRefusedUntilSomebodySaysWhetherThereIsAHeader()
    {
        const string Corpus = "bild,klasse\na.jpg,Dog\nb.jpg,Cat\n";
        var job = await api.Http.CreateJobAsync();
        using (var body = HttpExtensions.Text(Corpus, "text/csv"))
            Assert.Contains("?header=true", await (await api.Http.PostAsync($"/v1/jobs/{job}/items?image=1&label=2", body, Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
        var (said, summary) = await ImportAsync(System.Text.Encoding.UTF8.GetBytes(Corpus), "text/csv", "?image=1&label=2&header=true");
        Assert.Equal("""{"format":"csv","delimiter":",","header":true,"columns":{"image":"bild","label":"klasse","confidence":null},"scale":null,"encoding":"utf-8"}""", summary.GetProperty("read").GetRawText());
        Assert.Equal(["Cat unknown", "Dog unknown"], await TableAsync(said));
    }

    /// <summary>Human-labelled corpora have no confidence: the bucket is unknown, and the others are not shown as empty ones would be.</summary>
    [Fact]
    public async Task Import_ImageFolder_IsInTheBucketUnknown()
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var name in (string[])["train/Dog/a.jpg", "train/Cat/b.jpg"]) zip.CreateEntry(name);
        var (job, summary) = await ImportAsync(stream.ToArray(), "application/zip", "");
        Assert.Equal(JsonValueKind.Null, summary.GetProperty("read").GetProperty("scale").ValueKind);
        Assert.Equal(["Cat unknown", "Dog unknown"], await TableAsync(job));
        const string worker = "ann";
        var task = await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/next?worker={worker}");
        var box = task.Items("images").Single().String("box");
        using var answer = HttpExtensions.Text(JsonSerializer.Serialize(new { workerId = worker, answers = new Dictionary<string, object> { [box] = new { Confirmed = true } } }), "application/json");
        (await api.Http.PostAsync($"/v1/jobs/{job}/tasks/{task.Int("task")}/annotations", answer, Cancellation)).EnsureSuccessStatusCode();
        Assert.Equal(1, (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("votes"));
    }

    [Fact]
    public async Task Import_DryRun_TellsAndStoresNothing()
    {
        var job = await api.Http.CreateJobAsync(new { minConfidence = 20 });
        var body = "image,label,confidence\n" + string.Concat(Enumerable.Range(1, 2_000).Select(number => $"{number}.jpg,Dog,{(number == 2 ? "x" : number == 3 ? "10" : "90")}\n"));
        using var content = HttpExtensions.Text(body, "text/csv");
        var summary = await (await api.Http.PostAsync($"/v1/jobs/{job}/items?dryRun=true", content, Cancellation)).JsonAsync();
        Assert.Equal((998, 0, 1, 1), (summary.Int("accepted"), summary.Int("duplicates"), summary.Int("belowMinConfidence"), summary.Int("rejectedCount")));
        Assert.Equal("""{"format":"csv","delimiter":",","header":true,"columns":{"image":"image","label":"label","confidence":"confidence"},"scale":"percent","encoding":"utf-8"}""", summary.GetProperty("read").GetRawText());
        Assert.Equal(["2 s3://bulkqa/images/1.jpg Dog 90", "5 s3://bulkqa/images/4.jpg Dog 90"], summary.Items("preview").Take(2).Select(item => $"{item.Int("line")} {item.String("imageUrl")} {item.String("label")} {item.GetProperty("confidence").GetDouble()}"));
        Assert.Equal(10, summary.Items("preview").Count());
        Assert.Equal((0, 0), ((await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("images"), (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Int("classes")));
        Assert.False((await api.Http.ImportAsync(job, "a.jpg,Dog,90")).TryGetProperty("preview", out _));
    }

    [Fact]
    public async Task Import_WhatIsPerhapsNotMeant_IsWarnedOfByKind()
    {
        var summary = await api.Http.ImportAsync(await api.Http.CreateJobAsync(), "image,label\na.jpg,Dog\nb.jpg,dog\nc.jpg,\" Dog\"\na.jpg,Cat\nd.jpg,Dog\n");
        var warnings = summary.Items("warnings").ToDictionary(warning => warning.String("kind"));
        Assert.Equal(["noConfidence", "severalLabels", "similarLabels"], warnings.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([3, 4], warnings["similarLabels"].Items("lines").Select(line => line.GetInt32()));
        Assert.Contains("'Dog' and 'dog'; 'Dog' and ' Dog'", warnings["similarLabels"].String("detail"), StringComparison.Ordinal);
        Assert.Equal([5], warnings["severalLabels"].Items("lines").Select(line => line.GetInt32()));
        Assert.Equal(5, summary.Int("accepted"));
    }

    [Fact]
    public async Task Import_WebAddressOfS3_IsTheSameImage()
    {
        var job = await api.Http.CreateJobAsync();
        await api.Http.ImportAsync(job, "s3://bulkqa/images/a b.jpg,Dog,90");
        var summary = await api.Http.ImportAsync(job, "https://bulkqa.s3.eu-central-1.amazonaws.com/images/a%20b.jpg,Dog,90");
        Assert.Equal((0, 1), (summary.Int("accepted"), summary.Int("duplicates")));
    }

    [Theory]
    [InlineData("?format=xml", "'xml' is none of csv, tsv")]
    [InlineData("?delimiter=x", "'x' is none of comma")]
    [InlineData("?encoding=ebcdic", "'ebcdic' is none of utf-8")]
    [InlineData("?scale=permille", "'permille' is neither percent nor fraction")]
    [InlineData("?labels=some", "'some' is neither top nor all")]
    [InlineData("?image=%20", "it is empty")]
    [InlineData("?header=false&image=bild", "'bild' is the name of a column")]
    [InlineData("?header=true&image=9", "none is '9'")]
    [InlineData("?image=picture", "none is 'picture', which was named for the image")]
    public async Task Import_QueryThatMeansNothing_Is400(string query, string says)
    {
        using var body = HttpExtensions.Text("image,label,confidence\na.jpg,Dog,90\n", "text/csv");
        Assert.Contains(says, await (await api.Http.PostAsync($"/v1/jobs/{await api.Http.CreateJobAsync()}/items{query}", body, Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
    }

    private async Task<(string Job, JsonElement Summary)> ImportAsync(byte[] body, string type, string query)
    {
        var job = await api.Http.CreateJobAsync();
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new(type) } };
        var summary = await (await api.Http.PostAsync($"/v1/jobs/{job}/items{query}", content, Cancellation)).JsonAsync();
        Assert.Equal((2, 0), (summary.Int("accepted"), summary.Int("rejectedCount")));
        return (job, summary);
    }

    /// <summary>Each class with the buckets that hold images.</summary>
    private async Task<IEnumerable<string>> TableAsync(string job) =>
        (await api.Http.GetJsonAsync($"/v1/jobs/{job}/classes")).Items("classes").SelectMany(row => row.Items("buckets").Where(bucket => bucket.Int("total") > 0).Select(bucket =>
            $"{row.String("label")} {(bucket.TryGetProperty("kind", out var kind) && kind.ValueKind == JsonValueKind.String ? kind.GetString() : $"{bucket.GetProperty("from").GetDouble()}-{bucket.GetProperty("to").GetDouble()}")}")).Order(StringComparer.Ordinal);
}
