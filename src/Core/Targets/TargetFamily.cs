using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace BulkQA.Core;

/// <summary>What is known of a class of a family beside its counters.</summary>
public enum FamilyStanding : byte
{
    /// <summary>Nobody has looked yet in which order its images are.</summary>
    Unchecked,

    /// <summary>Its images are in random order: those of the first tasks are a random sample.</summary>
    Shuffled,

    /// <summary>They are not, as where they came by several imports, each of them shuffled by itself. Nothing is decided of it.</summary>
    NotShuffled,

    /// <summary>It has got more images since the family was fixed. Nothing more is decided of it.</summary>
    Grown,

    /// <summary>It got its first images after the family was fixed. Nothing is decided of it.</summary>
    Late,
}

/// <param name="Images">How many it had when the family was fixed; 0 for one that is <see cref="FamilyStanding.Late"/>.</param>
public readonly record struct FamilyClass(long Images, FamilyStanding Standing)
{
    /// <summary>Whether nothing (more) is decided of it.</summary>
    public bool IsVoid => Standing >= FamilyStanding.NotShuffled;
}

/// <summary>
/// The classes that a target is decided of together. Which ones, how many images each has, and so among how many the error is shared, is fixed
/// once and before anything is decided: a family that grew with what is seen would guarantee nothing. 13 bytes a class where it is packed. For one
/// thread at a time.
/// </summary>
public sealed class TargetFamily
{
    private readonly SortedDictionary<ulong, FamilyClass> _classes;

    private TargetFamily(int members, SortedDictionary<ulong, FamilyClass> classes) => (Members, _classes) = (members, classes);

    /// <summary>The classes, or buckets of classes, that the error is shared among.</summary>
    public int Members { get; }

    /// <summary>The classes that have images now.</summary>
    public static TargetFamily Fix(JobTarget target, IEnumerable<KeyValuePair<Label, ClassTally>> classes)
    {
        var (members, known) = (0, new SortedDictionary<ulong, FamilyClass>());
        foreach (var (label, tally) in classes)
        {
            var own = target.MembersOf(tally).Count();
            if (own == 0) continue;
            members += own;
            known[KeyOf(label)] = new FamilyClass(tally.All.Total, FamilyStanding.Unchecked);
        }
        return new(members, known);
    }

    /// <summary>What is known of a class; null where it is not of the family.</summary>
    public FamilyClass? Find(Label label) => _classes.TryGetValue(KeyOf(label), out var known) ? known : null;

    /// <summary>Notes what is known of a class from now on.</summary>
    public void Set(Label label, FamilyClass known) => _classes[KeyOf(label)] = known;

    public byte[] Pack()
    {
        using var buffer = new MemoryStream(8 + (_classes.Count * 13));
        using var writer = new BinaryWriter(buffer);
        writer.Write(Members);
        writer.Write(_classes.Count);
        foreach (var (key, known) in _classes)
        {
            writer.Write(key);
            writer.Write(checked((int)known.Images));
            writer.Write((byte)known.Standing);
        }
        return buffer.ToArray();
    }

    public static TargetFamily Unpack(byte[] packed)
    {
        using var reader = new BinaryReader(new MemoryStream(packed));
        var (members, known) = (reader.ReadInt32(), new SortedDictionary<ulong, FamilyClass>());
        for (var left = reader.ReadInt32(); left > 0; left--) known[reader.ReadUInt64()] = new FamilyClass(reader.ReadInt32(), (FamilyStanding)reader.ReadByte());
        return new(members, known);
    }

    /// <summary>64 bits of the label's SHA-256: of 10,000 labels two have the same with a probability of 3 in a million millions.</summary>
    private static ulong KeyOf(Label label) => BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(label.Value)));
}
