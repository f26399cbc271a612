using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace BulkQA.Web.NewJob;

/// <summary>The side of a new job that is in the browser: it holds the files, and sends them.</summary>
/// <param name="script">What <c>open</c> of new-job.js gave.</param>
public sealed class NewJobScript(IJSObjectReference script) : IAsyncDisposable
{
    private const string Path = "./_content/BulkQA.Console/new-job.js";

    private TaskCompletionSource<string>? _end;

    /// <param name="runtime">The browser.</param>
    /// <param name="page">Is told of files and of progress.</param>
    public static async Task<NewJobScript> OpenAsync<T>(IJSRuntime runtime, DotNetObjectReference<T> page) where T : class
    {
        await using var module = await runtime.InvokeAsync<IJSObjectReference>("import", Path);
        return new NewJobScript(await module.InvokeAsync<IJSObjectReference>("open", page));
    }

    public ValueTask ListenCorpusAsync(ElementReference zone) => script.InvokeVoidAsync("listenCorpus", zone);

    public ValueTask ListenPicturesAsync(ElementReference zone) => script.InvokeVoidAsync("listenPictures", zone);

    public ValueTask ClearPicturesAsync() => script.InvokeVoidAsync("clearPictures");

    /// <param name="path">Of REST, with its query.</param>
    /// <param name="whole">Whether the file is sent whole, and not its first lines.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="RestException">REST refuses it, or was not reached.</exception>
    public async Task<ImportSummaryModel> PreviewAsync(string path, bool whole, CancellationToken cancellation) =>
        Read<ImportSummaryModel>(await script.InvokeAsync<string>("preview", cancellation, path, whole));

    public ValueTask<FoundPaths> FindPathsAsync(IReadOnlyList<string> paths) => script.InvokeAsync<FoundPaths>("findPaths", paths);

    /// <summary>Uploads the pictures that were chosen.</summary>
    /// <param name="path">Of REST.</param>
    /// <param name="from">How many chunks have been told of before.</param>
    /// <exception cref="RestException">REST refuses it, or was not reached.</exception>
    public async Task UploadPicturesAsync(string path, int from) =>
        Check<PictureSummaryModel>(await RunAsync("uploadPictures", path, from));

    /// <exception cref="RestException">REST refuses it, or was not reached.</exception>
    public async Task<ImportSummaryModel> ImportAsync(string path) =>
        Read<ImportSummaryModel>(await RunAsync("importCorpus", path));

    /// <summary>The end of what runs, as the browser tells it. It may take hours, in which the circuit may be lost for a while.</summary>
    public void End(string answer) => _end?.TrySetResult(answer);

    /// <summary>Gives what became of the import as a file.</summary>
    public ValueTask SaveReportAsync(string name) => script.InvokeVoidAsync("saveReport", name);

    public async ValueTask DisposeAsync()
    {
        _end?.TrySetCanceled();
        try
        {
            await script.InvokeVoidAsync("close");
            await script.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // The page is gone, and its files with it.
        }
    }

    private async Task<string> RunAsync(string what, params object[] arguments)
    {
        _end = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await script.InvokeVoidAsync(what, arguments);
        return await _end.Task;
    }

    /// <exception cref="RestException">It is a problem.</exception>
    internal static T Read<T>(string answer) where T : class => Check<T>(answer) ?? throw new RestException(500, "Not understood", "The answer was empty.");

    private static T? Check<T>(string answer) where T : class
    {
        var told = JsonSerializer.Deserialize<Answer<T>>(answer, RestClient.Json)!;
        if (told.Status is >= 200 and < 300) return told.Value;
        if (told.Status == 0) throw new RestException(503, "Not reached", "The connection broke. What has been sent is kept; try again.");
        throw new RestException(told.Status, string.IsNullOrEmpty(told.Title) ? "Refused" : told.Title, string.IsNullOrEmpty(told.Detail) ? $"The service answered with status {told.Status}." : told.Detail, told.Errors);
    }

    private sealed record Answer<T>(int Status, T? Value, string? Title, string? Detail, IReadOnlyDictionary<string, string[]>? Errors);
}

/// <summary>How many paths of a preview are among the pictures that were chosen.</summary>
/// <param name="Found">As they will be uploaded.</param>
/// <param name="Of">Paths that were looked for.</param>
/// <param name="Folder">Below which the pictures are to be put so that they are found; empty for none.</param>
/// <param name="Example">The name of a picture that was chosen.</param>
public sealed record FoundPaths(int Found, int Of, string Folder, string Example);
