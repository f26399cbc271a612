using BulkQA.Silo;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace BulkQA.Api;

internal static class KeyRingRegistration
{
    /// <summary>Fixed: what one process protects under it, every other can read.</summary>
    private const string ApplicationName = "BulkQA";

    /// <summary>What cookies are protected by: one key ring for all processes of the API, in the object store.</summary>
    public static void AddKeyRing(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        var protection = services.AddDataProtection().SetApplicationName(ApplicationName);
        if (!SignInRegistration.IsEnabled(builder.Configuration) && !KeyRingOptions.IsGiven(builder.Configuration))
        {
            // The console's pages are sealed by it, for this process alone. Where there are several and nobody signs in, the secret is given for them.
            protection.UseEphemeralDataProtectionProvider();
            return;
        }
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<KeyRingOptions>().Configure<IConfiguration>(KeyRingOptions.Read).ValidateOnStart();
        services.AddSingleton<IValidateOptions<KeyRingOptions>, KeyRingOptionsValidator>();
        services.AddSingleton(Secrets);
        services.AddSingleton<ObjectXmlRepository>();
        services.AddOptions<KeyManagementOptions>().Configure<ObjectXmlRepository, KeyRingSecrets>((keys, repository, secrets) =>
            (keys.XmlRepository, keys.XmlEncryptor) = (repository, new SealedXmlEncryptor(secrets)));
        services.AddSingleton(provider => new KeyRingKeys(ActivatorUtilities.CreateInstance<XmlKeyManager>(provider)));
        services.AddSingleton<IKeyManager>(provider => provider.GetRequiredService<KeyRingKeys>());
        services.AddSingleton<KeyRingCheck>();
        services.AddSingleton(provider => new StorageStart(cancellation => provider.GetRequiredService<KeyRingCheck>().CheckAsync(cancellation)));
        services.AddSingleton<KeyRingWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<KeyRingWatch>());
    }

    private static KeyRingSecrets Secrets(IServiceProvider provider)
    {
        var given = provider.GetRequiredService<IOptions<KeyRingOptions>>().Value.Secrets;
        if (given.Count == 0) return KeyRingFile.OpenOrCreate(provider.GetRequiredService<IOptions<EmbeddedOptions>>().Value.DataDirectory);
        return KeyRingSecrets.TryParse(given, KeyRingOptions.Setting, out var secrets, out var problem)
            ? secrets : throw new StartRefusedException($"{KeyRingOptions.Setting}: {problem}");
    }
}
