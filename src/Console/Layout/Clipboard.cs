using Microsoft.JSInterop;

namespace BulkQA.Web;

internal static class Clipboard
{
    /// <summary>Puts a text on the browser's clipboard; false where it is not allowed.</summary>
    public static async Task<bool> CopyAsync(this IJSRuntime script, string text)
    {
        await using var module = await script.InvokeAsync<IJSObjectReference>("import", "./_content/BulkQA.Console/copy.js");
        return await module.InvokeAsync<bool>("copy", text);
    }
}
