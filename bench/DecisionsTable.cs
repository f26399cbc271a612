using BulkQA.Core;
using MathNet.Numerics;

namespace BulkQA.Bench;

/// <summary>
/// How many reviews an anytime-valid test saves, and how often it decides wrongly, on classes whose true numbers are known: reviewed in
/// random order, looked at after every image. Beside other forms of the test, and the one that knows the truth beforehand.
/// </summary>
internal static class DecisionsTable
{
    private const double Ratio = 0.1;
    private const double Error = 0.05;

    /// <summary>Images and how many of them are incorrect.</summary>
    private static readonly (string Table, (string Class, int Images, int Incorrect)[] Classes)[] _tables =
    [
        ("shellfish, as published", [("Crab", 45, 0), ("Crawdad", 68, 52), ("Lobster", 53, 13), ("Scorpion", 77, 5), ("Shrimp", 2, 2)]),
        ("sample.csv, incorrect where the picture's folder is of another class",
        [
            ("Beaver", 28, 1), ("Cat", 10, 2), ("Crawdad", 68, 17), ("Dinosaur", 65, 3), ("Dog", 67, 4), ("Saxophone", 40, 2), ("Sea Turtle", 86, 2), ("Seaplane", 5, 0),
            ("Soccer Ball", 87, 24), ("Stopsign", 57, 0),
        ]),
        ("the same, ten times as large",
        [
            ("Beaver", 280, 10), ("Cat", 100, 20), ("Crawdad", 680, 170), ("Dinosaur", 650, 30), ("Dog", 670, 40), ("Saxophone", 400, 20), ("Sea Turtle", 860, 20), ("Seaplane", 50, 0),
            ("Soccer Ball", 870, 240), ("Stopsign", 570, 0),
        ]),
    ];

    public static int Run(int runs)
    {
        foreach (var (table, classes) in _tables)
        {
            Console.WriteLine($"{table}: 1:10, {runs:N0} random orders a class");
            Console.WriteLine();
            foreach (var isShared in (bool[])[false, true])
            {
                var error = isShared ? Error / classes.Length : Error;
                Console.WriteLine(isShared ? $"95 % for all {classes.Length} classes together" : "95 % for each class");
                Console.WriteLine();
                Console.WriteLine("| class | images | incorrect | saved % | wrong decisions % | saved %: evenly over all shares | betting | knowing the truth | counting alone | no test more than |");
                Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
                var (images, saved) = (0, new double[6]);
                foreach (var one in classes)
                {
                    var forms = Forms(one.Images, one.Incorrect, error).Select(form => Simulate(one.Images, one.Incorrect, runs, form)).ToArray();
                    double[] shares = [.. forms.Select(form => form.Saved), Limit(one.Images, one.Incorrect, error)];
                    Print(one.Class, one.Images, one.Incorrect, shares, forms[0].Wrong);
                    images += one.Images;
                    for (var form = 0; form < saved.Length; form++) saved[form] += shares[form] * one.Images;
                }
                Print("all", images, classes.Sum(one => one.Incorrect), saved.Select(sum => sum / images), null);
                Console.WriteLine();
            }
        }
        return 0;
    }

    private static double Limit(int images, int incorrect, double error)
    {
        var allowed = (int)Math.Floor((Ratio / (1 + Ratio) * images) + 1e-9);
        return DecisionLimit.MostSaved(images, incorrect, incorrect > allowed ? allowed : allowed < images ? allowed + 1 : null, error);
    }

    private static void Print(string name, int images, int incorrect, IEnumerable<double> saved, double? wrong)
    {
        var shares = saved.Select(share => FormattableString.Invariant($"{100 * share:0.0}")).ToList();
        var errors = wrong is { } share ? FormattableString.Invariant($"{100 * share:0.00}") : "";
        Console.WriteLine($"| {name} | {images} | {incorrect} | {shares[0]} | {errors} | {string.Join(" | ", shares.Skip(1))} |");
    }

