using System.Text;
using BulkQA.Core;

namespace BulkQA.Lambdas;

/// <summary>Called before a task is shown: hands its images to the template. Always asks for a human.</summary>
internal sealed class PreLabelingFunction(ObjectReader objects)
{
    public async Task<byte[]> InvokeAsync(Invocation invocation, CancellationToken cancellation)
    {
        var request = PreLabelingRequest.Parse(invocation.Event);
        if (request.Source is { } text) return PreLabelingRequest.Response(LabelingInput.ReadArray(Encoding.UTF8.GetBytes(text)));
        if (!ObjectUri.TryParse(request.SourceRef, out var uri))
            throw new BadInputException($"dataObject.source-ref: '{request.SourceRef}' is not of the form s3://bucket/key");
        var inputs = await objects.ReadAsync(uri, null, cancellation);
        return PreLabelingRequest.Response(LabelingInput.ReadArray(inputs.Content));
    }
}
