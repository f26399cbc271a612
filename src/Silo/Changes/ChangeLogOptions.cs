using BulkQA.Storage;
using Microsoft.Extensions.Options;

namespace BulkQA.Silo;

/// <summary>How long it is kept who changed what. Bound from <c>BulkQA:Changes</c>.</summary>
public sealed class ChangeLogOptions
{
    public const string Section = "BulkQA:Changes";

    /// <summary>For how long records are kept, from 1 to 36,500 days. Default 400 days: a year, and time to look at it.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(400);
}

internal sealed class ChangeLogOptionsValidator : IValidateOptions<ChangeLogOptions>
{
    public ValidateOptionsResult Validate(string? name, ChangeLogOptions options)
    {
        var check = new SettingsCheck(ChangeLogOptions.Section);
        check.Require(options.Retention >= TimeSpan.FromDays(1) && options.Retention <= TimeSpan.FromDays(36_500), $"Retention is {options.Retention}; give from 1 day (1.00:00:00) to 36500");
        return check.Result;
    }
}
