using System.Security.Cryptography;
using System.Xml.Linq;
using BulkQA.Core;
using BulkQA.Silo;
using BulkQA.Storage;
using CsCheck;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace BulkQA.Api.Tests;

/// <summary>The key ring that all processes of the API share.</summary>
public sealed class KeyRingTests : IDisposable
{
    private static readonly string _secret = NewSecret();

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string KeyFolder => Path.Combine(_folder.Path, "objects", "bulkqa", "keys");

    private string SecretFile => Path.Combine(_folder.Path, "key-ring.secret");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Host_OverTheSameStore_ReadsWhatAnotherProtected()
    {
        await using var one = await StartAsync(_secret);
        await using var other = await StartAsync(_secret);
        Assert.Equal("mine", other.Unprotect(one.Protect("mine")));
        Assert.Equal("theirs", one.Unprotect(other.Protect("theirs")));
        Assert.Single(Directory.GetFiles(KeyFolder));
    }

    [Fact]
    public async Task Host_StartedAgain_ReadsWhatItProtectedBeforeWithASecretOfItsOwn()
    {
        string text;
        await using (var before = await KeyRingHost.StartAsync(_folder.Path)) text = before.Protect("mine");
        await using var after = await KeyRingHost.StartAsync(_folder.Path);
        Assert.Equal("mine", after.Unprotect(text));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SecretFile));
    }

    /// <summary>Each finds an empty ring and makes a key, as it can't know of the others'.</summary>
    [Fact]
    public async Task Hosts_StartedAtOnce_ReadWhatEachProtects()
    {
        const int Hosts = 4;
        var store = new FolderObjectStore(Path.Combine(_folder.Path, "objects"));
        var gathering = new Gathering(Hosts);
        var hosts = await Task.WhenAll(Enumerable.Range(0, Hosts).Select(_ => Task.Run(() =>
            KeyRingHost.StartAsync(_folder.Path, new GatheringStore(store, gathering), null, ("BulkQA:Access:KeyRingSecret", _secret)))));
        Assert.Equal(Hosts, Directory.GetFiles(KeyFolder).Length);
        var texts = hosts.Select(host => host.Protect("mine")).ToList();
        foreach (var host in hosts)
        {
            await host.Watch.LookAsync(Cancellation);
            Assert.All(texts, text => Assert.Equal("mine", host.Unprotect(text)));
        }
        foreach (var host in hosts) await host.DisposeAsync();
    }

    [Fact]
    public async Task Keys_RevokedByOneHost_AreTakenByNoOtherAfterAMinute()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var one = await StartAsync(_secret);
        await using var other = await KeyRingHost.StartAsync(_folder.Path, null, time, ("BulkQA:Access:KeyRingSecret", _secret));
        var text = one.Protect("mine");
        Assert.Equal("mine", other.Unprotect(text));
        one.Keys.RevokeAllKeys(TimeProvider.System.GetUtcNow(), "a laptop was stolen");
        Assert.Equal("mine", other.Unprotect(text));
        // The watch may have begun to wait after the time was set: then it looks a minute later.
        for (var limit = TimeProvider.System.GetUtcNow().AddSeconds(30); other.Unprotect(text) is not null; time.Advance(KeyRingWatch.Period))
        {
            Assert.True(TimeProvider.System.GetUtcNow() < limit, "nobody looked at the key ring");
            await Task.Yield();
        }
        Assert.Equal("new", other.Unprotect(other.Protect("new")));
        Assert.False(await other.Watch.LookAsync(Cancellation));
    }

    [Fact]
    public async Task Hosts_OverS3_ReadWhatEachProtects()
    {
        var (emulator, url) = await Emulators.Emulator.StartAsync("fauxqs");
        await using var _ = emulator;
        foreach (var (name, value) in ((string, string)[])[("AWS_REGION", "us-east-1"), ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_ENDPOINT_URL_S3", url)])
            Environment.SetEnvironmentVariable(name, value);
        using var store = new S3ObjectStore(Options.Create(new S3Options { PathStyle = true }), TimeProvider.System);
        using (var http = new HttpClient()) (await http.PutAsync($"{url}/cluster-bucket", null, Cancellation)).EnsureSuccessStatusCode();
        (string, string)[] settings = [("BulkQA:Mode", "Cluster"), ("BulkQA:Objects:Bucket", "cluster-bucket"), ("BulkQA:Access:KeyRingSecret", _secret)];
        await using var one = await KeyRingHost.StartAsync(_folder.Path, store, null, settings);
        await using var other = await KeyRingHost.StartAsync(_folder.Path, store, null, settings);
        Assert.Equal("mine", other.Unprotect(one.Protect("mine")));
        Assert.False(File.Exists(SecretFile));
    }

    [Fact]
    public async Task Key_AtRest_HoldsNothingOfTheKey()
    {
        await using var host = await StartAsync(_secret);
        var text = await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(KeyFolder)), Cancellation);
        var master = Assert.Single(Assert.Single(host.Keys.GetAllKeys()).Descriptor.ExportToXml().SerializedDescriptorElement.Descendants("masterKey")).Value.Trim();
        Assert.Equal(64, Convert.FromBase64String(master).Length);
        Assert.DoesNotContain(master, text, StringComparison.Ordinal);
        Assert.DoesNotContain("<masterKey", text, StringComparison.Ordinal);
        // This is what readers of later releases have to find.
        Assert.Contains("decryptorType=\"BulkQA.Api.SealedXmlDecryptor, BulkQA.Api, Version=1.0.0.0, Culture=neutral, PublicKeyToken=null\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_KeysOfAnotherSecret_IsRefusedInWordsUntilTheSecretIsGivenBesides()
    {
        string text;
        await using (var before = await StartAsync(_secret)) text = before.Protect("mine");
        var next = NewSecret();
        var refused = await Assert.ThrowsAsync<StartRefusedException>(() => StartAsync(next));
        Assert.Contains("is sealed by a secret", refused.Message, StringComparison.Ordinal);
        Assert.Contains("BulkQA:Access:KeyRingSecret does not hold", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(next, refused.Message, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(KeyFolder));
        await using var both = await StartAsync($"{next}, {_secret}");
        Assert.Equal("mine", both.Unprotect(text));
        // What is made from now on needs the new one alone.
        both.Keys.CreateNewKey(TimeProvider.System.GetUtcNow(), TimeProvider.System.GetUtcNow().AddDays(90));
        foreach (var file in Directory.GetFiles(KeyFolder).OrderBy(File.GetLastWriteTimeUtc).SkipLast(1)) File.Delete(file);
        await using var alone = await StartAsync(next);
        Assert.Equal("later", alone.Unprotect(alone.Protect("later")));
    }

    [Fact]
    public async Task Start_KeyThatExpiredAndASecretThatIsGone_IsNoMatter()
    {
        await using (var before = await StartAsync(_secret))
            Assert.NotNull(before);
        var path = Assert.Single(Directory.GetFiles(KeyFolder));
        var key = XElement.Load(path);
        key.SetElementValue("expirationDate", "2020-01-01T00:00:00Z");
        key.Save(path);
        await using var after = await StartAsync(NewSecret());
        Assert.Equal("mine", after.Unprotect(after.Protect("mine")));
    }

    [Fact]
    public async Task Start_WhatIsNoKey_IsSaidWithItsPlace()
    {
        Directory.CreateDirectory(KeyFolder);
        await File.WriteAllTextAsync(Path.Combine(KeyFolder, "key-1.xml"), "<!DOCTYPE key [<!ENTITY a \"b\">]><key>&a;</key>", Cancellation);
        Assert.Contains("s3://bulkqa/keys/key-1.xml is not a key", (await Assert.ThrowsAsync<StorageException>(() => StartAsync(_secret))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not-base64!", "position 1 is not base64")]
    [InlineData("c2hvcnQ=", "position 1 has 5 bytes; it takes 32 or more")]
    [InlineData("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=,c2hvcnQ=", "position 2 has 5 bytes")]
    public async Task Start_SettingThatIsNoSecret_IsRefusedWithoutRepeatingIt(string setting, string problem)
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(setting));
        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(setting.Split(',')[^1], refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_InAClusterWithoutASecret_IsRefused()
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => KeyRingHost.StartAsync(_folder.Path, null, null, ("BulkQA:Mode", "Cluster")));
        Assert.Contains("BulkQA:Access:KeyRingSecret is empty", refused.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(SecretFile));
    }

    [Fact]
    public void SecretFile_ThatOthersMayRead_IsRefused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no modes");
        KeyRingFile.OpenOrCreate(_folder.Path);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(SecretFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Assert.Contains("chmod 600", Assert.Throws<StartRefusedException>(() => KeyRingFile.OpenOrCreate(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SecretFile_MadeByManyAtOnce_IsOne()
    {
        var secrets = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => KeyRingFile.OpenOrCreate(_folder.Path))));
        var element = secrets[0].Seal(new XElement("key"));
        Assert.All(secrets, other => Assert.Equal("key", other.Open(element).Name.LocalName));
        Assert.Equal([SecretFile], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Sealed_ChangedAnywhere_DoesNotOpen()
    {
        var secrets = Secrets(_secret);
        var plain = new XElement("key", new XElement("masterKey", "secret"));
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 1000], Gen.Int[1, 255]).Sample((part, at, by) =>
        {
            var element = secrets.Seal(plain);
            Assert.True(XNode.DeepEquals(plain, secrets.Open(element)));
            if (part == 3) element.SetAttributeValue("by", Secrets(NewSecret()).Seal(plain).Attribute("by")!.Value);
            else if (part == 2) element.Value = Changed(element.Value);
            else element.SetAttributeValue(part == 1 ? "salt" : "nonce", Changed(element.Attribute(part == 1 ? "salt" : "nonce")!.Value));
            Assert.Throws<CryptographicException>(() => secrets.Open(element));

            string Changed(string base64)
            {
                var bytes = Convert.FromBase64String(base64);
                bytes[at % bytes.Length] ^= (byte)by;
                return Convert.ToBase64String(bytes);
            }
        }, iter: 200);
    }

    /// <summary>As this release writes it: later ones open it.</summary>
    [Fact]
    public void Sealed_ByTheFirstReleaseThatDid_Opens()
    {
        var secrets = Secrets("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        Assert.Equal("<key>of the tests</key>", secrets.Open(XElement.Parse(FirstSealed)).ToString());
    }

    /// <summary>Made by other hands: HKDF (RFC 5869) and AES-256-GCM of Node.</summary>
    private const string FirstSealed = "<sealed by='93850bbe7a3a4f4c' salt='bO1bgxbiGEVpOse37HXfwoUq2NEtaNAwAny5VtgIGIU=' nonce='WbVjXFpYyQGiQ3Q7'>GakuWbrMzt+zoB212eqnGMz5tmQ3ieUQII+r+9ZPQ4WYubBSCAp4</sealed>";

    private Task<KeyRingHost> StartAsync(string secret) => KeyRingHost.StartAsync(_folder.Path, null, null, ("BulkQA:Access:KeyRingSecret", secret));

    private static string NewSecret() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private static KeyRingSecrets Secrets(string secret)
    {
        Assert.True(KeyRingSecrets.TryParse([secret], "the test", out var secrets, out _));
        return secrets;
    }

    /// <summary>Some that wait for each other once.</summary>
    private sealed class Gathering(int size)
    {
        private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _there;

        public Task JoinAsync()
        {
            if (Interlocked.Increment(ref _there) == size) _complete.SetResult();
            return _complete.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    /// <summary>Answers what a host lists when it reads the ring for the first time, after the check, once all have asked.</summary>
    private sealed class GatheringStore(IObjectStore store, Gathering gathering) : IObjectStore
    {
        private int _lists;

        public async IAsyncEnumerable<ObjectUri> ListAsync(ObjectUri prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation = default)
        {
            var found = new List<ObjectUri>();
            await foreach (var uri in store.ListAsync(prefix, cancellation)) found.Add(uri);
            if (++_lists == 2) await gathering.JoinAsync();
            foreach (var uri in found) yield return uri;
        }

        public Task WriteAsync(ObjectUri uri, ReadOnlyMemory<byte> content, CancellationToken cancellation = default) => store.WriteAsync(uri, content, cancellation);

        public Task WriteAsync(ObjectUri uri, Stream content, CancellationToken cancellation = default) => store.WriteAsync(uri, content, cancellation);

        public Task<ObjectInfo?> FindAsync(ObjectUri uri, CancellationToken cancellation = default) => store.FindAsync(uri, cancellation);

        public Task<Stream?> OpenReadAsync(ObjectUri uri, CancellationToken cancellation = default) => store.OpenReadAsync(uri, cancellation);

        public Task DeleteAsync(ObjectUri uri, CancellationToken cancellation = default) => store.DeleteAsync(uri, cancellation);

        public Uri? Presign(ObjectUri uri, TimeSpan lifetime) => store.Presign(uri, lifetime);
    }
}
