using System.Net;

namespace BulkQA.Api.Tests;

/// <summary>What an operator's template may hold: the rest is refused by name when it is uploaded, all of it at once.</summary>
public sealed class TemplateUploadTests(SharedApi api)
{
    private const string Card = """<crowd-card image="{{ one.s3_image_url | grant_read_access }}"><crowd-checkbox name="{{ one.label }}-{{ forloop.index0 }}" value="Confirmed" checked /></crowd-card>""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("<crowd-bounding-box name=x></crowd-bounding-box>", "<crowd-bounding-box> is not supported")]
    [InlineData("<script>alert(1)</script>", "an inline script")]
    [InlineData("<script src=\"https://example.org/x.js\"></script>", "the script 'https://example.org/x.js'")]
    [InlineData("<script src=\"https://assets.crowd.aws.example.org/crowd-html-elements.js\"></script>", "the script 'https://assets.crowd.aws.example.org")]
    [InlineData("<p onclick=\"alert(1)\">x</p>", "the attribute onclick of <p>")]
    [InlineData("<img src=/x onerror=alert(1)>", "the attribute onerror of <img>")]
    [InlineData("<iframe src=/x></iframe>", "<iframe>")]
    [InlineData("<object data=/x></object>", "<object>")]
    [InlineData("<embed src=/x>", "<embed>")]
    [InlineData("<form action=/x></form>", "<form>")]
    [InlineData("<base href=//example.org>", "<base>")]
    [InlineData("<meta http-equiv=refresh content=0>", "<meta http-equiv>")]
    [InlineData("<link rel=stylesheet href=/x.css>", "<link>")]
    [InlineData("<svg><script>alert(1)</script></svg>", "<svg>")]
    [InlineData("<a href=\" java\nscript:alert(1)\">x</a>", "in href of <a>")]
    [InlineData("<input name=note>", "<input>")]
    [InlineData("<crowd-button>Reset</crowd-button>", "<crowd-button> without form-action")]
    public async Task Put_WhatIsNotSupported_IsRefusedByName(string part, string problem) =>
        Assert.Contains(problem, await RefusedAsync(Page(Card, part)), StringComparison.Ordinal);

    /// <summary>The template language has no errors of its own for these: it throws whatever the runtime does.</summary>
    [Theory]
    [InlineData("{{ 1 | divided_by: 0 }}")]
    [InlineData("{{ 99999999999999999999999999 | times: 99999999999999999999999999 }}")]
    [InlineData("{{ 1.5 | round: 99 }}")]
    [InlineData("{{ 'a' | replace }}")]
    [InlineData("{{ '%' | base64_decode }}")]
    [InlineData("{% include 'another' %}")]
    public async Task Put_WhatFailsWhenItIsRendered_IsRefused(string part) =>
        Assert.StartsWith("The template can't be used: ", await RefusedAsync(Page(Card, part)), StringComparison.Ordinal);

    /// <summary>The filter that says our own texts in other languages takes none of others', as no format of theirs either.</summary>
    [Fact]
    public async Task Put_TextOfItsOwnInTheFilterOfOurs_IsATextAndNoFormat()
    {
        var job = await api.Http.CreateJobAsync();
        await api.Http.ImportAsync(job, "s3://b/0.jpg,Dog,90");
        var formats = string.Concat(Enumerable.Repeat("{0,999999}", 1_000));
        var put = await api.Http.PutAsync($"/v1/jobs/{job}/template", HttpExtensions.Text(Page(Card, $$$"""<p>{{ "{{{formats}}} of {0}" | words: "all" }}</p>"""), "text/html"), Cancellation);
        Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync(Cancellation));
        Assert.Contains("{0,999999} of all", await api.Http.GetStringAsync($"/work/{job}?worker=ann", Cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""<crowd-card image="{{ one.s3_image_url | grant_read_access }}"></crowd-card>""", "the box 'Example-0' is missing")]
    [InlineData("""<crowd-card image="{{ one.s3_image_url | grant_read_access }}"><crowd-checkbox name="{{ one.label }}-{{ forloop.index }}" value="Confirmed"/></crowd-card>""", "the box 'Example-250' is of no image")]
    [InlineData("""<crowd-card image="{{ one.s3_image_url | grant_read_access }}"><crowd-checkbox name="{{ one.label }}-0" value="Confirmed"/></crowd-card>""", "the box 'Example-0' comes more than once")]
    [InlineData("""<crowd-card image="{{ one.s3_image_url | grant_read_access }}"><crowd-checkbox name="{{ one.label }}-{{ forloop.index0 }}"/></crowd-card>""", "has not the value \"Confirmed\"")]
    [InlineData("""<crowd-card><crowd-checkbox name="{{ one.label }}-{{ forloop.index0 }}" value="Confirmed"/></crowd-card>""", "does not show its image's picture")]
    [InlineData("""<crowd-card image="{{ one.s3_image_url }}"><crowd-checkbox name="{{ one.label }}-{{ forloop.index0 }}" value="Confirmed"/></crowd-card>""", "does not show its image's picture")]
    [InlineData("""<crowd-card image="{{ task.input.sourceRef[0].s3_image_url | grant_read_access }}"><crowd-checkbox name="{{ one.label }}-{{ forloop.index0 }}" value="Confirmed"/></crowd-card>""", "box 'Example-1' does not show its image's picture")]
    [InlineData("""<div><img src="{{ one.s3_image_url | grant_read_access }}"><crowd-checkbox name="{{ one.label }}-{{ forloop.index0 }}" value="Confirmed"/></div>""", "is in no <crowd-card>")]
    [InlineData("""<crowd-card image={{ one.s3_image_url | grant_read_access }}><crowd-checkbox name={{ one.label }}-{{ forloop.index0 }} value=Confirmed></crowd-checkbox></crowd-card>""", "with the label A \"b\" 'c' <d> & - 1: the box")]
    [InlineData("""<crowd-card image="{{ one.s3_image_url | grant_read_access }}"><crowd-checkbox name="{{ one.label }}-{{ forloop.index0 }}" value="CantTell"/></crowd-card>""", "the box 'Example-0' is missing")]
    [InlineData(Card + """<crowd-card image="{{ one.s3_image_url | grant_read_access }}"><crowd-checkbox name="{{ one.label }}-{{ forloop.index0 }}" value="CantTell"/></crowd-card>""", "a box 'Example-0' is in another card")]
    [InlineData(Card + """<crowd-checkbox name="{{ one.label }}-{{ forloop.index0 }}" value="NotSeen"/>""", "a box 'Example-0' is in another card")]
    [InlineData(Card + """<crowd-checkbox name="{{ one.label }}-{{ forloop.index }}" value="NotSeen"/>""", "the box 'Example-250' is of no image")]
    [InlineData("""<crowd-card image="{{ one.s3_image_url | grant_read_access }}"><crowd-checkbox name="{{ one.label }}-{{ forloop.index0 }}" value="Confirmed"/><crowd-checkbox name="{{ one.label }}-{{ forloop.index0 }}" value="CantTell"/><crowd-checkbox name="{{ one.label }}-{{ forloop.index0 }}" value="CantTell"/></crowd-card>""", "the box 'Example-0' comes more than once with the same value")]
    public async Task Put_BoxesOrPicturesThatAreNotTheTasks_IsRefused(string card, string problem) =>
        Assert.Contains(problem, await RefusedAsync(Page(card)), StringComparison.Ordinal);

    [Fact]
    public async Task Put_NoFormOrTwo_IsRefused()
    {
        Assert.Contains("there is no <crowd-form>", await RefusedAsync("<p>Hello</p>"), StringComparison.Ordinal);
        Assert.Contains("more than one <crowd-form>", await RefusedAsync(Page(Card) + "<crowd-form></crowd-form>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Put_SeveralProblems_SaysAllAtOnce()
    {
        var refusal = await RefusedAsync(Page("<crowd-card></crowd-card>", "<iframe></iframe><crowd-slider></crowd-slider><b onclick=x>x</b>"));
        foreach (var problem in (string[])["<iframe>", "<crowd-slider>", "onclick of <b>", "the box 'Example-0' is missing", "and 249 more such", "has 0 boxes"])
            Assert.Contains(problem, refusal, StringComparison.Ordinal);
    }

    /// <summary>A parser that builds a tree of these takes minutes, or gigabytes.</summary>
    [Theory]
    [InlineData("{% for i in (1..900) %}{% for j in (1..50) %}<div>{% endfor %}{% endfor %}", "nests more than")]
    [InlineData("<p>{% for i in (1..900) %}<b id={{ i }}>{% endfor %}{% for i in (1..900) %}<p>x{% endfor %}", "nests more than")]
    [InlineData("{% for i in (1..40000) %}<br>{% endfor %}", "tags")]
    [InlineData("<p><b><b id=1><i><i id=1><u><u id=1><s>{% for i in (1..18000) %}<div>x</div>{% endfor %}<crowd-none></crowd-none>", "<crowd-none> is not supported")]
    public async Task Put_MarkupThatMultiplies_IsRefusedInTime(string part, string problem)
    {
        var began = TimeProvider.System.GetTimestamp();
        Assert.Contains(problem, await RefusedAsync(Page(Card, part)), StringComparison.Ordinal);
        Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Page_OfATemplate_HasNothingThatActsAndEveryTagClosed()
    {
        const string Part = """
            <!-- gone --><!doctype html><html><head><title>gone</title><meta charset="utf-8"></head><body class="x">
            <script src="https://assets.crowd.aws/crowd-html-elements.js">gone</script>
            <ul><li>one<li>two</ul></div><p title="a&quot;b">&lt;kept&gt; ü</p>
            <pre>{{ task.input | to_json }}</pre><style>.a > .b { color: red }</style>
            """;
        var job = await JobAsync("Dog's <b> & co");
        await PutAsync(job, Page(Card, Part));
        var page = await api.Http.GetStringAsync($"/work/{job}?worker=ann", Cancellation);
        var main = page[page.IndexOf("<main", StringComparison.Ordinal)..];
        Assert.DoesNotContain("gone", main, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", main, StringComparison.Ordinal);
        Assert.Contains("<ul><li>one</li><li>two</li></ul>", main, StringComparison.Ordinal);
        Assert.Contains("<p title=\"a&quot;b\">&lt;kept&gt; ü</p>", main, StringComparison.Ordinal);
        Assert.Contains(".a > .b { color: red }", main, StringComparison.Ordinal);
        Assert.Contains("checked=\"\"></crowd-checkbox></crowd-card>", main, StringComparison.Ordinal);
        Assert.Contains("label&quot;:&quot;Dog\\u0027s \\u003cb\\u003e \\u0026 co&quot;", main, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whatever a template asks to be read, only pictures below the job's image base are.</summary>
    [Fact]
    public async Task GrantReadAccess_OfWhatIsNotTheJobs_ReadsNothing()
    {
        var job = await JobAsync("Dog");
        await api.WriteObjectAsync("s3://secrets/key.png", "secret");
        await PutAsync(job, Page(Card, "<img src=\"{{ 's3://secrets/key.png' | grant_read_access }}\"><img src=\"{{ 's3://bulkqa/images/../../secrets/key.png' | grant_read_access }}\">"));
        var page = await api.Http.GetStringAsync($"/work/{job}?worker=ann", Cancellation);
        var addresses = page.Split("src=\"").Skip(2).Select(rest => WebUtility.HtmlDecode(rest[..rest.IndexOf('"', StringComparison.Ordinal)])).ToList();
        Assert.Equal(2, addresses.Count);
        // The second is no canonical path.
        Assert.Equal(
            [HttpStatusCode.NotFound, HttpStatusCode.BadRequest],
            await Task.WhenAll(addresses.Select(async address => (await api.Http.GetAsync(address, Cancellation)).StatusCode)));
    }

    private static string Page(string card, string part = "") => $"{part}<crowd-form>{{% for one in task.input.sourceRef %}}{card}{{% endfor %}}</crowd-form>";

    private async Task<string> JobAsync(string label)
    {
        var job = await api.Http.CreateJobAsync();
        await api.Http.ImportAsync(job, System.Text.Json.JsonSerializer.Serialize(new { s3_image_url = "s3://bulkqa/images/upload/1.png", label, confidence = 90 }), "application/x-ndjson");
        return job;
    }

    private async Task PutAsync(string job, string template)
    {
        var put = await api.Http.PutAsync($"/v1/jobs/{job}/template", HttpExtensions.Text(template, "text/html"), Cancellation);
        Assert.True(put.StatusCode == HttpStatusCode.NoContent, await put.Content.ReadAsStringAsync(Cancellation));
    }

    private async Task<string> RefusedAsync(string template)
    {
        var job = await JobAsync("Dog");
        var put = await api.Http.PutAsync($"/v1/jobs/{job}/template", HttpExtensions.Text(template, "text/html"), Cancellation);
        return await put.ProblemAsync(400);
    }
}
