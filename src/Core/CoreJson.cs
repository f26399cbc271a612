using System.Text.Json;
using System.Text.Json.Serialization;

namespace BulkQA.Core;

/// <summary>Source-generated JSON, so that the native Lambdas need no reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(IReadOnlyList<LabelingInput>))]
[JsonSerializable(typeof(ManifestLine))]
[JsonSerializable(typeof(DecidedLabels))]
internal sealed partial class CoreJson : JsonSerializerContext;
