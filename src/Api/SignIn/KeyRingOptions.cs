using BulkQA.Silo;
using BulkQA.Storage;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

/// <summary>What the key ring is sealed by: the setting <c>BulkQA:Access:KeyRingSecret</c>.</summary>
internal sealed class KeyRingOptions
{
    public const string Setting = $"{AccessOptions.Section}:{Name}";

    public const string Name = "KeyRingSecret";

    /// <summary>
    /// Secrets of 32 bytes or more, each in base64. The first seals, all open. From a list, or from one text with commas,
    /// semicolons or spaces between, as a secret store hands it to a process. None: a file in the data folder, made at the
    /// first start; in a cluster there has to be one where people sign in. Where nobody does, there is a key ring only with one.
    /// </summary>
    public IReadOnlyList<string> Secrets { get; set; } = [];

    /// <summary>Whether there is a secret.</summary>
    public static bool IsGiven(IConfiguration configuration)
    {
        var options = new KeyRingOptions();
        Read(options, configuration);
        return options.Secrets.Count > 0;
    }

    public static void Read(KeyRingOptions options, IConfiguration configuration)
    {
        var section = configuration.GetSection(Setting);
        options.Secrets =
        [
            .. section.GetChildren().Select(child => child.Value ?? "").Prepend(section.Value ?? "")
                .SelectMany(text => text.Split([',', ';', ' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)),
        ];
    }
}

internal sealed class KeyRingOptionsValidator(IConfiguration configuration) : IValidateOptions<KeyRingOptions>
{
    public ValidateOptionsResult Validate(string? name, KeyRingOptions options)
    {
        var check = new SettingsCheck(AccessOptions.Section);
        if (options.Secrets.Count > 0)
            check.Require(KeyRingSecrets.TryParse(options.Secrets, KeyRingOptions.Setting, out _, out var problem), $"{KeyRingOptions.Name}: {problem}; openssl rand -base64 32 makes one");
        else
            check.Require(
                !Backend.IsCluster(configuration),
                $"{KeyRingOptions.Name} is empty; where people sign in, give all processes of the API the same {KeyRingSecrets.MinBytes} random bytes or more in base64 (openssl rand -base64 32)");
        return check.Result;
    }
}

/// <summary>The secret of a process that runs alone, in a file that only its owner may read.</summary>
internal static class KeyRingFile
{
    public const string Name = "key-ring.secret";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The secret in the folder, which is made where there is none; one and the same, whoever else asks at the time.</summary>
    /// <exception cref="StartRefusedException">The file holds no secret, or others may read it.</exception>
    public static KeyRingSecrets OpenOrCreate(string folder)
    {
        var path = Path.Combine(Directory.CreateDirectory(folder).FullName, Name);
        if (!File.Exists(path)) Create(path);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~OwnerOnly) != 0)
            throw new StartRefusedException($"{path} may be used by others than its owner, and who has it can sign in as anybody: chmod 600 it");
        return KeyRingSecrets.TryParse([File.ReadAllText(path).Trim()], path, out var secrets, out var problem)
            ? secrets : throw new StartRefusedException($"{path}: {problem}. Put back what was there, or delete it together with the key ring: then everybody signs in anew");
    }

    private static void Create(string path)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        try
        {
            using (var file = new FileStream(temporary, options))
            {
                file.Write(System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(KeyRingSecrets.MinBytes))));
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was first: its secret is everybody's.
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
