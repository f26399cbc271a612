namespace BulkQA.Core.Tests;

public sealed class GoldMarkTests
{
    [Fact]
    public void Write_Marks_IsTheTextThatStoresHold() => Assert.Equal(
        "3r17.4 9w", GoldMark.Write([new GoldMark(3, new GoldAnswer(true, new GoldPlace(new TaskNumber(17), 4))), new GoldMark(9, new GoldAnswer(false))]));

    [Theory]
    [InlineData("0r")]
    [InlineData("249w2147483647.249")]
    [InlineData("0w 1r0.0 2w")]
    public void Read_WhatWasWritten_GivesItBack(string text) => Assert.Equal(text, GoldMark.Write(GoldMark.Read(text)));

    [Fact]
    public void Read_Nothing_IsNoMark() => Assert.Empty(GoldMark.Read(GoldMark.Write([])));

    [Theory]
    [InlineData("")]
    [InlineData("r")]
    [InlineData("3x")]
    [InlineData("3r5")]
    [InlineData("3r5.")]
    [InlineData("3r.5")]
    [InlineData("-3r")]
    [InlineData("3r  4w")]
    public void Read_AnythingElse_IsRefused(string text) => Assert.Throws<BadInputException>(() => GoldMark.Read(text));
}
