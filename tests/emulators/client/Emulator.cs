using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace BulkQA.Emulators;

/// <summary>fauxqs (SQS and S3), dynoxide or dynalite (DynamoDB), or redis, on a free port.</summary>
public static class Emulator
{
    private static readonly string _folder = Path.GetFullPath(Path.Combine(Folder(), ".."));

    /// <summary>Its base address.</summary>
    public static Task<(ChildProcess Child, string Url)> StartAsync(string name) => StartNodeAsync("emulator.mjs", name);

    /// <summary>One of the scripts beside this folder, which prints "listening" and its port.</summary>
    public static async Task<(ChildProcess Child, string Url)> StartNodeAsync(string script, string argument)
    {
        var architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        var node = Path.Combine(_folder, "node_modules", $"node-linux-{architecture}", "bin", "node");
        if (!File.Exists(node)) throw new InvalidOperationException($"{node} is missing; ./test.sh installs it (npm ci in tests/emulators)");
        return await ChildProcess.StartAsync(node, [Path.Combine(_folder, script), argument], line =>
            line.StartsWith("listening ", StringComparison.Ordinal) ? $"http://127.0.0.1:{line["listening ".Length..]}" : null);
    }

    /// <summary>
    /// Emulators of DynamoDB that are here, the best first: dynoxide, which is nearest to the original, where there is one
    /// for the processor; dynalite, which knows no batches of statements.
    /// </summary>
    public static IReadOnlyList<string> DynamoDbs { get; } = File.Exists(Dynoxide) ? ["dynoxide", "dynalite"] : ["dynalite"];

    private static string Dynoxide => Path.Combine(_folder, "node_modules", "@dynoxide", "linux-x64", "dynoxide");

    /// <summary>DynamoDB, at its base address.</summary>
    public static Task<(ChildProcess Child, string Url)> StartDynamoAsync(string? name = null)
    {
        const string Listening = "Dynoxide listening on ";
        return (name ?? DynamoDbs[0]) == "dynalite" ? StartAsync("dynalite") : ChildProcess.StartAsync(
            Dynoxide, ["serve", "--port", $"{FreePort.Take()}"],
            line => line.StartsWith(Listening, StringComparison.Ordinal) ? line[Listening.Length..] : null);
    }

    /// <summary>Redis, on the port given or a free one; its endpoint as a connection string.</summary>
    /// <param name="folder">Where it keeps what it must find again when it restarts; without one it keeps nothing.</param>
    public static async Task<(ChildProcess Child, string ConnectionString)> StartRedisAsync(string password = "", string? folder = null, int? port = null)
    {
        port ??= FreePort.Take();
        string[] persistence = folder is null ? ["--appendonly", "no"] : ["--appendonly", "yes", "--appendfsync", "always", "--dir", folder];
        var (child, _) = await ChildProcess.StartAsync(
            "redis-server", ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--requirepass", password, .. persistence],
            line => line.Contains("Ready to accept connections", StringComparison.Ordinal) ? line : null);
        return (child, $"127.0.0.1:{port}");
    }

    private static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}

public static class FreePort
{
    /// <summary>A loopback port that is free now.</summary>
    public static int Take()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
