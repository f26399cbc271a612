using BulkQA.Core;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BulkQA.Api;

/// <summary>The one class that a listing may be of.</summary>
internal static class OptionalLabel
{
    /// <param name="given">Of the query; null for every class.</param>
    /// <param name="label">Null where none is given.</param>
    /// <returns>What is wrong with it; null for nothing.</returns>
    public static ProblemHttpResult? Read(string? given, out Label? label)
    {
        label = null;
        if (given is null) return null;
        if (!Label.TryCreate(given, out var named, out var problem)) return Problem.Invalid($"label: {problem}");
        label = named;
        return null;
    }
}
