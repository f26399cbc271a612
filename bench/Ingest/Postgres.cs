using BulkQA.Core;
using BulkQA.Emulators;
using Npgsql;
using NpgsqlTypes;

namespace BulkQA.Bench;

/// <summary>
/// What one would build on PostgreSQL: a row a vote, and counts an image, both changed by one statement a task over
/// sixteen connections. Its server has defaults, so an fsync a commit, but for memory and the size of its log.
/// </summary>
internal sealed class Postgres : IAsyncDisposable
{
    public const int Connections = 16;

    private const string Schema = """
        CREATE TABLE images (label text, url text, confidence float8, confirms int NOT NULL DEFAULT 0, disconfirms int NOT NULL DEFAULT 0, PRIMARY KEY (label, url));
        CREATE TABLE votes (label text, url text, worker text, confirmed bool NOT NULL, at bigint NOT NULL, PRIMARY KEY (label, url, worker));
        """;

    private const string Take = """
        WITH fresh AS (
            INSERT INTO votes (label, url, worker, confirmed, at) SELECT * FROM unnest($1, $2, $3, $4, $5)
            ON CONFLICT DO NOTHING RETURNING label, url, confirmed)
        INSERT INTO images AS i (label, url, confirms, disconfirms)
        SELECT label, url, count(*) FILTER (WHERE confirmed), count(*) FILTER (WHERE NOT confirmed) FROM fresh GROUP BY label, url
        ON CONFLICT (label, url) DO UPDATE SET confirms = i.confirms + excluded.confirms, disconfirms = i.disconfirms + excluded.disconfirms
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bulkqa-bench-pg-");
    private ChildProcess _server = null!;
    private NpgsqlDataSource _source = null!;

    public int ProcessId => _server.Process.Id;

    public static async Task<Postgres> StartAsync()
    {
        var postgres = new Postgres();
        var bin = Directory.EnumerateDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin")).First();
        var (data, port) = (postgres._folder.CreateSubdirectory("data").FullName, FreePort.Take());
        // It refuses to run as root; its package has made a user for it.
        string[] prefix = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"] : ["env"];
        if (Environment.IsPrivilegedProcess) await RunAsync("chown", "-R", "postgres", postgres._folder.FullName);
        await RunAsync(prefix[0], [.. prefix[1..], Path.Combine(bin, "initdb"), "-D", data, "-U", "bench", "-A", "trust"]);
        (postgres._server, _) = await ChildProcess.StartAsync(
            prefix[0], [.. prefix[1..], Path.Combine(bin, "postgres"), "-D", data, "-p", $"{port}", "-k", data, "-c", "shared_buffers=512MB", "-c", "max_wal_size=4GB"],
            line => line.Contains("ready to accept connections", StringComparison.Ordinal) ? line : null);
        postgres._source = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={port};Username=bench;Database=postgres;Maximum Pool Size={Connections};Max Auto Prepare=10;Auto Prepare Min Usages=1");
        return postgres;
    }

    /// <summary>Empty tables, and images without votes.</summary>
    public async Task PrepareAsync(string label, int images)
    {
        await using (var schema = _source.CreateCommand("DROP TABLE IF EXISTS images, votes;" + Schema)) await schema.ExecuteNonQueryAsync();
        await using var connection = await _source.OpenConnectionAsync();
        await using var copy = await connection.BeginBinaryImportAsync("COPY images (label, url, confidence) FROM STDIN (FORMAT BINARY)");
        for (var number = 0; number < images; number++) await copy.WriteRowAsync(default, label, Votes.Url(number).Value, Votes.Confidence(number).Value);
        await copy.CompleteAsync();
    }

    /// <summary>Durable on return.</summary>
    public async Task<bool> TakeAsync(byte[] body)
    {
        var (message, _) = AnswersMessage.Parse(body);
        var votes = message.Images.SelectMany(image => image.Answers.Select(answer => (image, answer))).ToList();
        await using var command = _source.CreateCommand(Take);
        Add(NpgsqlDbType.Text, votes.Select(vote => vote.image.Label.Value));
        Add(NpgsqlDbType.Text, votes.Select(vote => vote.image.Url.Value));
        Add(NpgsqlDbType.Text, votes.Select(vote => vote.answer.Key.Value));
        Add(NpgsqlDbType.Boolean, votes.Select(vote => vote.answer.Value == AnswerKind.Confirm));
        Add(NpgsqlDbType.Bigint, votes.Select(_ => message.SubmittedAt.UtcTicks));
        await command.ExecuteNonQueryAsync();
        return true;

        void Add<T>(NpgsqlDbType type, IEnumerable<T> values) => command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | type, Value = values.ToArray() });
    }

    public async Task AuditAsync(long votes)
    {
        await using var command = _source.CreateCommand("SELECT (SELECT count(*) FROM votes), (SELECT sum(confirms + disconfirms) FROM images)");
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        if (reader.GetInt64(0) != votes || reader.GetInt64(1) != votes) throw new InvalidOperationException($"PostgreSQL has {reader.GetInt64(0)} votes and counts {reader.GetInt64(1)} of {votes}");
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await _server.TerminateAsync(TimeSpan.FromSeconds(30));
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        await using var child = ChildProcess.Start(program, arguments);
        await child.Process.WaitForExitAsync();
        if (child.Process.ExitCode != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}:\n{child.Output}");
    }
}
