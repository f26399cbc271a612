using System.Text;
using BulkQA.Core;

namespace BulkQA.Lambdas;

/// <summary>
/// Called before a task is shown: hands its images to the template, and says that nobody need be asked where all of them are of classes or buckets
/// that are decided.
/// </summary>
internal sealed class PreLabelingFunction(ObjectReader objects)
{
    private readonly DecisionReader _decisions = new(objects);

    public async Task<byte[]> InvokeAsync(Invocation invocation, CancellationToken cancellation)
    {
        var request = PreLabelingRequest.Parse(invocation.Event);
        if (request.Source is { } text) return PreLabelingRequest.Response(LabelingInput.ReadArray(Encoding.UTF8.GetBytes(text)));
        if (!ObjectUri.TryParse(request.SourceRef, out var uri))
            throw new BadInputException($"dataObject.source-ref: '{request.SourceRef}' is not of the form s3://bucket/key");
        // Both at the same time: the one that is small waits for the other.
        var reading = _decisions.ReadAsync(uri, invocation.RequestId, cancellation);
        var inputs = await objects.ReadAsync(uri, null, cancellation);
        var images = LabelingInput.ReadArray(inputs.Content);
        return PreLabelingRequest.Response(images, DecisionReader.NeedsHuman(await reading, images, invocation.RequestId));
    }
}
