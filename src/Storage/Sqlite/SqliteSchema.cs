namespace BulkQA.Storage;

/// <summary>The tables: facts, what is folded out of them for readers outside, and grain state.</summary>
internal static class SqliteSchema
{
    /// <summary><c>PRAGMA user_version</c> of a database with this layout. Releases before facts left it at 0.</summary>
    private const long Version = 7;

    /// <summary>The first version that can be brought up to this one, by what each later version brought.</summary>
    private const long FirstFacts = 2;

    private const string Gold = "ALTER TABLE tasks ADD COLUMN gold TEXT";

    private const string Adjudications =
        """
        CREATE TABLE adjudications (
            partition INTEGER NOT NULL,
            n INTEGER NOT NULL,
            position INTEGER NOT NULL,
            ticks INTEGER NOT NULL,
            hash INTEGER NOT NULL,
            decided_by TEXT NOT NULL,
            verdict INTEGER,
            right_label TEXT,
            note TEXT,
            asked INTEGER NOT NULL,
            PRIMARY KEY (partition, n, position, ticks, hash)
        ) WITHOUT ROWID
        """;

    private const string ModelVersions = "ALTER TABLE tasks ADD COLUMN versions TEXT";

    private const string Workers = "CREATE TABLE workers (worker TEXT NOT NULL, incarnation TEXT NOT NULL, PRIMARY KEY (worker, incarnation)) WITHOUT ROWID";

    /// <summary>What a deletion finds a job's workers by.</summary>
    private const string WorkersByJob = "CREATE INDEX workers_by_job ON workers (incarnation)";

    private const string Changes =
        """
        CREATE TABLE changes (
            ticks INTEGER NOT NULL,
            id TEXT NOT NULL,
            caller TEXT NOT NULL,
            via TEXT NOT NULL,
            action TEXT NOT NULL,
            job TEXT,
            request TEXT NOT NULL,
            change TEXT,
            status INTEGER,
            PRIMARY KEY (ticks, id)
        ) WITHOUT ROWID
        """;

    private const string Listings = "CREATE TABLE listings (name TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (name, key)) WITHOUT ROWID";

    /// <summary>What brings a database from a version to the next, from <see cref="FirstFacts"/> on.</summary>
    private static readonly string[][] _upgrades = [[Adjudications], [Gold], [ModelVersions, Workers, WorkersByJob], [Changes], [Listings]];

    private static readonly string[] _statements =
    [
        "CREATE TABLE classes (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE)",
        // A head of epoch 0 is none: the row is there for its id.
        """
        CREATE TABLE partitions (
            id INTEGER PRIMARY KEY,
            class INTEGER NOT NULL,
            number INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            retired INTEGER NOT NULL,
            summary BLOB,
            UNIQUE (class, number)
        )
        """,
        // Little-endian doubles, NaN for none; NULL closes a number. Gold is NULL where no image is, versions where none is of any. Apart from the images, so that a fold reads no more of a task.
        """
        CREATE TABLE tasks (
            partition INTEGER NOT NULL,
            n INTEGER NOT NULL,
            confidences BLOB,
            gold TEXT,
            versions TEXT,
            PRIMARY KEY (partition, n)
        ) WITHOUT ROWID
        """,
        // The key is partition << 32 | n, and not two columns: rows of such a table lie in their page, those of WITHOUT ROWID beside it.
        "CREATE TABLE images (task INTEGER PRIMARY KEY, urls TEXT NOT NULL, anonymous TEXT)",
        """
        CREATE TABLE submissions (
            partition INTEGER NOT NULL,
            n INTEGER NOT NULL,
            worker TEXT NOT NULL,
            ticks INTEGER NOT NULL,
            hash INTEGER NOT NULL,
            answers TEXT NOT NULL,
            source INTEGER NOT NULL,
            start INTEGER NOT NULL,
            taken INTEGER,
            PRIMARY KEY (partition, n, worker, ticks, hash)
        ) WITHOUT ROWID
        """,
        Adjudications,
        // The partition is a number in its class. By URL first: one tree finds an image in its class and in all.
        """
        CREATE TABLE places (
            url TEXT NOT NULL,
            class INTEGER NOT NULL,
            partition INTEGER NOT NULL,
            task INTEGER NOT NULL,
            position INTEGER NOT NULL,
            PRIMARY KEY (url, class)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE blocks (
            incarnation TEXT NOT NULL,
            first INTEGER NOT NULL,
            count INTEGER NOT NULL,
            label TEXT NOT NULL,
            partition INTEGER NOT NULL,
            PRIMARY KEY (incarnation, first)
        ) WITHOUT ROWID
        """,
        Workers,
        WorkersByJob,
        Changes,
        Listings,
        """
        CREATE TABLE listed (
            partition INTEGER NOT NULL,
            n INTEGER NOT NULL,
            revision INTEGER NOT NULL,
            counts INTEGER NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (partition, n)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE labels (
            pk TEXT NOT NULL,
            s3_image_url TEXT NOT NULL,
            label TEXT NOT NULL,
            confidence REAL,
            WorkerConfirmCount INTEGER NOT NULL,
            WorkerDisconfirmCount INTEGER NOT NULL,
            Verdict TEXT NOT NULL,
            PRIMARY KEY (pk, s3_image_url)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE OrleansGrainState (
            GrainReference TEXT NOT NULL,
            GrainType TEXT NOT NULL,
            GrainState BLOB NOT NULL,
            ETag INTEGER NOT NULL,
            PRIMARY KEY (GrainReference, GrainType)
        ) WITHOUT ROWID
        """,
    ];

    /// <summary>Lays the tables in an empty database.</summary>
    /// <exception cref="StorageException">The database has another layout.</exception>
    public static void Apply(SqliteSession session, string path)
    {
        var version = (long)session.Prepare("SELECT user_version FROM pragma_user_version").ExecuteScalar()!;
        if (version == Version) return;
        if (version is >= FirstFacts and < Version)
        {
            Lay(session, [.. _upgrades[(int)(version - FirstFacts)..].SelectMany(statements => statements)]);
            return;
        }
        if (version > Version) throw new StorageException($"'{path}' is of a later release than this one: start that one, or set another data directory");
        if (version != 0 || session.Prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table'").ExecuteScalar() is not null)
            throw new StorageException(
                $"'{path}' is of an earlier release, which kept one row an image; this one keeps facts and can't read it. To take the data along, "
                + "start the earlier release on it and export every job: GET /v1/jobs/{job}/export?format=ndjson has each image with its workers' "
                + "votes, format=csv each image with its counts (WorkerConfirmCount, WorkerDisconfirmCount). Then start this release on a new "
                + "data directory and import: images with POST /v1/jobs/{job}/items, which takes the CSV as it is and keeps its counts beside the "
                + "votes, and votes with POST /v1/jobs/{job}/votes (docs/operations.md, \"Moving a job\"). To begin anew, set another data directory.");
        Lay(session, _statements);
    }

    private static void Lay(SqliteSession session, string[] statements)
    {
        session.Execute("BEGIN IMMEDIATE");
        foreach (var statement in statements) session.Execute(statement);
        session.Execute($"PRAGMA user_version = {Version}");
        session.Execute("COMMIT");
    }
}
