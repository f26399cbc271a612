using Microsoft.Extensions.Options;

namespace BulkQA.Storage;

/// <summary>Gathers everything that is wrong with the settings of one section, so that all of it is said at once.</summary>
public sealed class SettingsCheck(string section)
{
    private readonly List<string> _problems = [];

    public ValidateOptionsResult Result =>
        _problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(_problems);

    /// <param name="holds">Whether the setting is as it should be.</param>
    /// <param name="problem">Otherwise: the setting's name, what it is, and what to give.</param>
    public void Require(bool holds, string problem)
    {
        if (!holds) _problems.Add($"{section}:{problem}");
    }
}
