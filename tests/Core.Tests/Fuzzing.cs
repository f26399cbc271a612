using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace BulkQA.Tests;

/// <summary>
/// Damaged and made-up input for everything that reads what comes from outside: it is taken, or refused with a
/// <see cref="BadInputException"/>; nothing else, not slowly, and not at the price of memory out of proportion.
/// <c>BULKQA_FUZZ_ROUNDS</c> says how often (10,000), <c>BULKQA_FUZZ_SEED</c> from where. It reports what was wrong with how
/// many inputs.
/// </summary>
internal static partial class Fuzzing
{
    private const long BaseBytes = 8 * 1024 * 1024;
    private const int BytesPerByte = 2_000;

    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(2);

    /// <param name="name">Of the reader.</param>
    /// <param name="samples">Good inputs, which are damaged.</param>
    /// <param name="read">Gives what is wrong with parts of what it took.</param>
    public static void Run(string name, IReadOnlyList<byte[]> samples, Func<byte[], IEnumerable<string>> read)
    {
        var (rounds, seed) = (Setting("ROUNDS") ?? 10_000, Setting("SEED") ?? 1);
        var problems = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var round = 0; round < rounds; round++)
        {
            var random = new Random(seed + round);
            var input = Damage(samples[random.Next(samples.Count)], random);
            var (began, allocated) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
            try
            {
                var found = read(input).Select(Kind).Distinct().DefaultIfEmpty("(taken)");
                foreach (var problem in found) problems[problem] = problems.GetValueOrDefault(problem) + 1;
            }
            catch (BadInputException e)
            {
                Assert.NotEmpty(e.Message);
                problems[Kind(e.Message)] = problems.GetValueOrDefault(Kind(e.Message)) + 1;
            }
            catch (Exception e)
            {
                Assert.Fail($"{name}, BULKQA_FUZZ_SEED={seed + round} BULKQA_FUZZ_ROUNDS=1: {e}\ninput (base64): {Convert.ToBase64String(input)}");
            }
            var bytes = GC.GetAllocatedBytesForCurrentThread() - allocated;
            Assert.True(bytes < BaseBytes + ((long)input.Length * BytesPerByte), $"{name}, BULKQA_FUZZ_SEED={seed + round}: {bytes:N0} bytes for {input.Length:N0}");
            Assert.True(Stopwatch.GetElapsedTime(began) < _limit, $"{name}, BULKQA_FUZZ_SEED={seed + round}: took {Stopwatch.GetElapsedTime(began)}");
        }
        TestContext.Current.SendDiagnosticMessage($"{name}, {rounds} rounds: {string.Join("; ", problems.OrderByDescending(problem => problem.Value).Select(problem => $"{problem.Value} {problem.Key}"))}");
    }

    /// <summary>A sentence without what it quotes.</summary>
    private static string Kind(string problem)
    {
        var kind = Quoted().Replace(problem.ReplaceLineEndings(" "), "…");
        return kind.Length <= 60 ? kind : kind[..60];
    }

    [GeneratedRegex("""(?<=JSON( array)?): .*|'[^']*'|"[^"]*"|[0-9.,]+|\{.*|<.*""")]
    private static partial Regex Quoted();

    private static byte[] Damage(byte[] sample, Random random)
    {
        var bytes = sample.ToList();
        for (var times = random.Next(1, 6); times > 0; times--)
        {
            var at = random.Next(bytes.Count + 1);
            switch (random.Next(9))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                case 2 when bytes.Count > 0:
                    bytes.RemoveRange(Math.Min(at, bytes.Count - 1), 1);
                    break;
                case 3:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 4:
                    bytes.InsertRange(at, bytes.Take(random.Next(bytes.Count + 1)).ToList());
                    break;
                case 5:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Nasty(random)));
                    break;
                case 6:
                    bytes.InsertRange(at, Enumerable.Repeat((byte)"[{\"(,"[random.Next(5)], random.Next(1, 3_000)));
                    break;
                case 7:
                    bytes.InsertRange(at, Enumerable.Repeat((byte)'9', random.Next(1, 400)));
                    break;
                default:
                    var noise = new byte[random.Next(64)];
                    random.NextBytes(noise);
                    bytes.InsertRange(at, noise);
                    break;
            }
        }
        return [.. bytes];
    }

    private static string Nasty(Random random)
    {
        string[] texts = ["null", "true", "-0", "1e999", "NaN", "\"\\ud800\"", "\\ud800", "\\u0000", "\u0000", "{}", "[]", "\"\"", "../..", "%2F%00", "\uFEFF", "\r\n", "=1+1", "9223372036854775808", "-1", "{{", "\"a\":", ",,,"];
        return texts[random.Next(texts.Length)];
    }

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable($"BULKQA_FUZZ_{name}"), CultureInfo.InvariantCulture, out var value) ? value : null;
}
