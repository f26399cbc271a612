namespace BulkQA.Core.Tests;

public sealed class WorkerIdTests
{
    [Theory]
    [InlineData("Anna", "Anna ")]
    [InlineData("Anna", "\t Anna\n")]
    [InlineData("Anna", "\u00A0Anna\u3000\u2003")]
    [InlineData("Zo\u00EB", "Zoe\u0308")]
    [InlineData("\uAC01", "\u1100\u1161\u11A8")]
    public void Create_SameNameTypedTwice_IsOneWorker(string one, string other) => Assert.Equal(WorkerId.Create(one), WorkerId.Create(other));

    [Theory]
    [InlineData("Anna", "anna")]
    [InlineData("Anna B", "AnnaB")]
    public void Create_OtherName_IsAnotherWorker(string one, string other) => Assert.NotEqual(WorkerId.Create(one), WorkerId.Create(other));

    [Theory]
    [InlineData(" \u3000")]
    [InlineData("An\u0000na")]
    public void Create_NoName_IsRefused(string text) => Assert.False(WorkerId.TryCreate(text, out _, out _));

    [Fact]
    public void Create_LoneSurrogate_IsRefused() => Assert.False(WorkerId.TryCreate($"Anna{(char)0xD800}", out _, out _));

    /// <summary>NFC can take more bytes than what was typed: U+0958 is composed of two characters and stays two.</summary>
    [Fact]
    public void Create_TooLongOnceComposed_IsRefused()
    {
        Assert.True(WorkerId.TryCreate(new string('\u0958', WorkerId.MaxBytes / 6), out var worker, out _));
        Assert.Equal(WorkerId.MaxBytes / 6 * 2, worker.Value.Length);
        Assert.False(WorkerId.TryCreate(new string('\u0958', WorkerId.MaxBytes / 3), out _, out var problem));
        Assert.Contains("UTF-8 bytes", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void LookAlikes_OfAJob_AreGrouped()
    {
        string[] workers = ["Anna", "anna", "\u0410nn\u0430", "Bob", "b0b", "Zo\u00EB", "Zoe", "J. Doe", "j doe", "Ian", "lan", "Carla", "\u5F20\u4F1F", "!!", "??"];
        var found = LookAlikes.Find(workers.Select(WorkerId.Create));
        Assert.Equal(
            ["Anna|anna,\u0410nn\u0430", "Bob|b0b", "Ian|lan", "J. Doe|j doe", "Zoe|Zo\u00EB", "Zo\u00EB|Zoe", "anna|Anna,\u0410nn\u0430", "b0b|Bob", "j doe|J. Doe", "lan|Ian", "\u0410nn\u0430|Anna,anna"],
            found.Select(entry => $"{entry.Key}|{string.Join(',', entry.Value)}"));
    }
}
