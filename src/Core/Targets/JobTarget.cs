namespace BulkQA.Core;

/// <summary>Of what a target is decided.</summary>
public enum TargetScope : byte
{
    /// <summary>Of each class.</summary>
    Class,

    /// <summary>Of each confidence bucket of each class.</summary>
    ClassAndBucket,
}

/// <summary>What a job's classes have to show, and how certainly.</summary>
/// <param name="MaxIncorrectPerCorrect">Incorrect images for each correct one at most; from 0, which is every image correct.</param>
/// <param name="Level">
/// The probability, at least, that no decision of the job is wrong, however often one looks; such as 0.95, above 0 and below 1.
/// </param>
public sealed record JobTarget(double MaxIncorrectPerCorrect, double Level, TargetScope Per)
{
    /// <summary>Everything that is wrong with it, each with its field; empty where all is well.</summary>
    public IEnumerable<(string Field, string Problem)> Problems()
    {
        if (MaxIncorrectPerCorrect is not (>= 0 and <= double.MaxValue)) yield return ("maxIncorrectPerCorrect", $"{MaxIncorrectPerCorrect} is not a number from 0 up, such as 0.1 for one incorrect to ten correct");
        if (!(1 - Level is > 0 and < 1)) yield return ("level", $"{Level} is not above 0 and below 1, such as 0.95 for 95 %");
        if (!Enum.IsDefined(Per)) yield return ("per", $"'{Per}' is neither class nor classAndBucket");
    }

    /// <summary>Why a job of these settings can't have such a target; null where it can.</summary>
    public static string? RefusalOf(JobSettings settings, TargetScope per = TargetScope.Class) =>
        settings.Sample is not null ? "it is sampled, and reviews of a sample are not in the random order of a class. Its percentages come with intervals instead"
        : settings.MaxWorkersPerTask is not null ? "it asks further workers about images that are in doubt (maxWorkersPerTask), and a target is decided from tasks that have all their answers"
        : per == TargetScope.ClassAndBucket && settings.Alarm is not null ? "its classes are watched for a percentage (alarm), and once a bucket is decided what is reviewed of a class is more of its other buckets. Decide \"per\":\"class\", or take the alarm away"
        : settings.Order.Seed is not null ? null
        : $"its tasks are handed out in the order {settings.Order}, and a target is decided from reviews in random order alone. Create a job with \"order\":\"random(7)\", of any seed, and import the corpus there";

    /// <summary>
    /// The probability of a wrong decision that each of so many members of a family may have: together no more than 1 - <see cref="Level"/> (Bonferroni).
    /// </summary>
    public double ErrorOfEach(int members) => (1 - Level) / Math.Max(1, members);

    /// <summary>What counters say of a class, or of each bucket of it that has images.</summary>
    /// <param name="tally">The class's, with <see cref="ClassTally.Done"/>.</param>
    /// <param name="members">How many members the family has.</param>
    public IEnumerable<TargetFinding> Test(ClassTally tally, int members)
    {
        foreach (var bucket in MembersOf(tally))
        {
            var counts = tally.ReviewsOfDone(bucket);
            yield return new TargetFinding(bucket, TargetTest.Decide(counts, MaxIncorrectPerCorrect, ErrorOfEach(members)), counts);
        }
    }

    /// <summary>What is decided of a class by itself: null for the whole of it, or the index of each bucket that has images. Nothing where it has none.</summary>
    public IEnumerable<int?> MembersOf(ClassTally tally)
    {
        if (Per == TargetScope.Class) return tally.All.Total > 0 ? [null] : [];
        return Enumerable.Range(0, tally.Buckets.Length).Where(bucket => tally.Buckets[bucket].Total > 0).Select(bucket => (int?)bucket);
    }
}

/// <summary>What a look at a member of a family finds.</summary>
/// <param name="Bucket">Its index; null for the whole class.</param>
public readonly record struct TargetFinding(int? Bucket, TargetVerdict Verdict, ReviewCounts Counts);
