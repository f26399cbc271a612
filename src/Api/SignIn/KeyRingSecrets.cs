using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace BulkQA.Api;

/// <summary>
/// What the keys of the key ring are sealed by where they lie: AES-256-GCM under a key that HKDF-SHA256 derives for each of
/// them from a secret. The first secret seals, all open, so that one takes the place of another.
/// </summary>
internal sealed class KeyRingSecrets
{
    /// <summary>The least that a secret has.</summary>
    public const int MinBytes = 32;

    private const int KeyBytes = 32;
    private const int SaltBytes = 32;
    private const int IdBytes = 8;

    private static readonly XName _sealed = "sealed";
    private static readonly byte[] _keyInfo = "BulkQA key ring: key"u8.ToArray();
    private static readonly byte[] _idInfo = "BulkQA key ring: id"u8.ToArray();

    private readonly IReadOnlyList<(string Id, byte[] Secret)> _secrets;

    /// <param name="secrets">The first seals.</param>
    /// <param name="origin">Where they are given, for whoever has to mend it.</param>
    private KeyRingSecrets(IEnumerable<byte[]> secrets, string origin) =>
        (_secrets, Origin) = ([.. secrets.Select(secret => (Convert.ToHexStringLower(HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, IdBytes, info: _idInfo)), secret))], origin);

    /// <summary>Where they are given, for whoever has to mend it.</summary>
    public string Origin { get; }

    /// <param name="texts">Each in base64.</param>
    /// <param name="origin">Where they are given.</param>
    /// <param name="secrets">None where there is a problem.</param>
    /// <param name="problem">What is wrong, without the texts.</param>
    public static bool TryParse(IReadOnlyCollection<string> texts, string origin, [NotNullWhen(true)] out KeyRingSecrets? secrets, out string? problem)
    {
        secrets = null;
        var parsed = new List<byte[]>();
        foreach (var (index, text) in texts.Index())
        {
            var buffer = new byte[text.Length];
            var isBase64 = Convert.TryFromBase64String(text, buffer, out var length);
            problem = (isBase64, length) switch
            {
                (false, _) => $"the secret at position {index + 1} is not base64",
                (_, < MinBytes) => $"the secret at position {index + 1} has {length} bytes; it takes {MinBytes} or more",
                _ => null,
            };
            if (problem is not null) return false;
            parsed.Add(buffer[..length]);
        }
        problem = parsed.Count > 0 ? null : "there is no secret";
        if (problem is null) secrets = new KeyRingSecrets(parsed, origin);
        return problem is null;
    }

    /// <summary>The element, so that nobody without the secret can read or change it.</summary>
    public XElement Seal(XElement element)
    {
        var (id, secret) = _secrets[0];
        var (salt, nonce) = (RandomNumberGenerator.GetBytes(SaltBytes), RandomNumberGenerator.GetBytes(AesGcm.NonceByteSizes.MaxSize));
        var text = Encoding.UTF8.GetBytes(element.ToString(SaveOptions.DisableFormatting));
        var content = new byte[text.Length + AesGcm.TagByteSizes.MaxSize];
        using (var aes = Cipher(secret, salt)) aes.Encrypt(nonce, text, content.AsSpan(0, text.Length), content.AsSpan(text.Length), Encoding.UTF8.GetBytes(id));
        CryptographicOperations.ZeroMemory(text);
        return new XElement(
            _sealed, new XAttribute("by", id), new XAttribute("salt", Convert.ToBase64String(salt)), new XAttribute("nonce", Convert.ToBase64String(nonce)), Convert.ToBase64String(content));
    }

    /// <summary>What was sealed.</summary>
    /// <exception cref="CryptographicException">None of these secrets seals it, or it was changed; the message says which.</exception>
    public XElement Open(XElement element)
    {
        var id = (string?)element.Attribute("by") ?? "";
        if (_secrets.FirstOrDefault(secret => secret.Id == id) is not { Secret: { } found })
            throw new CryptographicException($"it is sealed by a secret ({id}) that {Origin} does not hold");
        try
        {
            var content = Convert.FromBase64String(element.Value);
            var text = new byte[content.Length - AesGcm.TagByteSizes.MaxSize];
            using (var aes = Cipher(found, Bytes("salt"))) aes.Decrypt(Bytes("nonce"), content.AsSpan(0, text.Length), content.AsSpan(text.Length), text, Encoding.UTF8.GetBytes(id));
            return XElement.Parse(Encoding.UTF8.GetString(text));
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException or CryptographicException)
        {
            throw new CryptographicException("it was changed since it was sealed", e);
        }

        byte[] Bytes(string attribute) => Convert.FromBase64String((string?)element.Attribute(attribute) ?? "");
    }

    /// <summary>The sealed elements in another.</summary>
    public static IEnumerable<XElement> SealedIn(XElement element) => element.Descendants(_sealed);

    private static AesGcm Cipher(byte[] secret, byte[] salt) =>
        new(HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, KeyBytes, salt, _keyInfo), AesGcm.TagByteSizes.MaxSize);
}
