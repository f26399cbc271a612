using System.Diagnostics.CodeAnalysis;

namespace BulkQA.Core;

/// <summary>A short text of a person that is kept with what it explains: a note, a reason, a name.</summary>
public static class Remark
{
    /// <summary>Reads a remark, without white space at its ends.</summary>
    /// <param name="text">As it came.</param>
    /// <param name="what">What it is, for the problem.</param>
    /// <param name="maxBytes">Of UTF-8.</param>
    /// <param name="remark">What is kept.</param>
    /// <param name="problem">Why it can't be: it is empty, too long, or holds control characters.</param>
    public static bool TryRead(string? text, string what, int maxBytes, [NotNullWhen(true)] out string? remark, [NotNullWhen(false)] out string? problem)
    {
        var trimmed = text?.Trim();
        problem = Text.Problem(trimmed, what, maxBytes);
        remark = problem is null ? trimmed : null;
        return problem is null;
    }
}
