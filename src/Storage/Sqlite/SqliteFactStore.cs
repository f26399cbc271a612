using System.Globalization;
using BulkQA.Core;

namespace BulkQA.Storage;

/// <summary>Facts in SQLite. Every write is one transaction, so nothing is ever half there.</summary>
public sealed partial class SqliteFactStore(SqliteDatabase database) : IFactStore
{
    /// <summary>A page of a reading ends with the task in which it comes to this many images.</summary>
    private const int ImagesPerPage = 20_000;

    /// <summary>The first page of whole tasks ends so, as many readers want no more than one task or a screen full.</summary>
    private const int ImagesOnFirstPage = 500;

    private const int SubmissionsPerPage = 10_000;

    /// <summary>The id of the partition number $2 of the class $1; NULL where it has none.</summary>
    private const string PartitionId =
        "(SELECT partitions.id FROM classes JOIN partitions ON partitions.class = classes.id WHERE classes.key = $1 AND partitions.number = $2)";

    public Task<PartitionHead?> ReadHeadAsync(PartitionAddress partition, CancellationToken cancellation = default) =>
        database.ReadAsync(session =>
        {
            using var reader = session.Prepare(
                $"SELECT epoch, retired, summary FROM partitions WHERE id = {PartitionId} AND epoch > 0", partition.Class.Key, partition.Number).ExecuteReader();
            return reader.Read()
                ? new PartitionHead(reader.GetInt64(0), reader.GetBoolean(1), reader.IsDBNull(2) ? default(ReadOnlyMemory<byte>?) : reader.GetFieldValue<byte[]>(2))
                : null;
        }, cancellation);

    public Task<bool> WriteHeadAsync(PartitionAddress partition, PartitionHead head, long expectedEpoch, CancellationToken cancellation = default)
    {
        var summary = head.Summary?.ToArray();
        return database.WriteAsync(session =>
        {
            if (expectedEpoch == 0) Ids.Make(session, partition);
            return session.Prepare(
                $"UPDATE partitions SET epoch = $3, retired = $4, summary = $5 WHERE id = {PartitionId} AND epoch = $6",
                partition.Class.Key, partition.Number, head.Epoch, head.Retired, summary, expectedEpoch).ExecuteNonQuery() == 1;
        }, cancellation);
    }

    public Task<long> AppendAsync(PartitionAddress partition, IReadOnlyList<Submission> submissions, CancellationToken cancellation = default)
    {
        var hashes = submissions.Select(submission => HashOf(submission.Hash)).ToList();
        return database.WriteAsync(session =>
        {
            var ids = submissions.Count > 0 ? Ids.Make(session, partition) : Ids.Read(session, partition);
            for (var i = 0; i < submissions.Count; i++)
            {
                var submission = submissions[i];
                session.Prepare(
                    "INSERT OR IGNORE INTO submissions VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                    ids.Partition, submission.Task.Value, submission.Worker.Value, submission.At.UtcTicks, hashes[i],
                    submission.Answers.Text, (int)submission.Source, (int)submission.Start, submission.Taken?.Ticks).ExecuteNonQuery();
            }
            return ids.Epoch;
        }, cancellation);
    }

    public Task<IReadOnlyList<TaskContent?>> InsertAsync(
        PartitionAddress partition, IReadOnlyList<TaskContent> tasks, CancellationToken cancellation = default)
    {
        var rows = tasks.Select(task => new SqliteTaskRow(task)).ToList();
        return database.WriteAsync<IReadOnlyList<TaskContent?>>(session =>
        {
            var ids = Ids.Make(session, partition);
            return [.. rows.Select(row => Insert(session, partition, ids, row))];
        }, cancellation);
    }

    public Task<TaskContent?> SettleAsync(PartitionAddress partition, TaskNumber task, CancellationToken cancellation = default) =>
        database.WriteAsync(session =>
        {
            session.Prepare("INSERT OR IGNORE INTO tasks VALUES ($1, $2, NULL, NULL, NULL)", Ids.Make(session, partition).Partition, task.Value).ExecuteNonQuery();
            return ReadTasks(session, partition, task.Value, task.Value, ImagesOnFirstPage) is [var stored] ? stored : null;
        }, cancellation);

