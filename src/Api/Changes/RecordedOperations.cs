using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace BulkQA.Api;

/// <summary>Names in the OpenAPI document what the change log calls an operation.</summary>
internal sealed class RecordedOperations : IOpenApiOperationTransformer
{
    private const string Extension = "x-recorded-as";

    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<RecordedAction>().FirstOrDefault() is { } recorded)
            (operation.Extensions ??= new Dictionary<string, IOpenApiExtension>())[Extension] = new JsonNodeExtension(JsonValue.Create(recorded.Name));
        return Task.CompletedTask;
    }
}
