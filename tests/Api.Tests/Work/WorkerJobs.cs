using System.Buffers.Binary;
using System.IO.Compression;
using System.Text.Json;
using Microsoft.Playwright;

namespace BulkQA.Api.Tests;

/// <summary>Jobs with real pictures, and what tests of the worker page do with them.</summary>
internal static class WorkerJobs
{
    public const int BatchSize = 12;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A job of batches of <see cref="BatchSize"/>; pictures numbered in <paramref name="broken"/> don't exist.</summary>
    public static async Task<string> CreateAsync(SharedApi api, int images, string label, params int[] broken)
    {
        var job = await api.Http.CreateJobAsync(new { batchSize = BatchSize });
        for (var number = 0; number < images; number++)
            if (!broken.Contains(number)) await WritePictureAsync(api, $"{job}/{number}.png", number);
        await api.Http.ImportAsync(job, string.Join('\n', Enumerable.Range(0, images).Select(number => $"{job}/{number}.png,{label},{80 + (number % 20)}")));
        return job;
    }

    /// <summary>Writes a small picture below the default image base.</summary>
    public static Task WritePictureAsync(SharedApi api, string path, int number) => WritePictureAsync(api.DataDirectory, path, number);

    /// <summary>The same below any process's data folder.</summary>
    public static async Task WritePictureAsync(string dataDirectory, string path, int number)
    {
        var file = Path.Combine(dataDirectory, "objects", "bulkqa", "images", path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllBytesAsync(file, Png(number), Cancellation);
    }

    /// <summary>Opens the page and waits until the batch can be answered.</summary>
    public static async Task OpenAsync(this IPage page, SharedApi api, string job, string worker)
    {
        await page.GotoAsync($"{api.Http.BaseAddress}work/{job}?worker={worker}");
        await page.ShownAsync();
    }

    /// <summary>Waits until the batch can be answered.</summary>
    public static Task ShownAsync(this IPage page) => Assertions.Expect(page.Locator("button.submit")).ToBeEnabledAsync();

    public static async Task AssertTotalsAsync(SharedApi api, string job, int reviewed, int disconfirmed)
    {
        var totals = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/classes")).GetProperty("totals");
        Assert.Equal((reviewed, disconfirmed), (totals.Int("reviewed"), totals.Int("disconfirmed")));
    }

    /// <summary>The images of a job of one batch, in the order of their boxes.</summary>
    public static async Task<List<JsonElement>> ImagesAsync(SharedApi api, string job)
    {
        var boxes = (await api.Http.GetJsonAsync($"/v1/jobs/{job}/tasks/0")).Items("images").Select(image => image.String("imageUrl")).ToList();
        return [.. (await api.Http.GetJsonAsync($"/v1/jobs/{job}/images")).Items().OrderBy(image => boxes.IndexOf(image.String("imageUrl")))];
    }

    /// <summary>A circle on a plain ground, 96 pixels square, of a colour of its own.</summary>
    private static byte[] Png(int number)
    {
        const int Size = 96;
        using var png = new MemoryStream();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        Span<byte> header = [0, 0, 0, Size, 0, 0, 0, Size, 8, 2, 0, 0, 0];
        WriteChunk(png, "IHDR", header);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var y = 0; y < Size; y++)
            {
                zlib.WriteByte(0);
                for (var x = 0; x < Size; x++)
                {
                    var inside = ((x - 48) * (x - 48)) + ((y - 48) * (y - 48)) < 40 * 40;
                    zlib.Write(inside ? [(byte)(number * 83), (byte)(number * 47), (byte)(200 - (number * 31))] : [235, 235, 240]);
                }
            }
        }
        WriteChunk(png, "IDAT", packed.ToArray());
        WriteChunk(png, "IEND", []);
        return png.ToArray();
    }

    private static void WriteChunk(MemoryStream png, string type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        png.Write(number);
        byte[] content = [.. System.Text.Encoding.ASCII.GetBytes(type), .. data];
        png.Write(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32(content));
        png.Write(number);
    }

    private static uint Crc32(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
        }
        return ~crc;
    }
}
