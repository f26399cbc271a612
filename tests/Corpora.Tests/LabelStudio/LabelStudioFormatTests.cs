namespace BulkQA.Corpora.Tests;

/// <summary>Tasks as https://labelstud.io/guide/export describes them.</summary>
public sealed class LabelStudioFormatTests
{
    [Fact]
    public async Task Read_Export_TakesPredictionsAndThenAnnotations()
    {
        var (lines, reading) = await Corpus.ReadAsync(
            """
            [{"id":1,"data":{"image":"a.jpg"},"annotations":[],"predictions":[{"model_version":"1","score":0.97,"result":[{"from_name":"choice","to_name":"image","type":"choices","value":{"choices":["Dog"]}}]}]},
             {"id":2,"data":{"image":"s3://pets/b.jpg"},"predictions":[],"annotations":[{"was_cancelled":true,"result":[{"type":"choices","value":{"choices":["Cat"]}}]},{"result":[{"type":"rectanglelabels","value":{"rectanglelabels":["x"]}},{"type":"choices","value":{"choices":["Dog"]}}]}]},
             {"id":3,"data":{"image":"c.jpg"},"annotations":[{"result":[]}]},
             {"id":4,"data":{"text":"d"}},
             5]
            """, "labelstudio");
        Assert.Equal(
            ["a.jpg Dog 97", "s3://pets/b.jpg Dog -", "3: neither a prediction nor an annotation of the task is a choice", "4: no property of the task's data is the image; say which is by ?image=", "5: no property of the task's data is the image; say which is by ?image="],
            Corpus.Show(lines));
        Assert.Equal(("image", "predictions.choices", "predictions.score"), (reading.Image, reading.Label, reading.Confidence));
    }

    [Fact]
    public async Task Read_ImageThatIsSaid_IsTaken() => Assert.Equal(
        ["a.jpg Dog -"],
        Corpus.Show((await Corpus.ReadAsync("""[{"data":{"bild":"a.jpg"},"annotations":[{"result":[{"value":{"choices":["Dog"]}}]}]}]""", "labelstudio", new CorpusOptions { Image = "bild" })).Lines));
}
