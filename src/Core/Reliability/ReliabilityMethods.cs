namespace BulkQA.Core;

/// <summary>What methods are called wherever they are written.</summary>
public static class ReliabilityMethods
{
    public static string NameOf(ReliabilityMethod method) => method == ReliabilityMethod.OneCoin ? "oneCoin" : "twoCoin";

    /// <summary>Null for a name that no method has.</summary>
    public static ReliabilityMethod? OfName(string? name) => name switch
    {
        "oneCoin" => ReliabilityMethod.OneCoin,
        "twoCoin" => ReliabilityMethod.TwoCoin,
        _ => null,
    };
}
