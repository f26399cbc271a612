using System.Text;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>
/// Where each picture goes in folders that are named by labels, and where it lies now: <c>Dog/0000001.jpg</c>, a tab, and its URL. What a folder's name
/// can't have (slash, backslash, a dot at the beginning, a space at either end, and the percent sign) is percent-encoded. Pictures are numbered within
/// their label, because those of different folders may have one name.
/// </summary>
internal sealed class ImageFolderExport : IExportFormat
{
    public string Name => "imagefolder";

    public string MediaType => "text/tab-separated-values; charset=utf-8";

    public string Extension => "tsv";

    public async Task WriteAsync(JobInfo job, IAsyncEnumerable<ImageResponse> images, ExportColumns columns, Stream body, CancellationToken cancellation)
    {
        await using var text = new StreamWriter(body, new UTF8Encoding(false), leaveOpen: true);
        var (number, last) = (0, (string?)null);
        await foreach (var image in images.WithCancellation(cancellation))
        {
            // Images come class by class, so that a count is all there is to remember.
            (number, last) = (image.Label == last ? number + 1 : 1, image.Label);
            await text.WriteAsync($"{FolderOf(image.Label)}/{number:d7}{ExtensionOf(image.ImageUrl)}\t{image.ImageUrl}\n");
        }
    }

    private static string FolderOf(string label)
    {
        var folder = label.Replace("%", "%25", StringComparison.Ordinal).Replace("/", "%2F", StringComparison.Ordinal).Replace("\\", "%5C", StringComparison.Ordinal);
        if (folder[0] is '.' or ' ') folder = $"{Uri.HexEscape(folder[0])}{folder[1..]}";
        return folder[^1] == ' ' ? $"{folder[..^1]}%20" : folder;
    }

    private static string ExtensionOf(string url)
    {
        var extension = Path.GetExtension(url);
        return extension.Length is > 1 and <= 6 && extension.Skip(1).All(char.IsAsciiLetterOrDigit) ? extension : "";
    }
}
