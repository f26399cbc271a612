namespace BulkQA.Web.Tests;

public sealed class RestClientTests
{
    [Fact]
    public async Task List_OfSeveralPages_HasEachEntryOnceInOrder()
    {
        using var rest = new RestStub();
        rest.Answer("/v1/x?limit=2", new { items = (int[])[1, 2], nextCursor = "a" });
        rest.Answer("/v1/x?limit=2&cursor=a", new { items = Array.Empty<int>(), nextCursor = "b" });
        rest.Answer("/v1/x?limit=2&cursor=b", new { items = (int[])[3], nextCursor = (string?)null });
        using var client = rest.NewClient();
        var (items, isCut) = await client.ListAsync<int>(cursor => Links.Of("/v1/x", ("limit", "2"), ("cursor", cursor)));
        Assert.Equal([1, 2, 3], items);
        Assert.False(isCut);
    }

    [Fact]
    public async Task List_WhereAPageIsRefused_SaysSo()
    {
        using var rest = new RestStub();
        rest.Answer("/v1/x", new { items = (int[])[1], nextCursor = "a" });
        rest.Refuse("/v1/x?cursor=a", System.Net.HttpStatusCode.Forbidden, "Not any more.");
        using var client = rest.NewClient();
        Assert.Equal("Not any more.", (await Assert.ThrowsAsync<RestException>(() => client.ListAsync<int>(cursor => Links.Of("/v1/x", ("cursor", cursor))))).Detail);
    }
}
