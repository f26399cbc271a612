using System.IO.Compression;

namespace BulkQA.Corpora.Tests;

public sealed class ImageFolderFormatTests
{
    [Fact]
    public async Task Read_Zip_TakesFoldersForLabels()
    {
        var (lines, reading) = await Corpus.ReadAsync(Zip("pets/Dog/", "pets/Dog/1.jpg", "pets/Cat/2 ü.png", "3.jpg", "__MACOSX/pets/Dog/._1.jpg", "pets/Dog/.DS_Store", "pets/Dog/notes.txt", "../Dog/4.jpg"), "imagefolder");
        Assert.Equal(
            ["pets/Dog/1.jpg Dog -", "pets/Cat/2 ü.png Cat -", "4: '3.jpg' lies in no folder whose name could be the label", "7: 'pets/Dog/notes.txt' is no picture"],
            Corpus.Show(lines).Take(4));
        Assert.Contains("has a part '..'", Corpus.Show(lines).Last(), StringComparison.Ordinal);
        Assert.Null(reading.Scale);
    }

    [Fact]
    public async Task Read_ListOfPaths_IsTakenAlike() => Assert.Equal(
        ["train/Dog/1.jpg Dog -", "Cat/2.jpg Cat -", "4: 'x.jpg' lies in no folder whose name could be the label"],
        Corpus.Show((await Corpus.ReadAsync("./train/Dog/1.jpg\n\nCat/2.jpg\r\nx.jpg\n", "imagefolder")).Lines));

    [Fact]
    public async Task Read_ZipThatBreaksOff_IsRefused() =>
        Assert.Contains("has no directory: it was cut off", (await Assert.ThrowsAsync<BadInputException>(() => Corpus.ReadAsync(Zip("Dog/1.jpg")[..40], "imagefolder"))).Message, StringComparison.Ordinal);

    internal static byte[] Zip(params string[] names)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var name in names) zip.CreateEntry(name);
        return stream.ToArray();
    }
}
