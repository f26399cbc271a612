using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace BulkQA.Api.Tests;

/// <summary>How tests upload pictures.</summary>
internal static class Uploads
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static byte[] Svg => Encoding.UTF8.GetBytes(Drawn.SvgCircle);

    public static ByteArrayContent Zip(params (string Name, byte[] Content)[] entries)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, content) in entries)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(content);
            }
        return AsZip(bytes.ToArray());
    }

    public static ByteArrayContent AsZip(byte[] bytes)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/zip");
        return content;
    }

    /// <summary>As browsers write it: names in the letters of UTF-8, nothing escaped but quotes and line ends.</summary>
    public static ByteArrayContent Form(params (string Name, byte[] Content)[] files) => Form([], files);

    public static ByteArrayContent Form((string Name, string Value)[] fields, params (string Name, byte[] Content)[] files)
    {
        const string Boundary = "----boundary7MA4YWxkTrZu0gW";
        using var body = new MemoryStream();
        foreach (var (name, value) in fields) Write($"--{Boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        foreach (var (name, content) in files)
        {
            Write($"--{Boundary}\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n");
            body.Write(content);
            Write("\r\n");
        }
        Write($"--{Boundary}--\r\n");
        var form = new ByteArrayContent(body.ToArray());
        form.Headers.ContentType = MediaTypeHeaderValue.Parse($"multipart/form-data; boundary={Boundary}");
        return form;

        void Write(string text) => body.Write(Encoding.UTF8.GetBytes(text));
    }

    public static async Task<JsonElement> UploadAsync(this HttpClient http, string job, HttpContent content, string query = "") =>
        await (await http.PostAsync($"/v1/jobs/{job}/pictures{query}", content, Cancellation)).JsonAsync();

    /// <summary>Accepted, unchanged, ignored, rejected.</summary>
    public static (int Accepted, int Unchanged, int Ignored, int Rejected) Counts(this JsonElement summary) =>
        (summary.Int("accepted"), summary.Int("unchanged"), summary.Int("ignored"), summary.Int("rejectedCount"));

    public static string ReasonOf(this JsonElement summary, string name) =>
        Assert.Single(summary.Items("rejected"), rejected => rejected.String("name") == name).String("reason");

    /// <summary>A picture as a page of the job gets it.</summary>
    public static Task<HttpResponseMessage> GetPictureAsync(this HttpClient http, string job, string url, string more = "") =>
        http.GetAsync($"/jobs/{job}/picture?url={Uri.EscapeDataString(url)}{more}", Cancellation);
}
