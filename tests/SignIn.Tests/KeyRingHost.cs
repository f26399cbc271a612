using System.Security.Cryptography;
using BulkQA.Silo;
using BulkQA.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace BulkQA.Api.Tests;

/// <summary>As much of a process of the API as the key ring takes.</summary>
internal sealed class KeyRingHost : IAsyncDisposable
{
    private readonly IHost _host;

    private KeyRingHost(IHost host) => _host = host;

    public IKeyManager Keys => _host.Services.GetRequiredService<IKeyManager>();

    public KeyRingWatch Watch => _host.Services.GetRequiredService<KeyRingWatch>();

    private IDataProtector Protector => _host.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test");

    /// <summary>Starts as <see cref="StartUp"/> does: settings, storage, services.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="store">Where objects are; null: below the data folder.</param>
    /// <param name="time">The clock; null: the system's.</param>
    /// <param name="settings">Further ones.</param>
    public static async Task<KeyRingHost> StartAsync(string data, IObjectStore? store = null, TimeProvider? time = null, params (string Name, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings.Append(("BulkQA:SignIn:Enabled", "true")).ToDictionary(setting => setting.Item1, string? (setting) => setting.Item2));
        builder.Services.Configure<EmbeddedOptions>(embedded => embedded.DataDirectory = data);
        builder.Services.AddOptions<ObjectOptions>().BindConfiguration("BulkQA:Objects");
        builder.Services.AddSingleton(store ?? new FolderObjectStore(Path.Combine(data, "objects")));
        if (time is not null) builder.Services.AddSingleton(time);
        builder.Logging.ClearProviders();
        builder.AddKeyRing();
        var host = builder.Build();
        try
        {
            host.Services.GetRequiredService<IStartupValidator>().Validate();
            foreach (var start in host.Services.GetServices<StorageStart>()) await start.OpenAsync(TestContext.Current.CancellationToken);
            await host.StartAsync(TestContext.Current.CancellationToken);
            return new KeyRingHost(host);
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    public string Protect(string text) => Protector.Protect(text);

    /// <summary>Null: it can't be read.</summary>
    public string? Unprotect(string text)
    {
        try
        {
            return Protector.Unprotect(text);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(TestContext.Current.CancellationToken);
        _host.Dispose();
    }
}
