using BulkQA.Storage;
using Microsoft.Extensions.Options;

namespace BulkQA.Silo;

/// <summary>How long it is kept who changed what. Bound from <c>BulkQA:Changes</c>.</summary>
public sealed class ChangeLogOptions
{
    public const string Section = "BulkQA:Changes";

    /// <summary>For how long records are kept, a day or more. Default 400 days: a year, and time to look at it.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(400);
}

internal sealed class ChangeLogOptionsValidator : IValidateOptions<ChangeLogOptions>
{
    public ValidateOptionsResult Validate(string? name, ChangeLogOptions options)
    {
        var check = new SettingsCheck(ChangeLogOptions.Section);
        check.Require(options.Retention >= TimeSpan.FromDays(1), $"Retention is {options.Retention}; give a day (1.00:00:00) or more");
        return check.Result;
    }
}
