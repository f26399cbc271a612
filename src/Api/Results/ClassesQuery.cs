using System.ComponentModel;
using BulkQA.Core;
using Microsoft.AspNetCore.Mvc;

namespace BulkQA.Api;

/// <summary>What the class table is asked for.</summary>
internal sealed record ClassesQuery
{
    private const int MaxPage = 1_000;

    [FromQuery(Name = "label"), Description("One class; repeatable. All classes without it")]
    public string[]? Labels { get; init; }

    [FromQuery(Name = "emptyAs"), Description("zero: a bucket in which nothing is reviewed counts as 0 % in the class average")]
    public string? EmptyAs { get; init; }

    [FromQuery(Name = "basis"), Description("votes (default), or final: adjudications instead of votes where there are any")]
    public string? Basis { get; init; }

    [FromQuery(Name = "level"), Description("Adds lower and upper, in percent, beside every correctPercent: two-sided at this level, above 0 and below 1. Default the job's level; 0.95 where that has none and scope is given")]
    public double? Level { get; init; }

    [FromQuery(Name = "scope"), Description("corpus: how right these very images are; model: how right the model will be on more of the same. Default the job's scope")]
    public string? Scope { get; init; }

    [FromQuery(Name = "modelVersion"), Description("Only images of this version of the model; classes without any are left out")]
    public string? ModelVersion { get; init; }

    [FromQuery(Name = "expected"), Description("true: adds expectedCorrect, expectedLower and expectedUpper, the number of right images by posteriors of the adopted reliability model. Looks at every answer; 200 classes at most at once")]
    public bool? Expected { get; init; }

    [FromQuery(Name = "format"), Description("json (default) or csv, a row a class; Accept: text/csv does as well")]
    public string? Format { get; init; }

    [FromQuery(Name = "sort"), Description("label (default), total, reviewed, correctPercent or disconfirmed, least first; with - before it greatest first. What has no percentage comes last")]
    public string? Sort { get; init; }

    [FromQuery(Name = "limit"), Description("Classes on a page, from 1 to 1,000; all of them without it. Totals and average are of all classes on every page")]
    public int? Limit { get; init; }

    [FromQuery(Name = "cursor"), Description("nextCursor of the page before; pages have 100 classes where limit is left out")]
    public string? Cursor { get; init; }

    public bool IsFinal => Basis == "final";

    /// <summary>Null for all classes at once.</summary>
    public int? PageSize => Limit ?? (Cursor is null ? null : 100);

    public ClassOrder Order => ClassOrder.Of(Sort ?? "label")!;

    /// <summary>Null for no intervals.</summary>
    public Certainty? CertaintyBy(JobSettings settings) => settings.CertaintyOf(Level, Certainty.ScopeOf(Scope));

    public List<(string Field, string Problem)> Problems(bool isCsv)
    {
        var problems = new List<(string, string)>();
        if (EmptyAs is not (null or "zero")) problems.Add(("emptyAs", $"'{EmptyAs}' is not zero"));
        ResultEndpoints.CheckBasis(Basis, problems);
        ResultEndpoints.CheckLevel(Level, problems);
        if (Scope is not null && Certainty.ScopeOf(Scope) is null) problems.Add(("scope", $"'{Scope}' is neither corpus nor model"));
        ResultEndpoints.CheckVersion(ModelVersion, problems);
        if (Expected == true && ModelVersion is not null) problems.Add(("expected", "it is of the images of all model versions together: leave modelVersion out"));
        if (Format is not (null or "json" or "csv")) problems.Add(("format", $"'{Format}' is neither json nor csv"));
        if (Sort is not null && ClassOrder.Of(Sort) is null) problems.Add(("sort", $"'{Sort}' is none of {ClassOrder.Known}, with or without - before it"));
        if (Limit is { } limit and not (>= 1 and <= MaxPage)) problems.Add(("limit", $"{limit} is not from 1 to {MaxPage}"));
        else if (isCsv && PageSize is not null) problems.Add((Limit is null ? "cursor" : "limit", "CSV has all classes; name those wanted by label"));
        return problems;
    }
}