    public IAsyncEnumerable<TaskContent> ReadTasksAsync(
        PartitionAddress partition, TaskNumber first, TaskNumber last, CancellationToken cancellation = default) =>
        database.ReadPagesAsync<TaskContent>((session, before) => ReadTasks(
            session, partition, before is [.., var end] ? end.Number.Value + 1L : first.Value, last.Value, before.Count == 0 ? ImagesOnFirstPage : ImagesPerPage), cancellation);

    public IAsyncEnumerable<TaskOutline> ReadOutlinesAsync(PartitionAddress partition, CancellationToken cancellation = default) =>
        database.ReadPagesAsync<TaskOutline>((session, before) =>
        {
            using var reader = session.Prepare(
                $"SELECT n, confidences, gold, versions FROM tasks WHERE partition = {PartitionId} AND n >= $3 AND confidences IS NOT NULL ORDER BY n",
                partition.Class.Key, partition.Number, before is [.., var end] ? end.Task.Value + 1L : 0).ExecuteReader();
            var tasks = new List<TaskOutline>();
            for (var images = 0; images < ImagesPerPage && reader.Read();)
            {
                var confidences = SqliteTaskRow.Confidences(reader.GetFieldValue<byte[]>(1));
                tasks.Add(new TaskOutline(new TaskNumber(reader.GetInt32(0)), confidences, ImageMarks.ReadGold(TextAt(reader, 2)), TaskVersions.Read(TextAt(reader, 3))));
                images += confidences.Length;
            }
            return tasks;
        }, cancellation);

    public IAsyncEnumerable<Submission> ReadSubmissionsAsync(
        PartitionAddress partition, TaskNumber first, TaskNumber last, CancellationToken cancellation = default) =>
        database.ReadPagesAsync<Submission>((session, before) =>
        {
            // No worker's id is empty: the first page begins before every submission of its task.
            var (task, worker, ticks, hash) = before is [.., var end] ? (end.Task, end.Worker.Value, end.At.UtcTicks, HashOf(end.Hash)) : (first, "", 0, 0);
            using var reader = session.Prepare(
                $"""
                SELECT n, worker, ticks, answers, source, start, taken FROM submissions
                WHERE partition = {PartitionId} AND (n, worker, ticks, hash) > ($3, $4, $5, $6) AND n <= $7
                ORDER BY n, worker, ticks, hash LIMIT $8
                """,
                partition.Class.Key, partition.Number, task.Value, worker, ticks, hash, last.Value, SubmissionsPerPage).ExecuteReader();
            var submissions = new List<Submission>();
            while (reader.Read())
                submissions.Add(new Submission(
                    new TaskNumber(reader.GetInt32(0)), WorkerId.Stored(reader.GetString(1)), new SubmissionTime(reader.GetInt64(2)),
                    TaskAnswers.Parse(reader.GetString(3)), (AnswerSource)reader.GetInt32(4), (BoxesAtStart)reader.GetInt32(5),
                    reader.IsDBNull(6) ? null : new TimeSpan(reader.GetInt64(6))));
            return submissions;
        }, cancellation);

    public Task<IReadOnlyList<ImagePlace?>> FindAsync(ClassAddress address, IReadOnlyList<ImageUrl> urls, CancellationToken cancellation = default)
    {
        var json = SqliteTaskRow.Json(urls.Select(url => url.Value));
        return database.ReadAsync<IReadOnlyList<ImagePlace?>>(session =>
        {
            using var reader = session.Prepare(
                """
                SELECT wanted.key, partition, task, position FROM json_each($2) AS wanted
                CROSS JOIN places ON url = wanted.value AND class = (SELECT id FROM classes WHERE key = $1)
                """,
                address.Key, json).ExecuteReader();
            var places = new ImagePlace?[urls.Count];
            while (reader.Read()) places[reader.GetInt32(0)] = new ImagePlace(reader.GetInt32(1), new TaskNumber(reader.GetInt32(2)), reader.GetInt32(3));
            return places;
        }, cancellation);
    }

