using System.Collections.Immutable;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <content>Gold: mixed into tasks as they are cut, and what comes of it.</content>
public sealed partial class PartitionGrain
{
    /// <summary>The gold of the class, as far as it was read. It only grows.</summary>
    private readonly List<CorpusImage> _gold = [];

    private int _goldReadTo = -1;

    public async Task<ImmutableArray<GoldCount>> CountGoldAsync()
    {
        using var pass = await _gate.EnterAsync();
        return await ViewAsync() is { Fold: var fold } ? fold.CountGold() : [];
    }

    public async Task<Qualification?> QualifyAsync(WorkerId worker)
    {
        using var pass = await _gate.EnterAsync();
        return await ViewAsync() is { Job.Settings.PassMark: { } passMark } view ? view.Fold.Qualify(worker, passMark) : null;
    }

    /// <summary>Cuts images into batches, with gold among them where the job wants it and the class has any.</summary>
    /// <returns>Each batch, and how many of the images it takes.</returns>
    private async Task<List<(ImmutableArray<CorpusImage> Images, int Taken)>> CutAsync(PartitionView view, IReadOnlyList<CorpusImage> images, bool cutRemainder)
    {
        var settings = view.Job.Settings;
        if (settings.Gold is { } mix && !_address.IsGold)
        {
            await ReadGoldAsync();
            return [.. new GoldMixer(mix, _address.Class.Label, _gold).Cut(images, settings.BatchSize, cutRemainder)];
        }
        return [.. BatchCutter.Cut(images.Count, settings.BatchSize, cutRemainder).Select(batch => (images.Skip(batch.Start).Take(batch.Length).ToImmutableArray(), batch.Length))];
    }

    private async Task ReadGoldAsync()
    {
        await foreach (var task in facts.ReadTasksAsync(PartitionAddress.GoldOf(_address.Class), new TaskNumber(_goldReadTo + 1), new TaskNumber(int.MaxValue)))
        {
            foreach (var (index, image) in task.Images.Index())
                if (image.Gold is { } gold) _gold.Add(image with { Gold = gold with { Of = new GoldPlace(task.Number, index) } });
            _goldReadTo = task.Number.Value;
        }
    }
}
