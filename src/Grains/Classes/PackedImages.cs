using System.Buffers.Binary;
using BulkQA.Core;

namespace BulkQA.Grains;

/// <summary>
/// What images contribute, in fixed 52 bytes each: hash, confidence (NaN for none), time of the last vote, version,
/// confirms, disconfirms, task (-1 for none) and its home, little-endian. Verdicts are left out: whoever reads decides
/// anew. Object serialization made handing over take five times as long.
/// </summary>
internal static class PackedImages
{
    private const int Size = 52;
    private const int NoTask = -1;

    public static byte[] Write(IReadOnlyDictionary<ImageHash, Contribution> images)
    {
        var bytes = new byte[images.Count * Size];
        var left = bytes.AsSpan();
        foreach (var (hash, image) in images)
        {
            BinaryPrimitives.WriteUInt128LittleEndian(left, hash.Value);
            BinaryPrimitives.WriteDoubleLittleEndian(left[16..], image.Confidence?.Value ?? double.NaN);
            BinaryPrimitives.WriteInt64LittleEndian(left[24..], image.LastVoteAt.UtcTicks);
            BinaryPrimitives.WriteInt32LittleEndian(left[32..], image.Version);
            BinaryPrimitives.WriteInt32LittleEndian(left[36..], image.Confirms);
            BinaryPrimitives.WriteInt32LittleEndian(left[40..], image.Disconfirms);
            BinaryPrimitives.WriteInt32LittleEndian(left[44..], image.Task?.Number.Value ?? NoTask);
            BinaryPrimitives.WriteInt32LittleEndian(left[48..], image.Task?.Home.Number ?? 0);
            left = left[Size..];
        }
        return bytes;
    }

    public static IEnumerable<(ImageHash Image, Contribution Contribution)> Read(byte[] bytes)
    {
        for (var at = 0; at < bytes.Length; at += Size) yield return Read(bytes.AsSpan(at, Size));
    }

    private static (ImageHash, Contribution) Read(ReadOnlySpan<byte> image)
    {
        var confidence = BinaryPrimitives.ReadDoubleLittleEndian(image[16..]);
        var task = BinaryPrimitives.ReadInt32LittleEndian(image[44..]);
        return (new ImageHash(BinaryPrimitives.ReadUInt128LittleEndian(image)), new Contribution(
            BinaryPrimitives.ReadInt32LittleEndian(image[32..]),
            double.IsNaN(confidence) ? null : Percent.Create(confidence),
            BinaryPrimitives.ReadInt32LittleEndian(image[36..]),
            BinaryPrimitives.ReadInt32LittleEndian(image[40..]),
            Verdict.Unreviewed,
            new SubmissionTime(BinaryPrimitives.ReadInt64LittleEndian(image[24..])),
            task == NoTask ? null : new TaskPlace(new TaskNumber(task), new Shard(BinaryPrimitives.ReadInt32LittleEndian(image[48..])))));
    }
}
