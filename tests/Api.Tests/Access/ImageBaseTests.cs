using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Data.Sqlite;

namespace BulkQA.Api.Tests;

/// <summary>Where a job may say that its pictures lie: everything below is served to whoever may use the job.</summary>
public sealed class ImageBaseTests(ImageBaseTests.Guarded api) : IClassFixture<ImageBaseTests.Guarded>
{
    private const string Default = "s3://bulkqa/images/";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>There lie the inputs, templates and results of every job.</summary>
    [Theory]
    [InlineData("s3://bulkqa/")]
    [InlineData("s3://bulkqa/jobs/")]
    [InlineData("s3://bulkqa/jobs/0123456789abcdef/")]
    [InlineData("s3://BulkQA/Jobs/0123456789abcdef/")]
    [InlineData("s3://bulkqa/jobs./")]
    [InlineData("s3://bulkqa/keys/")]
    [InlineData("s3://bulkqa/Keys/more/")]
    public async Task Base_ThatHoldsBulkQasOwnObjects_Is400ForAnybody(string imageBase)
    {
        Assert.Contains("BulkQA's own", await (await CreateAsync("operator", Name(), imageBase)).ProblemAsync(400), StringComparison.Ordinal);
        Assert.Contains("BulkQA's own", await (await CreateAsync("own", "own-folder", imageBase)).ProblemAsync(400), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s3://pictures/a/../b/")]
    [InlineData("s3://pictures/./")]
    [InlineData("s3://pictures//a/")]
    [InlineData("s3://pictures/a\\b/")]
    [InlineData("s3://../bulkqa/jobs/")]
    public async Task Base_ThatIsNoCanonicalPath_Is400(string imageBase) =>
        Assert.Contains("imageBase", await (await CreateAsync("operator", Name(), imageBase)).ProblemAsync(400), StringComparison.Ordinal);

    [Theory]
    [InlineData("s3://bulkqa/jobs-archive/")]
    [InlineData("s3://bulkqa/images/keys/")]
    [InlineData("s3://bulkqa/images/jobs/")]
    [InlineData("s3://other/jobs/")]
    [InlineData("s3://other/")]
    public async Task Base_Elsewhere_IsTakenFromWhoMayUseEveryJob(string imageBase) =>
        Assert.Equal(HttpStatusCode.Created, (await CreateAsync("operator", Name(), imageBase)).StatusCode);

    [Theory]
    [InlineData("s3://bulkqa/images/")]
    [InlineData("s3://bulkqa/images/own-folder-too/")]
    [InlineData("s3://bulkqa/images/another/")]
    [InlineData("s3://other/own-folder/")]
    public async Task ConfinedCaller_WithoutPrefixes_IsRefusedAllButItsJobsOwnFolder(string imageBase)
    {
        var problem = await (await CreateAsync("own", "Own-Folder", imageBase)).ProblemAsync(403);
        Assert.Contains($"'{imageBase}'", problem, StringComparison.Ordinal);
        Assert.Contains("s3://bulkqa/images/own-folder/", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConfinedCaller_GivesNoBase_GetsItsJobsOwnFolder()
    {
        var created = await CreateAsync("own", "Own-3", null);
        Assert.Equal((HttpStatusCode.Created, "s3://bulkqa/images/own-3/"), (created.StatusCode, (await created.JsonAsync()).String("imageBase")));
        Assert.Equal(HttpStatusCode.OK, (await CreateAsync("own", "Own-3", null)).StatusCode);
        // Created by somebody who may use any base.
        Assert.Equal(HttpStatusCode.Created, (await CreateAsync("operator", "own-4", "s3://elsewhere/")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await CreateAsync("own", "own-4", null)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await CreateAsync("own", "own-4", "s3://elsewhere/")).StatusCode);
    }

    [Fact]
    public async Task ConfinedCaller_TakesThePicturesOfAJobThatItMayUse_AndOfNoOther()
    {
        Assert.Equal(HttpStatusCode.Created, (await CreateAsync("operator", "own-7", "s3://elsewhere/")).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await CreateAsync("operator", "theirs-7", "s3://elsewhere/")).StatusCode);
        Assert.Equal("s3://elsewhere/", (await (await SendAsync(new { name = "own-8", picturesOf = "own-7" })).JsonAsync()).String("imageBase"));
        Assert.Contains("picturesOf", await (await SendAsync(new { name = "own-9", picturesOf = "theirs-7" })).ProblemAsync(400), StringComparison.Ordinal);
        Assert.Contains("leave out either", await (await SendAsync(new { name = "own-9", picturesOf = "own-7", imageBase = "s3://elsewhere/" })).ProblemAsync(400), StringComparison.Ordinal);

        async Task<HttpResponseMessage> SendAsync(object job)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/jobs") { Content = JsonContent.Create(job), Headers = { Authorization = new("Bearer", "bqa_own") } };
            return await api.Process.Http.SendAsync(request, Cancellation);
        }
    }

    /// <summary>The deployment's list was another when the old job was made.</summary>
    [Fact]
    public async Task Pictures_OfAJobThatTheDeploymentAllowsNoMore_AreTakenOverByNobody()
    {
        using var folder = new TemporaryFolder();
        await using (var before = await ApiProcess.StartAsync(folder.Path)) await (await before.Http.PostAsJsonAsync("/v1/jobs", new { name = "old", imageBase = "s3://elsewhere/" }, Cancellation)).JsonAsync();
        await using var after = await ApiProcess.StartAsync(folder.Path, "--BulkQA:Access:ImagePrefixes:0", "s3://pictures/");
        Assert.Contains("s3://pictures/", await (await after.Http.PostAsJsonAsync("/v1/jobs", new { name = "new", picturesOf = "old" }, Cancellation)).ProblemAsync(403), StringComparison.Ordinal);
    }

    /// <summary>To see the pictures of a job that somebody else made is less than to write where they lie.</summary>
    [Fact]
    public async Task ConfinedCaller_UploadsOnlyWhereItMightHaveAJob()
    {
        Assert.Equal(HttpStatusCode.Created, (await CreateAsync("operator", "own-5", Default)).StatusCode);
        Assert.Contains("own-5", await (await UploadAsync("own", "own-5")).ProblemAsync(403), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await UploadAsync("operator", "own-5")).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await CreateAsync("own", "own-6", null)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await UploadAsync("own", "own-6")).StatusCode);
        await (await UploadAsync("own", "theirs-1")).ProblemAsync(404);
    }