    public Task<ClassPage> FindAsync(ImageUrl url, string? cursor, int limit, CancellationToken cancellation = default)
    {
        var after = 0L;
        if (cursor is not null && !long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out after))
            throw new BadInputException($"'{cursor}' is not a cursor of this list");
        return database.ReadAsync(session =>
        {
            using var reader = session.Prepare(
                "SELECT key, id FROM places CROSS JOIN classes ON id = class WHERE url = $1 AND class > $2 ORDER BY class LIMIT $3",
                url.Value, after, limit).ExecuteReader();
            var classes = new List<ClassAddress>();
            while (reader.Read())
            {
                classes.Add(ClassAddress.Parse(reader.GetString(0)));
                after = reader.GetInt64(1);
            }
            return new ClassPage(classes, classes.Count < limit ? null : after.ToString(CultureInfo.InvariantCulture));
        }, cancellation);
    }

    public Task WriteBlockAsync(Incarnation incarnation, TaskBlock block, CancellationToken cancellation = default) =>
        database.WriteAsync(session => session.Prepare(
            "INSERT OR REPLACE INTO blocks VALUES ($1, $2, $3, $4, $5)",
            incarnation.Value, block.First.Value, block.Count, block.Label.Value, block.Partition).ExecuteNonQuery(), cancellation);

    public Task<IReadOnlyList<TaskBlock>> ReadBlocksAsync(
        Incarnation incarnation, TaskNumber from, int limit, CancellationToken cancellation = default) =>
        database.ReadAsync<IReadOnlyList<TaskBlock>>(session =>
        {
            using var reader = session.Prepare(
                """
                SELECT first, count, label, partition FROM blocks
                WHERE incarnation = $1 AND first + count > $2
                    AND first >= coalesce((SELECT max(first) FROM blocks WHERE incarnation = $1 AND first <= $2), 0)
                ORDER BY first LIMIT $3
                """,
                incarnation.Value, from.Value, limit).ExecuteReader();
            var blocks = new List<TaskBlock>();
            while (reader.Read())
                blocks.Add(new TaskBlock(new TaskNumber(reader.GetInt32(0)), reader.GetInt32(1), Label.Create(reader.GetString(2)), reader.GetInt32(3)));
            return blocks;
        }, cancellation);

    public Task WriteListedAsync(PartitionAddress partition, IReadOnlyList<ListedState> tasks, CancellationToken cancellation = default) =>
        database.WriteAsync(session =>
        {
            var ids = Ids.Make(session, partition);
            foreach (var state in tasks)
                session.Prepare(
                    "INSERT OR REPLACE INTO listed VALUES ($1, $2, $3, $4, $5)",
                    ids.Partition, state.Task.Value, state.RulesRevision, state.Counts, state.LastAnswerAt.UtcTicks).ExecuteNonQuery();
            return tasks.Count;
        }, cancellation);

    public IAsyncEnumerable<ListedState> ReadListedAsync(PartitionAddress partition, CancellationToken cancellation = default) =>
        database.ReadPagesAsync<ListedState>((session, before) =>
        {
            using var reader = session.Prepare(
                $"SELECT n, revision, counts, at FROM listed WHERE partition = {PartitionId} AND n >= $3 ORDER BY n LIMIT $4",
                partition.Class.Key, partition.Number, before is [.., var end] ? end.Task.Value + 1L : 0, ImagesPerPage).ExecuteReader();
            var states = new List<ListedState>();
            while (reader.Read())
                states.Add(new ListedState(new TaskNumber(reader.GetInt32(0)), reader.GetInt32(1), reader.GetInt32(2), new SubmissionTime(reader.GetInt64(3))));
            return states;
        }, cancellation);

    public Task<int> DeleteFactsAsync(PartitionAddress partition, int limit, CancellationToken cancellation = default) =>
        database.WriteAsync(session =>
        {
            var ids = Ids.Read(session, partition);
            var left = limit;
            left -= session.Prepare(
                """
                DELETE FROM submissions WHERE partition = $1 AND (n, worker, ticks, hash) IN
                    (SELECT n, worker, ticks, hash FROM submissions WHERE partition = $1 LIMIT $2)
                """,
                ids.Partition, left).ExecuteNonQuery();
            left -= DeleteAdjudications(session, ids, left);
            left -= session.Prepare(
                "DELETE FROM listed WHERE partition = $1 AND n IN (SELECT n FROM listed WHERE partition = $1 LIMIT $2)", ids.Partition, left).ExecuteNonQuery();
            while (left > 0 && DeleteTask(session, partition, ids, left) is > 0 and var deleted) left -= deleted;
            if (left > 0) Ids.Forget(session, partition);
            return limit - left;
        }, cancellation);

    public Task DeleteHeadAsync(PartitionAddress partition, CancellationToken cancellation = default) =>
        database.WriteAsync(session =>
        {
            session.Prepare(
                $"UPDATE partitions SET epoch = 0, retired = 0, summary = NULL WHERE id = {PartitionId}", partition.Class.Key, partition.Number).ExecuteNonQuery();
            Ids.Forget(session, partition);
            return true;
        }, cancellation);

    /// <summary>There is nothing to delete: a place is stored and deleted with its task.</summary>
    public Task<int> DeletePlacesAsync(ClassAddress address, int limit, CancellationToken cancellation = default) => Task.FromResult(0);

    public Task<int> DeleteBlocksAsync(Incarnation incarnation, int limit, CancellationToken cancellation = default) =>
        database.WriteAsync(session => session.Prepare(
            "DELETE FROM blocks WHERE incarnation = $1 AND first IN (SELECT first FROM blocks WHERE incarnation = $1 LIMIT $2)",
            incarnation.Value, limit).ExecuteNonQuery(), cancellation);

    /// <summary>Null for NULL.</summary>
    private static string? TextAt(Microsoft.Data.Sqlite.SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static long HashOf(string hash) => long.Parse(hash, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>The task as stored; null where its number is taken or all of its images have a place.</summary>
    private static TaskContent? Insert(SqliteSession session, PartitionAddress partition, Ids ids, SqliteTaskRow row)
    {
        var number = row.Task.Number.Value;
        if (session.Prepare("INSERT OR IGNORE INTO tasks VALUES ($1, $2, $3, $4, $5)", ids.Partition, number, row.Packed, row.Gold, row.Versions).ExecuteNonQuery() == 0) return null;
        var placed = session.Prepare(
            "INSERT OR IGNORE INTO places SELECT value, $1, $2, $3, key FROM json_each($4) WHERE value IS NOT NULL", ids.Class, partition.Number, number, row.PlacedUrls).ExecuteNonQuery();
        if (placed < row.Places && MoveUp(session, partition, ids, row) is var kept)
        {
            if (kept is null) return null;
            row = kept;
        }
        session.Prepare("INSERT INTO images VALUES ($1 << 32 | $2, $3, $4)", ids.Partition, number, row.Urls, row.Anonymous).ExecuteNonQuery();
        return row.Task;
    }

    /// <summary>The task with only those of its images that it has the places of, which are moved up; null, and no task, where there is none.</summary>
    private static SqliteTaskRow? MoveUp(SqliteSession session, PartitionAddress partition, Ids ids, SqliteTaskRow row)
    {
        var number = row.Task.Number.Value;
        var kept = new HashSet<int>();
        using (var reader = session.Prepare(
            """
            SELECT position FROM json_each($1) AS wanted CROSS JOIN places ON url = wanted.value AND class = $2
            WHERE partition = $3 AND task = $4 AND position = wanted.key ORDER BY position
            """,
            row.PlacedUrls, ids.Class, partition.Number, number).ExecuteReader())
            while (reader.Read()) kept.Add(reader.GetInt32(0));
        if (kept.Count == 0)
        {
            session.Prepare("DELETE FROM tasks WHERE partition = $1 AND n = $2", ids.Partition, number).ExecuteNonQuery();
            return null;
        }
        row = new SqliteTaskRow(row.Task with { Images = [.. row.Task.Images.Where((image, index) => image.IsElsewhere || kept.Contains(index))] });
        session.Prepare("UPDATE tasks SET confidences = $3, gold = $4, versions = $5 WHERE partition = $1 AND n = $2", ids.Partition, number, row.Packed, row.Gold, row.Versions).ExecuteNonQuery();
        session.Prepare(
            "INSERT OR REPLACE INTO places SELECT value, $1, $2, $3, key FROM json_each($4) WHERE value IS NOT NULL", ids.Class, partition.Number, number, row.PlacedUrls).ExecuteNonQuery();
        return row;
    }

    /// <summary>
    /// A page of some <paramref name="most"/> images: stored tasks with numbers from <paramref name="first"/> to
    /// <paramref name="last"/>; empty where there is none.
    /// </summary>
    private static List<TaskContent> ReadTasks(SqliteSession session, PartitionAddress partition, long first, long last, int most)
    {
        using var reader = session.Prepare(
            $"""
            SELECT n, confidences, urls, anonymous, gold, versions FROM tasks CROSS JOIN images ON images.task = (tasks.partition << 32 | n)
            WHERE tasks.partition = {PartitionId} AND n BETWEEN $3 AND $4 ORDER BY n
            """,
            partition.Class.Key, partition.Number, first, last).ExecuteReader();
        var tasks = new List<TaskContent>();
        for (var images = 0; images < most && reader.Read();)
        {
            var task = SqliteTaskRow.Unpack(
                reader.GetInt32(0), reader.GetFieldValue<byte[]>(1), reader.GetString(2), TextAt(reader, 3), TextAt(reader, 4), TextAt(reader, 5));
            tasks.Add(task);
            images += task.Images.Length;
        }
        return tasks;
    }

    /// <summary>Deletes the partition's first task after its places, or as many of these as the limit lets.</summary>
    /// <returns>How many items; none where the partition has no task.</returns>
    private static int DeleteTask(SqliteSession session, PartitionAddress partition, Ids ids, int limit)
    {
        int number;
        string? urls;
        using (var reader = session.Prepare(
            "SELECT n, urls FROM tasks LEFT JOIN images ON images.task = (tasks.partition << 32 | n) WHERE tasks.partition = $1 ORDER BY n LIMIT 1",
            ids.Partition).ExecuteReader())
        {
            if (!reader.Read()) return 0;
            (number, urls) = (reader.GetInt32(0), reader.IsDBNull(1) ? null : reader.GetString(1));
        }
        var deleted = urls is null ? 0 : session.Prepare(
            """
            DELETE FROM places WHERE class = $2 AND url IN (
                SELECT url FROM json_each($1) AS wanted CROSS JOIN places ON url = wanted.value AND class = $2
                WHERE partition = $3 AND task = $4 LIMIT $5)
            """,
            urls, ids.Class, partition.Number, number, limit).ExecuteNonQuery();
        if (deleted == limit) return deleted;
        session.Prepare("DELETE FROM images WHERE task = $1 << 32 | $2", ids.Partition, number).ExecuteNonQuery();
        session.Prepare("DELETE FROM tasks WHERE partition = $1 AND n = $2", ids.Partition, number).ExecuteNonQuery();
        return deleted + 1;
    }

    /// <summary>The ids by which a partition's rows are kept, and its epoch. All 0 where there is nothing of it.</summary>
    private readonly record struct Ids(long Partition, long Class, long Epoch)
    {
        public static Ids Read(SqliteSession session, PartitionAddress partition)
        {
            using var reader = session.Prepare(
                """
                SELECT partitions.id, classes.id, epoch FROM classes JOIN partitions ON partitions.class = classes.id
                WHERE classes.key = $1 AND partitions.number = $2
                """,
                partition.Class.Key, partition.Number).ExecuteReader();
            return reader.Read() ? new Ids(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2)) : default;
        }

        /// <summary>Gives ids to a partition that has none.</summary>
        public static Ids Make(SqliteSession session, PartitionAddress partition)
        {
            if (Read(session, partition) is { Partition: > 0 } known) return known;
            session.Prepare("INSERT OR IGNORE INTO classes (key) VALUES ($1)", partition.Class.Key).ExecuteNonQuery();
            session.Prepare(
                "INSERT INTO partitions (class, number, epoch, retired) SELECT id, $2, 0, 0 FROM classes WHERE key = $1",
                partition.Class.Key, partition.Number).ExecuteNonQuery();
            return Read(session, partition);
        }

        /// <summary>Frees the ids of a partition of which nothing is left, and those of a class without partitions.</summary>
        public static void Forget(SqliteSession session, PartitionAddress partition)
        {
            session.Prepare(
                $"""
                DELETE FROM partitions WHERE id = {PartitionId} AND epoch = 0
                    AND NOT EXISTS (SELECT 1 FROM tasks WHERE partition = partitions.id)
                    AND NOT EXISTS (SELECT 1 FROM submissions WHERE partition = partitions.id)
                    AND NOT EXISTS (SELECT 1 FROM adjudications WHERE partition = partitions.id)
                    AND NOT EXISTS (SELECT 1 FROM listed WHERE partition = partitions.id)
                """,
                partition.Class.Key, partition.Number).ExecuteNonQuery();
            session.Prepare(
                "DELETE FROM classes WHERE key = $1 AND NOT EXISTS (SELECT 1 FROM partitions WHERE class = classes.id)", partition.Class.Key).ExecuteNonQuery();
        }
    }
}
