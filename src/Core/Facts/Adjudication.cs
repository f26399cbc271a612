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
/// <param name="At">When, by the clock of whoever first heard of it, or just after the one it replaces where that clock is behind.</param>
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

    /// <summary>What <see cref="At"/> was when it was asked for, where that is another time; otherwise <see cref="SubmissionTime.None"/>.</summary>
    public SubmissionTime AskedAt { get; init; }

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
    public bool SaysTheSame(Adjudication other) => this == other with { At = At, AskedAt = AskedAt };

    /// <summary>Whether this is what became of a call that asked for <paramref name="other"/>.</summary>
    public bool Answers(Adjudication other) => (AskedAt == SubmissionTime.None ? At : AskedAt) == other.At && SaysTheSame(other);

    /// <summary>This, as said after <paramref name="standing"/>, however the clocks of two processes differ.</summary>
    public Adjudication After(Adjudication? standing) =>
        standing is null || standing.At < At ? this : this with { At = new SubmissionTime(standing.At.UtcTicks + 1), AskedAt = At };

    internal void Write(BinaryWriter writer)
    {
        writer.Write(Task.Value);
        writer.Write(Index);
        writer.Write(At.UtcTicks);
        writer.Write(By);
        writer.Write((byte)(Verdict ?? default));
        writer.Write(RightLabel?.Value ?? "");
        writer.Write(Note ?? "");
        writer.Write(AskedAt.UtcTicks);
    }

    internal static Adjudication Read(BinaryReader reader) => new(
        new TaskNumber(reader.ReadInt32()), reader.ReadInt32(), new SubmissionTime(reader.ReadInt64()), reader.ReadString(), ReadVerdict(reader.ReadByte()),
        reader.ReadString() is { Length: > 0 } label ? Label.Create(label) : null, reader.ReadString() is { Length: > 0 } note ? note : null)
    {
        AskedAt = new SubmissionTime(reader.ReadInt64()),
    };

    private static Verdict? ReadVerdict(byte value) => value == 0 ? null : (Verdict)value;
}
