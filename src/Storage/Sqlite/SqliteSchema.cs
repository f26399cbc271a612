namespace BulkQA.Storage;

/// <summary>The tables, with the columns that the same tables have in DynamoDB.</summary>
internal static class SqliteSchema
{
    /// <summary>Columns that databases of earlier releases lack.</summary>
    public static readonly (string Table, string Column, string Type)[] AddedColumns =
        [("labels", "AnonymousConfirmCount", "INTEGER"), ("labels", "AnonymousDisconfirmCount", "INTEGER")];

    public static readonly string[] Statements =
    [
        """
        CREATE TABLE IF NOT EXISTS labels (
            pk TEXT NOT NULL,
            s3_image_url TEXT NOT NULL,
            label TEXT NOT NULL,
            confidence REAL,
            WorkerConfirmCount INTEGER NOT NULL,
            WorkerDisconfirmCount INTEGER NOT NULL,
            Verdict TEXT NOT NULL,
            Votes BLOB,
            Version INTEGER NOT NULL,
            Task INTEGER,
            TaskHome INTEGER,
            AnonymousConfirmCount INTEGER,
            AnonymousDisconfirmCount INTEGER,
            PRIMARY KEY (pk, s3_image_url)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX IF NOT EXISTS labels_by_url ON labels (s3_image_url)",
        """
        CREATE TABLE IF NOT EXISTS OrleansGrainState (
            GrainReference TEXT NOT NULL,
            GrainType TEXT NOT NULL,
            GrainState BLOB NOT NULL,
            ETag INTEGER NOT NULL,
            PRIMARY KEY (GrainReference, GrainType)
        ) WITHOUT ROWID
        """,
    ];
}
