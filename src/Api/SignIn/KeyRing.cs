using System.Security.Cryptography;
using System.Xml.Linq;
using BulkQA.Silo;
using BulkQA.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

namespace BulkQA.Api;

/// <summary>Seals the part of a key that is secret.</summary>
internal sealed class SealedXmlEncryptor(KeyRingSecrets secrets) : IXmlEncryptor
{
    public EncryptedXmlInfo Encrypt(XElement plaintextElement) => new(secrets.Seal(plaintextElement), typeof(SealedXmlDecryptor));
}

/// <summary>The other way round. Its name is stored with each key: it stays.</summary>
internal sealed class SealedXmlDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement) => services.GetRequiredService<KeyRingSecrets>().Open(encryptedElement);
}

/// <summary>
/// The keys of data protection, whose ring is read again as soon as somebody says that it has changed. By itself it is read
/// about once a day: a key that another process made at the same time, or that was revoked, would go unnoticed until then.
/// </summary>
internal sealed class KeyRingKeys(IKeyManager keys) : IKeyManager, IDisposable
{
    private CancellationTokenSource _changed = new();

    // The one before is not disposed of: somebody may be about to take its token.
    public void ReadAgain() => Interlocked.Exchange(ref _changed, new CancellationTokenSource()).Cancel();

    public IKey CreateNewKey(DateTimeOffset activationDate, DateTimeOffset expirationDate) => keys.CreateNewKey(activationDate, expirationDate);

    public IReadOnlyCollection<IKey> GetAllKeys() => keys.GetAllKeys();

    // Lives as long as the ring that is read under it, which nobody tells the end of.
    public CancellationToken GetCacheExpirationToken() => CancellationTokenSource.CreateLinkedTokenSource(keys.GetCacheExpirationToken(), _changed.Token).Token;

    public void RevokeAllKeys(DateTimeOffset revocationDate, string? reason = null) => keys.RevokeAllKeys(revocationDate, reason);

    public void RevokeKey(Guid keyId, string? reason = null) => keys.RevokeKey(keyId, reason);

    public void Dispose() => _changed.Dispose();
}

/// <summary>Looks once a minute whether the key ring in the store is another than the one that was read.</summary>
internal sealed partial class KeyRingWatch(
    ObjectXmlRepository repository, KeyRingKeys keys, IDataProtectionProvider protection, TimeProvider time, ILogger<KeyRingWatch> log) : BackgroundService
{
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    /// <returns>Whether it was another.</returns>
    public async Task<bool> LookAsync(CancellationToken cancellation)
    {
        if (!await repository.HasChangedAsync(cancellation)) return false;
        keys.ReadAgain();
        // Reads it now, and not when somebody waits for it.
        protection.CreateProtector(nameof(KeyRingWatch)).Protect([]);
        return true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception e) when (e is StorageException or CryptographicException)
            {
                // What was read before goes on to be used.
                LogFailure(e);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The key ring could not be looked at; sessions go on with the keys that are known")]
    private partial void LogFailure(Exception exception);
}

/// <summary>
/// Whether the keys in force can be opened, before anything else is done. Data protection by itself would take them for
/// unusable and make another, whose sessions no other process could read.
/// </summary>
internal sealed class KeyRingCheck(ObjectXmlRepository repository, KeyRingSecrets secrets, TimeProvider time)
{
    /// <exception cref="StartRefusedException">One can't be opened.</exception>
    public async Task CheckAsync(CancellationToken cancellation)
    {
        foreach (var key in await repository.ReadAsync(cancellation))
        {
            if ((DateTimeOffset?)key.Element("expirationDate") is { } end && end <= time.GetUtcNow()) continue;
            foreach (var part in KeyRingSecrets.SealedIn(key))
            {
                try
                {
                    secrets.Open(part);
                }
                catch (CryptographicException e)
                {
                    throw new StartRefusedException(
                        $"key {(string?)key.Attribute("id")} below {repository.Root} can't be read: {e.Message}. Give the secret that it was sealed by besides (the first seals, all open), "
                        + "or delete what lies there: then everybody signs in anew.");
                }
            }
        }
    }
}
