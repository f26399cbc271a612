using System.ComponentModel;
using BulkQA.Core;

namespace BulkQA.Api;

/// <summary>How gold is mixed into the tasks of a job.</summary>
public sealed record GoldSettings
{
    [Description("One image in so many of a task is gold, 2 to 1000")]
    public int? OneIn { get; init; }

    [Description("Another seed mixes other gold in at other places; from 0, default 0")]
    public int? Seed { get; init; }

    internal static GoldSettings? Of(GoldMix? mix) => mix is null ? null : new GoldSettings { OneIn = mix.OneIn, Seed = mix.Seed };

    /// <param name="problems">Grows by what is missing; ranges are checked with the other settings.</param>
    internal GoldMix? Read(List<(string Field, string Problem)> problems)
    {
        if (OneIn is null) problems.Add(("gold.oneIn", $"it is missing: one image in how many is gold, from {GoldMix.MinOneIn} to {GoldMix.MaxOneIn}"));
        return OneIn is { } oneIn ? new GoldMix(oneIn, Seed ?? 0) : null;
    }
}

/// <summary>What a worker must show before it gets tasks of a job.</summary>
public sealed record QualificationSettings
{
    [Description("What percentage of a first batch of nothing but gold a worker must answer rightly, above 0 and up to 100")]
    public double? PassMark { get; init; }

    internal static QualificationSettings? Of(Percent? passMark) => passMark is { } mark ? new QualificationSettings { PassMark = mark.Value } : null;

    internal Percent? Read(List<(string Field, string Problem)> problems)
    {
        if (PassMark is > 0 && Percent.TryCreate(PassMark.Value, out var mark)) return mark;
        problems.Add(("qualification.passMark", PassMark is null ? "it is missing: a percentage above 0 and up to 100" : $"{PassMark} is not above 0 and up to 100"));
        return null;
    }
}
