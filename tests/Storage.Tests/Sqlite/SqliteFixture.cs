using Microsoft.Extensions.Options;

namespace BulkQA.Storage.Tests;

/// <summary>A database of its own for one test class.</summary>
public sealed class SqliteFixture : IAsyncLifetime
{
    public TemporaryFolder Folder { get; } = new();

    public SqliteDatabase Database { get; private set; } = null!;

    public static SqliteDatabase Open(string path) => new(Options.Create(new SqliteOptions { Path = path }));

    public ValueTask InitializeAsync()
    {
        Database = Open(Folder.File("test.db"));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        Folder.Dispose();
    }
}

public sealed class SqliteChangeLogTests(SqliteFixture fixture) : ChangeLogCompliance, IClassFixture<SqliteFixture>
{
    protected override IChangeLog Log { get; } = new SqliteChangeLog(fixture.Database);
}

public sealed class SqliteListingsTests(SqliteFixture fixture) : ListingsCompliance, IClassFixture<SqliteFixture>
{
    protected override IListings Listings { get; } = new SqliteListings(fixture.Database);
}

public sealed class SqliteLabelTableTests(SqliteFixture fixture) : LabelTableCompliance, IClassFixture<SqliteFixture>
{
    protected override ILabelTable Table { get; } = new SqliteLabelTable(fixture.Database);
}
