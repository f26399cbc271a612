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

    public async Task<AnsweredImage?> GetAsync()
    {
        if ((await facts.FindAsync(_address.Class, [_address.Url]))[0] is not { } place) return null;
        await foreach (var task in facts.ReadAnsweredAsync(new PartitionAddress(_address.Class, place.Partition), place.Task, place.Task))
            return task.ImageAt(place.Index);
        return null;
    }
}
