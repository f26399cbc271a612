using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace BulkQA.Api.Tests;

public sealed class KeyEndpointTests(AccessTests.Guarded api) : IClassFixture<AccessTests.Guarded>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Keys_OverRest_HaveNamesRolesJobsAndEndsAndNothingThatOpensAnything()
    {
        var text = await api.As("operator").GetStringAsync("/v1/keys", Cancellation);
        var keys = JsonDocument.Parse(text).RootElement;
        Assert.True(keys.GetProperty("asked").GetBoolean());
        Assert.Equal(
            ["adjudicator adjudicator [] True", "confined operator [Mine] True", "expired operator [] False", "operator operator [] True", "viewer viewer [] True", "worker worker [] True"],
            keys.Items().Select(key => $"{key.String("name")} {key.String("role")} [{string.Join(',', key.Items("jobs"))}] {key.GetProperty("inForce").GetBoolean()}"));
        Assert.Equal("ann", keys.Items().Single(key => key.String("name") == "worker").String("worker"));
        Assert.All(api.Keys.Values, key =>
        {
            Assert.DoesNotContain(key, text, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))), text, StringComparison.OrdinalIgnoreCase);
        });
    }
}
