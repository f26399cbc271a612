using BulkQA.Core;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace BulkQA.Grains.Tests;

/// <summary>Settings compare as a whole, and those of a job that says nothing of its boxes travel as they always did.</summary>
public sealed class BoxesSettingsTests
{
    public static TheoryData<string?, string?> All => new()
    {
        { null, null }, { "ticked", "" }, { "unticked", "neither\tCat" }, { "neither", null }, { "random(7)", "ticked\tA, b: c\nunticked\t犬 # / 🐕" },
    };

    [Theory]
    [MemberData(nameof(All))]
    public void Draft_ThroughTheSerializer_IsTheSameAndGivesTheSameSettings(string? boxes, string? byClass)
    {
        using var provider = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var draft = new JobDraft { Boxes = boxes is null ? null : StartingBoxes.Parse(boxes), BoxesByClass = byClass is null ? null : ClassBoxes.Parse(byClass) };
        Assert.Equal(draft, Back(draft));
        var settings = draft.ToSettings(new JobSettings());
        Assert.Equal(settings, Back(settings));
        Assert.Equal((StartingBoxes.Parse(boxes), ClassBoxes.Parse(byClass)), (settings.Boxes, settings.BoxesByClass));
        Assert.Empty(draft.DifferencesFrom(Back(settings)));

        T Back<T>(T value)
        {
            var serializer = provider.GetRequiredService<Serializer<T>>();
            return serializer.Deserialize(serializer.SerializeToArray(value))!;
        }
    }
}
