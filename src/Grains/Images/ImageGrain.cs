using BulkQA.Core;
using BulkQA.Storage;
using Orleans.Placement;

namespace BulkQA.Grains;

/// <inheritdoc cref="IImageGrain"/>
[PreferLocalPlacement, CollectionAgeLimit(Minutes = 2)]
public sealed class ImageGrain(IFactStore facts) : Grain, IImageGrain
{
    private ImageAddress _address;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _address = ImageAddress.Parse(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public async Task<AnsweredImage?> GetAsync() => await ReadAsync() is var (task, index) ? task.ImageAt(index) : null;

    public async Task<ImageHistory?> GetHistoryAsync() => await ReadAsync() is var (task, index) ? task.HistoryAt(index) : null;

    public async Task<AdjudicationOutcome> AdjudicateAsync(string by, SubmissionTime at, Verdict? verdict, Label? rightLabel, string? note)
    {
        if (await FindAsync() is not { } place) return AdjudicationOutcome.UnknownImage;
        if (Partition(place).IsGold) return AdjudicationOutcome.Gold;
        var adjudication = new Adjudication(place.Task, place.Index, at, by, verdict, rightLabel, note);
        return await GrainFactory.GetGrain<IPartitionGrain>(Partition(place).Key).AdjudicateAsync(adjudication);
    }

    private async Task<(AnsweredTask Task, int Index)?> ReadAsync()
    {
        if (await FindAsync() is not { } place) return null;
        await foreach (var task in facts.ReadAnsweredAsync(Partition(place), place.Task, place.Task)) return (task, place.Index);
        return null;
    }

    private async Task<ImagePlace?> FindAsync() => (await facts.FindAsync(_address.Class, [_address.Url]))[0];

    private PartitionAddress Partition(ImagePlace place) => new(_address.Class, place.Partition);
}
