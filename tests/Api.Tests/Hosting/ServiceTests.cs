using System.Text.Json;

namespace BulkQA.Api.Tests;

public sealed class ServiceTests(SharedApi api)
{
    [Fact]
    public async Task Service_InOneProcess_TellsItsVersionAndItsOneSiloAndNoQueue()
    {
        var service = await api.Http.GetJsonAsync("/v1/service");
        Assert.Equal("embedded", service.String("mode"));
        Assert.Matches(@"^\d+\.\d+\.\d+", service.String("version"));
        var now = TimeProvider.System.GetUtcNow();
        Assert.InRange(service.GetProperty("startedAt").GetDateTimeOffset(), now.AddHours(-1), now);
        var silo = Assert.Single(service.Items("silos"));
        Assert.Equal("active", silo.String("status"));
        Assert.InRange(silo.GetProperty("startedAt").GetDateTimeOffset(), now.AddHours(-1), now);
        Assert.Equal(JsonValueKind.Null, service.GetProperty("queue").ValueKind);
    }

    [Fact]
    public async Task Keys_WhereNobodyIsAsked_AreNone()
    {
        var keys = await api.Http.GetJsonAsync("/v1/keys");
        Assert.Equal((false, false, 0), (keys.GetProperty("asked").GetBoolean(), keys.GetProperty("peopleSignIn").GetBoolean(), keys.Items().Count()));
    }
}
