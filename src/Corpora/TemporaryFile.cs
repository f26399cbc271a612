namespace BulkQA.Corpora;

/// <summary>Files for what is too large for memory.</summary>
public static class TemporaryFile
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>
    /// A new file for reading and writing, in the system's folder for temporary files. Nobody else can open it, and it goes with its stream;
    /// on Unix also where the process is killed, because it has no name there any more.
    /// </summary>
    /// <param name="purpose">A word for its name.</param>
    /// <exception cref="IOException">It can't be written there; <c>TMPDIR</c> names another folder.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    public static FileStream Create(string purpose)
    {
        var path = Path.Combine(Path.GetTempPath(), $"bulkqa-{purpose}-{Environment.ProcessId}-{Guid.NewGuid():n}");
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, BufferBytes, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        if (!OperatingSystem.IsWindows()) File.Delete(path);
        return file;
    }
}
