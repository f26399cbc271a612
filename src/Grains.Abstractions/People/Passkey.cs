using System.Collections.Immutable;
using System.Text.Json;

namespace BulkQA.Grains;

/// <summary>What is kept of a passkey: the public half of a key whose other half never leaves the person's devices.</summary>
/// <param name="CredentialId">What the authenticator calls it; at most 1,023 bytes.</param>
/// <param name="PublicKey">As COSE writes it.</param>
/// <param name="Name">What the person calls it.</param>
/// <param name="CreatedAt">When it was added.</param>
/// <param name="SignCount">The authenticator's own count of uses; 0 where it does not count.</param>
public sealed record Passkey(byte[] CredentialId, byte[] PublicKey, string Name, DateTimeOffset CreatedAt, uint SignCount)
{
    /// <summary>The greatest length of a name, in characters.</summary>
    public const int MaxNameLength = 50;

    public string[]? Transports { get; init; }

    public bool IsUserVerified { get; init; }

    public bool IsBackupEligible { get; init; }

    public bool IsBackedUp { get; init; }

    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>What it answered lately, so that no question is answered twice. The earliest first.</summary>
    public ImmutableArray<PasskeyAnswer> Answers { get => field.IsDefault ? [] : field; init; }

    /// <exception cref="JsonException">The text is none that <see cref="ToJson"/> wrote.</exception>
    public static Passkey Parse(string json) => JsonSerializer.Deserialize<Passkey>(json) ?? throw new JsonException("A passkey is null.");

    public string ToJson() => JsonSerializer.Serialize(this);

    public bool Is(ReadOnlySpan<byte> credentialId) => credentialId.SequenceEqual(CredentialId);
}

/// <summary>That a passkey answered a question.</summary>
/// <param name="Question">SHA-256 of what was asked, its random challenge among it.</param>
public sealed record PasskeyAnswer(string Question, DateTimeOffset At);
