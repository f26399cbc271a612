using System.ComponentModel;
using System.Text.Json;
using BulkQA.Core;

namespace BulkQA.Api;

/// <summary>When a job estimates its workers' reliability anew by itself and adopts the model: only while it is open and its policy is weighted.</summary>
public sealed record ReestimateRequest
{
    [Description("After how many votes since the last model, from 100 to 1,000,000,000")]
    public long EveryVotes { get; init; }

    [Description("oneCoin or twoCoin (default). The estimate begins from the adopted model where that is of the same method")]
    public string? Method { get; init; }

    /// <summary>Null and a problem where it can't be.</summary>
    internal Reestimation? Read(List<(string Field, string Problem)> problems)
    {
        if (ReliabilityMethods.OfName(Method ?? ReliabilityMethods.NameOf(ReliabilityMethod.TwoCoin)) is { } method) return new Reestimation(EveryVotes, method);
        problems.Add(("reestimate.method", $"'{Method}' is neither oneCoin nor twoCoin"));
        return null;
    }

    /// <summary>What a change gives: nothing where it is left out, and for null that it is to stop.</summary>
    internal static (Reestimation? Reestimate, bool Stops) Read(JsonElement given, List<(string Field, string Problem)> problems)
    {
        if (given.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null) return (null, given.ValueKind == JsonValueKind.Null);
        try
        {
            var read = given.Deserialize<ReestimateRequest>(JsonSerializerOptions.Web)!.Read(problems);
            if (read is not null) problems.AddRange(read.Problems());
            return (read, false);
        }
        catch (JsonException)
        {
            problems.Add(("reestimate", $"{given} is neither null nor like {{\"everyVotes\": 10000, \"method\": \"twoCoin\"}}"));
            return (null, false);
        }
    }

    internal static ReestimateRequest? Of(Reestimation? setting) => setting is null ? null : new() { EveryVotes = setting.EveryVotes, Method = ReliabilityMethods.NameOf(setting.Method) };
}
