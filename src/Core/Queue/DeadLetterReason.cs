using System.Text;

namespace BulkQA.Core;

/// <summary>
/// Why a message could not be taken, as it stands beside the body in the dead-letter queue: an attribute, which SQS counts
/// together with the body.
/// </summary>
public static class DeadLetterReason
{
    /// <summary>The attribute's name.</summary>
    public const string Attribute = "Reason";

    /// <summary>The attribute's type, in SQS's words.</summary>
    public const string DataType = "String";

    /// <summary>What the attribute takes at most, in bytes as SQS counts them: name, type and value.</summary>
    public const int MaxBytes = NameBytes + (MaxLength * MaxCharBytes);

    private const int MaxLength = 1_000;
    private const int MaxCharBytes = 3;

    /// <summary>Of <see cref="Attribute"/> and <see cref="DataType"/>.</summary>
    private const int NameBytes = 12;

    /// <summary>Whether the queue takes anything beside the body.</summary>
    public static bool HasRoom(string body) => Left(body) >= MaxCharBytes;

    /// <summary>
    /// The reason, without what an attribute can't hold, and shortened to what the queue takes beside the body; null where
    /// there is no room.
    /// </summary>
    public static string? Fit(string reason, string body)
    {
        if (!HasRoom(body)) return null;
        var left = Left(body);
        var text = new StringBuilder();
        foreach (var c in reason.Length == 0 ? "no reason given" : reason.AsSpan(0, Math.Min(reason.Length, MaxLength)))
        {
            var sendable = char.IsControl(c) || char.IsSurrogate(c) || c >= '\uFFFE' ? '?' : c;
            left -= sendable switch { < '\u0080' => 1, < '\u0800' => 2, _ => MaxCharBytes };
            if (left < 0) break;
            text.Append(sendable);
        }
        return text.ToString();
    }

    /// <summary>What is left for the value, in bytes; below zero where not even its name fits.</summary>
    private static int Left(string body) => AnswersMessage.QueueBytes - Encoding.UTF8.GetByteCount(body) - NameBytes;
}
