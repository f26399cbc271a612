using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace BulkQA.Api;

/// <summary>Names the document, and leaves out the address of whoever happened to ask for it.</summary>
internal sealed class OpenApiTitle : IOpenApiDocumentTransformer
{
    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "BulkQA",
            Version = "v1",
            Description = "Bulk quality assurance of image labels. Every error is a problem document (RFC 9457).",
        };
        document.Servers = [];
        return Task.CompletedTask;
    }
}
