using System.Text.Json;

namespace BulkQA.Cluster.Tests;

/// <summary>What a task definition says of its one container of ours.</summary>
/// <param name="HealthCheck">Program and arguments, paths in the image.</param>
/// <param name="StopTimeout">From SIGTERM to SIGKILL.</param>
internal sealed record DeclaredContainer(
    Dictionary<string, string> Environment, IReadOnlyList<string> Secrets, IReadOnlyList<string> HealthCheck, TimeSpan StopTimeout);

/// <summary>The template that <c>deploy/</c> synthesises, so that what is rehearsed is what would be deployed.</summary>
internal sealed class DeployTemplate
{
    private readonly JsonElement _resources;

    private DeployTemplate(JsonElement resources) => _resources = resources;

    public static DeployTemplate Read()
    {
        var path = Path.Combine(TestCluster.Metadata("RepositoryRoot"), "deploy", "dist", "rehearsal.template.json");
        if (!File.Exists(path)) throw new InvalidOperationException($"{path} is missing; ./test.sh makes it (npm test in deploy)");
        return new DeployTemplate(JsonDocument.Parse(File.ReadAllText(path)).RootElement.GetProperty("Resources"));
    }

    /// <summary>The properties of the one resource of that type whose id begins so.</summary>
    public JsonElement Properties(string type, string id) => _resources.EnumerateObject()
        .Single(resource => resource.Value.GetProperty("Type").GetString() == type && resource.Name.StartsWith(id, StringComparison.Ordinal)).Value.GetProperty("Properties");

    /// <param name="id">What the task definition's id begins with.</param>
    /// <param name="resolve">What a resource's id stands for, with the attribute asked for (null: its name).</param>
    public DeclaredContainer Container(string id, Func<string, string?, string> resolve)
    {
        var definition = Properties("AWS::ECS::TaskDefinition", id).GetProperty("ContainerDefinitions")[0];
        return new DeclaredContainer(
            definition.GetProperty("Environment").EnumerateArray().ToDictionary(entry => entry.GetProperty("Name").GetString()!, entry => Text(entry.GetProperty("Value"), resolve)),
            [.. definition.GetProperty("Secrets").EnumerateArray().Select(secret => secret.GetProperty("Name").GetString()!)],
            [.. definition.GetProperty("HealthCheck").GetProperty("Command").EnumerateArray().Skip(1).Select(word => word.GetString()!)],
            TimeSpan.FromSeconds(definition.GetProperty("StopTimeout").GetInt32()));
    }

    private static string Text(JsonElement value, Func<string, string?, string> resolve)
    {
        if (value.ValueKind == JsonValueKind.String) return value.GetString()!;
        var intrinsic = value.EnumerateObject().Single();
        return intrinsic.Name switch
        {
            "Ref" => resolve(intrinsic.Value.GetString()!, null),
            "Fn::GetAtt" => resolve(intrinsic.Value[0].GetString()!, intrinsic.Value[1].GetString()),
            "Fn::Join" => string.Join(intrinsic.Value[0].GetString(), intrinsic.Value[1].EnumerateArray().Select(part => Text(part, resolve))),
            _ => throw new InvalidOperationException($"{intrinsic.Name} is not understood"),
        };
    }
}
