using System.Reflection;
using System.Text.Json;

namespace BulkQA.Web.Tests;

/// <summary>What the console reads is what REST says: each property of a model is one of the schema of the same name.</summary>
public sealed class ModelTests
{
    private static readonly JsonElement _schemas = ReadSchemas();

    /// <summary>Schemas whose names are not those of the models.</summary>
    private static readonly Dictionary<string, string> _named = new()
    {
        ["Job"] = "JobResponse",
        ["Caller"] = "CallerResponse",
        ["Bucket"] = "BucketBounds",
        ["Reliability"] = "ModelResponse",
    };

    public static TheoryData<Type> Models => [.. typeof(RestClient).Assembly.GetTypes().Where(type => type is { IsClass: true, IsGenericType: false } && type.Name.EndsWith("Model", StringComparison.Ordinal) && type.Namespace == "BulkQA.Web")];

    [Theory]
    [MemberData(nameof(Models))]
    public void Model_HasNothingThatRestDoesNotSay(Type model)
    {
        if (model.DeclaringType is not null) return;
        var name = model.Name[..^"Model".Length];
        var schema = _schemas.TryGetProperty(_named.GetValueOrDefault(name, name), out var found) || _schemas.TryGetProperty(name + "Response", out found) ? found : default;
        Assert.True(schema.ValueKind == JsonValueKind.Object, $"docs/openapi.json has no schema for {model.Name}; name the model as the schema, with or without Response");
        var said = schema.GetProperty("properties").EnumerateObject().Select(property => property.Name).ToHashSet();
        var read = model.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite).Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name));
        Assert.Equal([], read.Where(property => !said.Contains(property)));
    }

    private static JsonElement ReadSchemas()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "BulkQA.sln"))) folder = Path.GetDirectoryName(folder)!;
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "docs", "openapi.json")));
        return document.RootElement.GetProperty("components").GetProperty("schemas").Clone();
    }
}
