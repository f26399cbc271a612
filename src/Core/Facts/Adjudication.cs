using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace BulkQA.Core;

/// <summary>
/// What somebody with the say decided about one image, apart from votes, or that an earlier decision is withdrawn. A fact: it
/// never changes, its identity is task, index, time and <see cref="Hash"/>, and the latest of an image stands.
/// </summary>
/// <param name="Task">The task the image is in.</param>
/// <param name="Index">The image's index in it.</param>
/// <param name="At">When, stamped by whoever stores it: later than the one it replaces.</param>
/// <param name="By">Who decided; at most <see cref="MaxNameBytes"/>.</param>
/// <param name="Verdict"><see cref="Core.Verdict.Confirmed"/> or <see cref="Core.Verdict.Disconfirmed"/>; null withdraws.</param>
/// <param name="RightLabel">What the image shows instead; null where nobody said.</param>
/// <param name="Note">Why; at most <see cref="MaxNoteBytes"/>, null for none.</param>
public sealed record Adjudication(
    TaskNumber Task, int Index, SubmissionTime At, string By, Verdict? Verdict, Label? RightLabel = null, string? Note = null)
{
    public const int MaxNameBytes = 256;
    public const int MaxNoteBytes = 1_000;

    /// <summary>Adjudications of one image at most: its history has to fit an answer.</summary>
    public const int MaxPerImage = 100;

    private const int HashBytes = 8;

    /// <summary>The first 64 bits of the SHA-256 of what was decided by whom; 16 hex digits.</summary>
    public string Hash
    {
        get
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{(int?)Verdict}|{By}\n{RightLabel?.Value}\n{Note}");
            Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(Encoding.UTF8.GetBytes(text), digest);
            return Convert.ToHexStringLower(digest[..HashBytes]);
        }
    }

    /// <summary>Whether this stands rather than <paramref name="other"/> of the same image: a total order by time, then hash.</summary>
    public bool Replaces(Adjudication other) => At != other.At ? At > other.At : string.CompareOrdinal(Hash, other.Hash) > 0;

    /// <summary>Whether both say the same, whenever it was said.</summary>
    public bool SaysTheSame(Adjudication other) => this == other with { At = At };

    internal void Write(BinaryWriter writer)
    {
        writer.Write(Task.Value);
        writer.Write(Index);
        writer.Write(At.UtcTicks);
        writer.Write(By);
        writer.Write((byte)(Verdict ?? default));
        writer.Write(RightLabel?.Value ?? "");
        writer.Write(Note ?? "");
    }

    internal static Adjudication Read(BinaryReader reader) => new(
        new TaskNumber(reader.ReadInt32()), reader.ReadInt32(), new SubmissionTime(reader.ReadInt64()), reader.ReadString(), ReadVerdict(reader.ReadByte()),
        reader.ReadString() is { Length: > 0 } label ? Label.Create(label) : null, reader.ReadString() is { Length: > 0 } note ? note : null);

    private static Verdict? ReadVerdict(byte value) => value == 0 ? null : (Verdict)value;
}
