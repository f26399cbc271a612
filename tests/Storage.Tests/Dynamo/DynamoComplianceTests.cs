using Orleans.Storage;

namespace BulkQA.Storage.Tests;

public sealed class DynamoLabelTableTests(DynamoFixture fixture) : LabelTableCompliance, IClassFixture<DynamoFixture>
{
    protected override ILabelTable Table { get; } = fixture.Labels;
}

public sealed class DynamoListingsTests(DynamoFixture fixture) : ListingsCompliance, IClassFixture<DynamoFixture>
{
    protected override IListings Listings { get; } = fixture.Listings;
}

public sealed class DynamoChangeLogTests(DynamoFixture fixture) : ChangeLogCompliance, IClassFixture<DynamoFixture>
{
    protected override IChangeLog Log { get; } = fixture.Changes;
}

public sealed class DynamoFactStoreTests(DynamoFixture fixture) : FactStoreCompliance, IClassFixture<DynamoFixture>
{
    protected override IFactStore Store { get; } = fixture.Facts;
}

public sealed class DynamoGrainStorageTests(DynamoFixture fixture) : GrainStorageCompliance, IClassFixture<DynamoFixture>
{
    protected override IGrainStorage Storage { get; } = fixture.GrainStorage;
}