    /// <summary>Each begins a review anew and tells after every image, incorrect or not, whether that was enough, and what it decides.</summary>
    private static IEnumerable<Func<Func<bool, TargetVerdict>>> Forms(int images, int incorrect, double error)
    {
        var (allowed, needed) = ((int)Math.Floor((Ratio / (1 + Ratio) * images) + 1e-9), -Math.Log(error));
        yield return Counting((reviewed, seen) => TargetTest.Decide(new ReviewCounts(images, reviewed, reviewed - seen), Ratio, error));
        yield return Counting((reviewed, seen) => Likelihood(reviewed, seen, SpecialFunctions.BetaLn(seen + 1.0, reviewed - seen + 1.0)));
        yield return () => Betting(images, allowed, needed);
        yield return Counting((reviewed, seen) => Likelihood(reviewed, seen, LogChance(reviewed, seen, incorrect)));
        yield return Counting((_, _) => TargetVerdict.Open);

        // Each look at the same counts is the same.
        Func<Func<bool, TargetVerdict>> Counting(Func<int, int, TargetVerdict> decide)
        {
            var known = new TargetVerdict?[images + 1, images + 1];
            return () =>
            {
                var (reviewed, seen) = (0, 0);
                return isIncorrect =>
                {
                    (reviewed, seen) = (reviewed + 1, seen + (isIncorrect ? 1 : 0));
                    return known[reviewed, seen] ??= Counted(images, allowed, reviewed, seen) is var sure and not TargetVerdict.Open ? sure : decide(reviewed, seen);
                };
            };
        }

        TargetVerdict Likelihood(int reviewed, int seen, double log)
        {
            var isBelow = (long)seen * images <= (long)(allowed + 1) * reviewed;
            if (isBelow && log - LogChance(reviewed, seen, allowed + 1) >= needed) return TargetVerdict.Pass;
            var isAbove = (long)seen * images >= (long)allowed * reviewed;
            return isAbove && log - LogChance(reviewed, seen, allowed) >= needed ? TargetVerdict.Fail : TargetVerdict.Open;
        }

        double LogChance(int reviewed, int seen, int marked) => seen > marked || reviewed - seen > images - marked ? double.NegativeInfinity
            : SpecialFunctions.BinomialLn(marked, seen) + SpecialFunctions.BinomialLn(images - marked, reviewed - seen)
                - SpecialFunctions.BinomialLn(images, reviewed) - SpecialFunctions.BinomialLn(reviewed, seen);
    }

    /// <summary>
    /// Capital from bets on the next review against each side, the stake by aGRAPA. I. Waudby-Smith and A. Ramdas, "Estimating means of bounded
    /// random variables by betting", Journal of the Royal Statistical Society B 86 (2024), sections 4.4 and 5.
    /// </summary>
    private static Func<bool, TargetVerdict> Betting(int images, int allowed, double needed)
    {
        const double Most = 0.75;
        var (reviewed, seen, low, high) = (0, 0, 0.0, 0.0);
        var squares = 0.25;
        return isIncorrect =>
        {
            var mean = (((double)allowed / images) + seen) / (reviewed + 1);
            var variance = squares / (reviewed + 1);
            var left = images - reviewed;
            double x = isIncorrect ? 1 : 0;
            // What the next would be in the mean at the edge of the hypothesis: too many of them, and few enough.
            var (broken, kept) = ((allowed + 1.0 - seen) / left, Math.Max(0, (double)(allowed - seen)) / left);
            if (broken < 1)
            {
                var stake = Math.Clamp((broken - mean) / (variance + ((broken - mean) * (broken - mean))), 0, Most / (1 - broken));
                low += Math.Log(1 + (stake * (broken - x)));
            }
            if (kept > 0)
            {
                var stake = Math.Clamp((mean - kept) / (variance + ((mean - kept) * (mean - kept))), 0, Most / kept);
                high += Math.Log(1 + (stake * (x - kept)));
            }
            (reviewed, seen) = (reviewed + 1, seen + (isIncorrect ? 1 : 0));
            squares += (x - mean) * (x - mean);
            if (Counted(images, allowed, reviewed, seen) is var sure and not TargetVerdict.Open) return sure;
            return low >= needed ? TargetVerdict.Pass : high >= needed ? TargetVerdict.Fail : TargetVerdict.Open;
        };
    }

    private static TargetVerdict Counted(int images, int allowed, int reviewed, int seen) =>
        seen > allowed ? TargetVerdict.Fail : seen + images - reviewed <= allowed ? TargetVerdict.Pass : TargetVerdict.Open;

    private static (double Saved, double Wrong) Simulate(int images, int incorrect, int runs, Func<Func<bool, TargetVerdict>> begin)
    {
        var random = new Random(images + incorrect);
        var truth = incorrect <= Math.Floor((Ratio / (1 + Ratio) * images) + 1e-9) ? TargetVerdict.Pass : TargetVerdict.Fail;
        var (saved, wrong) = (0L, 0);
        for (var run = 0; run < runs; run++)
        {
            var look = begin();
            for (var (reviewed, seen) = (0, 0); reviewed < images; reviewed++)
            {
                var isIncorrect = random.Next(images - reviewed) < incorrect - seen;
                if (isIncorrect) seen++;
                if (look(isIncorrect) is var decision and not TargetVerdict.Open)
                {
                    saved += images - reviewed - 1;
                    if (decision != truth) wrong++;
                    break;
                }
            }
        }
        return ((double)saved / images / runs, (double)wrong / runs);
    }
}
