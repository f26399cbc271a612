using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace BulkQA.Api.Tests;

/// <summary>
/// A device with one passkey, without a browser (WebAuthn Level 3, sections 6.1 and 6.5): it says what it is told to, and counts no uses, as those
/// whose passkeys are on several devices.
/// </summary>
internal sealed class Authenticator(Uri site) : IDisposable
{
    private const byte IsPresent = 1, IsVerified = 4, HasKey = 64;

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _id = RandomNumberGenerator.GetBytes(16);

    public string Origin { get; init; } = site.GetLeftPart(UriPartial.Authority);

    /// <summary>What it calls its passkey, as pages do.</summary>
    public string Id => Text(_id);

    public bool Verifies { get; init; } = true;

    /// <summary>Whose passkey it says that it is.</summary>
    public string UserHandle { get; set; } = "";

    /// <summary>What a page gets of a new passkey.</summary>
    public object Make(JsonElement options)
    {
        UserHandle = options.GetProperty("user").String("id");
        var point = _key.ExportParameters(false).Q;
        // COSE: an elliptic curve key for ES256 on P-256.
        byte[] publicKey = [0xA5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32, .. point.X!, 0x22, 0x58, 32, .. point.Y!];
        byte[] data = [.. Data(options.GetProperty("rp").String("id"), HasKey), .. new byte[16], 0, (byte)_id.Length, .. _id, .. publicKey];
        byte[] attestation = [0xA3, 0x63, .. "fmt"u8, 0x64, .. "none"u8, 0x67, .. "attStmt"u8, 0xA0, 0x68, .. "authData"u8, 0x58, (byte)data.Length, .. data];
        return Credential(new { clientDataJSON = Text(ClientData("webauthn.create", options)), attestationObject = Text(attestation), transports = (string[])["internal"] });
    }

    /// <summary>What a page gets of somebody who signs in.</summary>
    public object Answer(JsonElement options)
    {
        var (client, data) = (ClientData("webauthn.get", options), Data(options.String("rpId"), 0));
        var signature = _key.SignData([.. data, .. SHA256.HashData(client)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return Credential(new { clientDataJSON = Text(client), authenticatorData = Text(data), signature = Text(signature), userHandle = UserHandle });
    }

    public void Dispose() => _key.Dispose();

    private object Credential(object response) => new { id = Text(_id), rawId = Text(_id), type = "public-key", response, clientExtensionResults = new { } };

    private byte[] ClientData(string type, JsonElement options) => JsonSerializer.SerializeToUtf8Bytes(new { type, challenge = options.String("challenge"), origin = Origin, crossOrigin = false });

    private byte[] Data(string domain, byte flags) => [.. SHA256.HashData(Encoding.UTF8.GetBytes(domain)), (byte)(flags | IsPresent | (Verifies ? IsVerified : 0)), 0, 0, 0, 0];

    private static string Text(byte[] bytes) => Base64Url.EncodeToString(bytes);
}
