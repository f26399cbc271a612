using BulkQA.Silo;

namespace BulkQA.Api;

/// <summary>Where grains and rows are, by <c>BulkQA:Mode</c>.</summary>
internal static class Backend
{
    private const string Setting = "BulkQA:Mode";
    private const string Embedded = nameof(Embedded);
    private const string Cluster = nameof(Cluster);

    /// <summary><c>Embedded</c>, the default: all in this process. <c>Cluster</c>: silos elsewhere, this process their client.</summary>
    /// <exception cref="StartRefusedException">The setting is neither.</exception>
    public static void AddBackend(this IHostApplicationBuilder builder)
    {
        if (IsCluster(builder.Configuration)) builder.AddClusterClient();
        else builder.AddEmbeddedSilo();
    }

    public static bool IsCluster(IConfiguration configuration)
    {
        var mode = configuration[Setting] ?? Embedded;
        if (mode.Equals(Cluster, StringComparison.OrdinalIgnoreCase)) return true;
        return mode.Equals(Embedded, StringComparison.OrdinalIgnoreCase)
            ? false : throw new StartRefusedException($"{Setting} is '{mode}'; give {Embedded} or {Cluster}");
    }
}
