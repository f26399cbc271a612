using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Serialization;
using Orleans.Storage;

namespace BulkQA.Storage.Tests;

public sealed class SqliteGrainStorageTests(SqliteFixture fixture) : GrainStorageCompliance, IClassFixture<SqliteFixture>
{
    private static readonly Serializer _serializer =
        new ServiceCollection().AddSerializer().BuildServiceProvider().GetRequiredService<Serializer>();

    protected override IGrainStorage Storage { get; } = new SqliteGrainStorage(
        fixture.Database, _serializer, Options.Create(new ClusterOptions { ServiceId = "tests" }));
}