    [Theory]
    [InlineData("own-1", "s3://bulkqa/images/own-1/")]
    [InlineData("Own-2", "s3://bulkqa/images/own-2/2026/")]
    public async Task ConfinedCaller_WithoutPrefixes_MayUseItsJobsOwnFolder(string job, string imageBase) =>
        Assert.Equal(HttpStatusCode.Created, (await CreateAsync("own", job, imageBase)).StatusCode);

    [Fact]
    public async Task ConfinedCaller_WithPrefixes_MayUseWhatLiesBelowThemAndNothingBeside()
    {
        foreach (var refused in (string?[])[null, Default, "s3://pictures/", "s3://pictures/theirs-too/", "s3://bulkqa/images/theirs-1/"])
            Assert.Contains("s3://pictures/theirs/, s3://more/", await (await CreateAsync("theirs", "theirs-1", refused)).ProblemAsync(403), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Created, (await CreateAsync("theirs", "theirs-1", "s3://pictures/theirs/")).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await CreateAsync("theirs", "theirs-2", "s3://more/below/")).StatusCode);
    }

    /// <summary>Several in one claim, as issuers without lists write them; and a blank is no way out of a prefix.</summary>
    [Fact]
    public async Task Token_WithPrefixes_MayUseWhatLiesBelowThemAndNothingBeside()
    {
        var token = api.Issuer.Token(("roles", "operator"), ("bulkqa_jobs", "tokens-1 tokens-2"), ("bulkqa_image_prefixes", "s3://pictures/of tokens/ s3://more/"));
        Assert.Equal(HttpStatusCode.Created, (await CreateWithAsync(token, "tokens-1", "s3://pictures/of tokens/a/")).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await CreateWithAsync(token, "tokens-2", "s3://more/")).StatusCode);
        await (await CreateWithAsync(token, "tokens-1", "s3://pictures/of/")).ProblemAsync(403);
        // What can't be read opens nothing, not everything.
        foreach (var nothing in (object[])["pictures", "s3://pictures", "", Array.Empty<string>()])
            await (await CreateWithAsync(api.Issuer.Token(("roles", "operator"), ("bulkqa_image_prefixes", nothing)), Name(), "s3://pictures/")).ProblemAsync(403);
    }

    [Fact]
    public async Task Deployment_WithPrefixes_RefusesOtherPlacesToAnybodyAndOpensTheDefaultWhereItNamesIt()
    {
        using var folder = new TemporaryFolder();
        await using var process = await ApiProcess.StartAsync(folder.Path,
        [
            .. AccessTests.Key(0, "operator", "bqa_operator", "operator"), .. AccessTests.Key(1, "own", "bqa_own", "operator", "Jobs:0=mine"),
            .. AccessTests.Key(2, "theirs", "bqa_theirs", "operator", "Jobs:0=theirs", "ImagePrefixes:0=s3://beyond/"),
            $"--BulkQA:Access:ImagePrefixes={Default}, s3://pictures/",
        ]);
        Assert.Contains("s3://bulkqa/images/, s3://pictures/", await (await CreateWithAsync("bqa_operator", "a", "s3://other/", process.Http)).ProblemAsync(403), StringComparison.Ordinal);
        // Allowed to the caller, not by the deployment.
        await (await CreateWithAsync("bqa_theirs", "theirs", "s3://beyond/", process.Http)).ProblemAsync(403);
        Assert.Equal(HttpStatusCode.Created, (await CreateWithAsync("bqa_operator", "a", "s3://pictures/a/", process.Http)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await CreateWithAsync("bqa_own", "mine", null, process.Http)).StatusCode);
    }

    /// <summary>A release before this one took any base; what such a job would show is its images' place, not others' work.</summary>
    [Fact]
    public async Task Picture_AmongBulkQasOwnObjects_Is404ThoughTheJobsBaseIsAboveIt()
    {
        using var folder = new TemporaryFolder();
        foreach (var (key, content) in ((string, string)[])[("jobs/other/input.svg", "<svg>secret</svg>"), ("keys/key.svg", "<svg>secret</svg>"), ("free/a.svg", "<svg>picture</svg>")])
        {
            var path = Path.Combine(folder.Path, "objects", "bulkqa", key);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, content, Cancellation);
        }
        await using (var process = await ApiProcess.StartAsync(folder.Path))
        {
            Assert.Equal(HttpStatusCode.Created, (await process.Http.PostAsJsonAsync("/v1/jobs", new { name = "old", imageBase = "s3://bulkqx/" }, Cancellation)).StatusCode);
            await process.TerminateAsync();
        }
        Replace(Path.Combine(folder.Path, "bulkqa.db"), "s3://bulkqx/", "s3://bulkqa/");
        await using var again = await ApiProcess.StartAsync(folder.Path);
        Assert.Equal("s3://bulkqa/", (await again.Http.GetJsonAsync("/v1/jobs/old")).String("imageBase"));
        Assert.Contains("picture", await again.Http.GetStringAsync("/jobs/old/picture?url=s3://bulkqa/free/a.svg", Cancellation), StringComparison.Ordinal);
        foreach (var own in (string[])["jobs/other/input.svg", "keys/key.svg"])
            await (await again.Http.GetAsync($"/jobs/old/picture?url=s3://bulkqa/{own}", Cancellation)).ProblemAsync(404);
        Assert.Contains("BulkQA's own", await (await again.Http.PostAsync("/v1/jobs/old/pictures?folder=jobs/other", Uploads.Form(("input.svg", Uploads.Svg)), Cancellation)).ProblemAsync(400), StringComparison.Ordinal);
    }

    /// <summary>Puts a text of the same length in the place of another, wherever grain state holds it.</summary>
    private static void Replace(string database, string text, string other)
    {
        using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        connection.Open();
        using var read = new SqliteCommand("SELECT GrainReference, GrainType, GrainState FROM OrleansGrainState", connection);
        var changed = new List<(string Reference, string Type, byte[] State)>();
        using (var rows = read.ExecuteReader())
            while (rows.Read())
            {
                var state = (byte[])rows[2];
                var at = state.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text));
                if (at < 0) continue;
                Encoding.UTF8.GetBytes(other).CopyTo(state, at);
                changed.Add((rows.GetString(0), rows.GetString(1), state));
            }
        Assert.NotEmpty(changed);
        foreach (var (reference, type, state) in changed)
        {
            using var write = new SqliteCommand("UPDATE OrleansGrainState SET GrainState = $1 WHERE GrainReference = $2 AND GrainType = $3", connection);
            write.Parameters.AddWithValue("$1", state);
            write.Parameters.AddWithValue("$2", reference);
            write.Parameters.AddWithValue("$3", type);
            Assert.Equal(1, write.ExecuteNonQuery());
        }
    }

    private static string Name() => $"job-{Guid.NewGuid():N}";

    private Task<HttpResponseMessage> CreateAsync(string key, string job, string? imageBase) => CreateWithAsync($"bqa_{key}", job, imageBase);

    private async Task<HttpResponseMessage> CreateWithAsync(string key, string job, string? imageBase, HttpClient? http = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/jobs") { Content = JsonContent.Create(new { name = job, imageBase }), Headers = { Authorization = new("Bearer", key) } };
        return await (http ?? api.Process.Http).SendAsync(request, Cancellation);
    }

    private async Task<HttpResponseMessage> UploadAsync(string key, string job)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/jobs/{job}/pictures") { Content = Uploads.Form(("uploaded.svg", Uploads.Svg)), Headers = { Authorization = new("Bearer", $"bqa_{key}") } };
        return await api.Process.Http.SendAsync(request, Cancellation);
    }

    /// <summary>An operator, one confined to jobs, one confined to jobs and prefixes, and an issuer.</summary>
    public sealed class Guarded : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();

        public OidcIssuer Issuer { get; private set; } = null!;

        public ApiProcess Process { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Issuer = await OidcIssuer.StartAsync();
            Process = await ApiProcess.StartAsync(_folder.Path,
            [
                .. AccessTests.Key(0, "operator", "bqa_operator", "operator"),
                .. AccessTests.Key(1, "own", "bqa_own", "operator", "Jobs:0=own-folder", "Jobs:1=own-1", "Jobs:2=own-2", "Jobs:3=own-3", "Jobs:4=own-4", "Jobs:5=own-5", "Jobs:6=own-6", "Jobs:7=own-7", "Jobs:8=own-8", "Jobs:9=own-9"),
                .. AccessTests.Key(2, "theirs", "bqa_theirs", "operator", "Jobs:0=theirs-1", "Jobs:1=theirs-2", "ImagePrefixes:0=s3://pictures/theirs/", "ImagePrefixes:1=s3://more/"),
                $"--BulkQA:Access:Issuer={Issuer.Url}", $"--BulkQA:Access:Audience={OidcIssuer.Audience}",
            ]);
        }

        public async ValueTask DisposeAsync()
        {
            await Process.DisposeAsync();
            await Issuer.DisposeAsync();
            _folder.Dispose();
        }
    }
}
