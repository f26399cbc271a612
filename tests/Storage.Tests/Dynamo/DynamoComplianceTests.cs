using Orleans.Storage;

namespace BulkQA.Storage.Tests;

public sealed class DynamoLabelTableTests(DynamoFixture fixture) : LabelTableCompliance, IClassFixture<DynamoFixture>
{
    protected override ILabelTable Table { get; } = fixture.Labels;
}

public sealed class DynamoGrainStorageTests(DynamoFixture fixture) : GrainStorageCompliance, IClassFixture<DynamoFixture>
{
    protected override IGrainStorage Storage { get; } = fixture.GrainStorage;
}
