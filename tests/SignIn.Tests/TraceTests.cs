using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace BulkQA.Api.Tests;

/// <summary>What ASP.NET Core tells whoever listens for traces: nothing of an address, which may hold a secret of a link that was made before secrets stood behind <c>#</c>.</summary>
public sealed class TraceTests
{
    [Fact]
    public async Task Trace_OfALinkWithItsSecretInThePath_HasItNot()
    {
        var spans = new ConcurrentBag<Activity>();
        using var listener = new ActivityListener { ShouldListenTo = source => source.Name == "Microsoft.AspNetCore", Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData, ActivityStopped = spans.Add };
        ActivitySource.AddActivityListener(listener);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using (var app = builder.Build())
        {
            app.Run(context => context.Response.WriteAsync("here"));
            await app.StartAsync(TestContext.Current.CancellationToken);
            using var http = new HttpClient();
            (await http.GetAsync($"{app.Urls.Single()}/invitation/the-secret", TestContext.Current.CancellationToken)).Dispose();
        }
        Assert.NotEmpty(spans);
        Assert.All(spans, span => Assert.DoesNotContain(span.TagObjects.Select(tag => $"{tag.Value}").Append(span.DisplayName), text => text.Contains("the-secret", StringComparison.Ordinal)));
    }
}
