namespace BulkQA.Core;

/// <summary>How gold is mixed into the tasks of a job.</summary>
/// <param name="OneIn">One image in so many is gold, in the mean and as far as there is gold: from <see cref="MinOneIn"/> to <see cref="MaxOneIn"/>.</param>
/// <param name="Seed">Another one mixes other gold images in at other places; from 0.</param>
public sealed record GoldMix(int OneIn, int Seed)
{
    public const int MinOneIn = 2;
    public const int MaxOneIn = 1_000;

    /// <summary>Gold images a class may have: partitions that cut tasks hold them in memory.</summary>
    public const int MaxImagesPerClass = 10_000;

    /// <summary>Everything that is wrong with it, each with its field.</summary>
    public IEnumerable<(string Field, string Problem)> Problems()
    {
        if (OneIn is < MinOneIn or > MaxOneIn) yield return ("gold.oneIn", $"{OneIn} is not from {MinOneIn} to {MaxOneIn}");
        if (Seed < 0) yield return ("gold.seed", $"{Seed} is negative");
    }
}
