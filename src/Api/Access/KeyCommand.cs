namespace BulkQA.Api;

/// <summary><c>--new-key</c>: prints a new API key and the hash that goes into the settings, and ends.</summary>
internal static class KeyCommand
{
    public static bool TryRun(string[] args)
    {
        if (args is not ["--new-key"]) return false;
        var key = ApiKeyHandler.NewKey();
        Console.WriteLine($"key:  {key}   (for the caller; it is shown only now)");
        Console.WriteLine($"hash: {ApiKeyHandler.HashOf(key)}   (for {AccessOptions.Section}:Keys)");
        return true;
    }
}
