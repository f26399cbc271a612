using System.Net.Http.Json;

namespace BulkQA.Api.Tests;

/// <summary>Pictures that browsers fetch elsewhere, from hosts that the job names and no others.</summary>
public sealed class PictureHostTests(SharedApi api)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_OfAJobWithHosts_ShowPicturesOfExactlyThose()
    {
        var job = await PictureJobs.CreateAsync(api, new { pictureHosts = (string[])["Pictures.example.org", "b.example.org"] });
        Assert.Equal(["b.example.org", "pictures.example.org"], (await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Items("pictureHosts").Select(host => host.GetString()));
        await api.Http.ImportAsync(job, """
            s3_image_url,label,confidence
            https://pictures.example.org/a b+c%20é.jpg?x=1&y=2,Dog,90
            https://evil.example.org/b.jpg,Dog,91
            http://pictures.example.org/c.jpg,Dog,92
            https://pictures.example.org:8443/d.jpg,Dog,93
            """);
        foreach (var path in (string[])[$"/work/{job}?worker=ann", $"/jobs/{job}/images"])
        {
            var page = await api.Http.GetAsync(path, Cancellation);
            Assert.Contains("img-src 'self' https://b.example.org https://pictures.example.org;", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            var sources = System.Text.RegularExpressions.Regex.Matches(await page.Content.ReadAsStringAsync(Cancellation), "<img src=\"([^\"]+)\"").Select(match => System.Net.WebUtility.HtmlDecode(match.Groups[1].Value)).ToList();
            Assert.Equal(4, sources.Count);
            Assert.Equal("https://pictures.example.org/a b+c%20é.jpg?x=1&y=2", Assert.Single(sources, source => !source.StartsWith('/')));
            // Nothing is fetched by us for anybody.
            foreach (var ours in sources.Where(source => source.StartsWith('/'))) await (await api.Http.GetAsync(ours, Cancellation)).ProblemAsync(404);
        }
        await (await api.Http.GetPictureAsync(job, "https://pictures.example.org/a.jpg")).ProblemAsync(404);
    }

    [Fact]
    public async Task Pages_OfAJobWithoutHosts_ShowNoneOfElsewhere()
    {
        var job = await api.Http.CreateJobAsync();
        Assert.Empty((await api.Http.GetJsonAsync($"/v1/jobs/{job}")).Items("pictureHosts"));
        await api.Http.ImportAsync(job, "s3_image_url,label,confidence\nhttps://pictures.example.org/a.jpg,Dog,90\n");
        foreach (var path in (string[])[$"/work/{job}?worker=ann", $"/jobs/{job}/images"])
        {
            var page = await api.Http.GetAsync(path, Cancellation);
            Assert.Contains("img-src 'self';", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            Assert.DoesNotContain("src=\"https:", await page.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Hosts_ThatAreNone_AreRefusedAndOthersAreASettingLikeEach()
    {
        var name = $"job-{Guid.NewGuid():N}";
        foreach (var host in (string[])["https://a.example.org", "*.example.org", "a.example.org; script-src *", ""])
            Assert.Contains("pictureHosts", await (await CreateAsync(name, host)).ProblemAsync(400), StringComparison.Ordinal);
        Assert.Equal(System.Net.HttpStatusCode.Created, (await CreateAsync(name, "a.example.org")).StatusCode);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await CreateAsync(name, "A.example.org")).StatusCode);
        Assert.Contains("pictureHosts is [a.example.org]", await (await CreateAsync(name, "b.example.org")).ProblemAsync(409), StringComparison.Ordinal);
    }

    private Task<HttpResponseMessage> CreateAsync(string name, string host) => api.Http.PostAsJsonAsync("/v1/jobs", new { name, pictureHosts = (string[])[host] }, Cancellation);
}
