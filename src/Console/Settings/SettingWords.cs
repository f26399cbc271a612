using System.Globalization;

namespace BulkQA.Web.Settings;

/// <summary>A job's settings in words.</summary>
public static class SettingWords
{
    private static readonly CultureInfo _culture = CultureInfo.InvariantCulture;

    public static string Policy(string policy) => policy switch
    {
        "unanimous" => "Confirmed where all confirm, Disconfirmed where all disconfirm, and Split otherwise.",
        "majority" => "As most votes say; a tie is Split.",
        _ when policy.StartsWith("quorum", StringComparison.Ordinal) => "Unreviewed until so many votes are there, then as most of them say.",
        _ when policy.StartsWith("weighted", StringComparison.Ordinal) => "By the probability that the label is right under the adopted reliability model; Split where neither side is that likely.",
        _ => "",
    };

    public static string Certainty(JobModel job) => job.Level is { } level
        ? $"{Words.Number(100 * level)} %, about {(job.Scope == "model" ? "the model on more of the same" : "these very images")}" : "none, unless asked for";

    public static string Alarm(AlarmSettingsModel? alarm) => alarm is null ? "none"
        : $"below {Words.Number(alarm.MinCorrectPercent ?? 0)} % right{(alarm.FalseAlarmDays is { } days ? $"; a false one in {Words.Number(days)} days of a class at most" : "")}{(alarm.Webhook is { } host ? $"; tells {host}" : "")}";

    public static string Reestimate(ReestimateRequestModel? settings) => settings is null ? "never"
        : $"after {Words.Count(settings.EveryVotes)} votes, {(settings.Method == "oneCoin" ? "one coin" : "two coins")} a worker";

    public static string Sample(SampleSettingsModel? sample) => sample switch
    {
        null => "all images are reviewed",
        { All: true } => "all images, as the last extension of a sample",
        { Images: { } images } => $"{Words.Count(images)} images of each class and bucket",
        { Width: { } width } => $"as many of each class and bucket as an interval of {Words.Number(width)} points at {Words.Number(100 * (sample.Level ?? 0.95))} % takes",
        _ => Words.None,
    };

    /// <summary>Whom a job is for, and how much of it one worker gets.</summary>
    public static string Assignment(AssignmentSettingsModel? assignment) => assignment is null ? "nobody in particular" : string.Join("; ", Parts(assignment));

    /// <summary>What a job's worker page shows and asks for.</summary>
    public static string Work(WorkSettingsModel? work)
    {
        string[] parts = [.. Said()];
        return parts.Length == 0 ? "nothing beside the template" : string.Join("; ", parts);

        IEnumerable<string> Said()
        {
            if (work?.Instructions is { } text) yield return text.Length > MaxShown ? $"“{text[..MaxShown]}…”" : $"“{text}”";
            if (work?.SeeWholeBatch is true) yield return "the whole batch is looked at first";
            if (work?.GoldFeedback is true) yield return "workers are told how they did on gold";
        }
    }

    /// <summary>Characters of a text that a row of settings shows.</summary>
    private const int MaxShown = 100;

    /// <summary>Numbers of answers by team, as they are typed: <c>dogs=2, vets=1</c>.</summary>
    public static string AnswersText(IReadOnlyDictionary<string, int>? answers) => string.Join(", ", (answers ?? new Dictionary<string, int>()).Select(entry => string.Create(_culture, $"{entry.Key}={entry.Value}")));

    /// <returns>False where the text is not of that form.</returns>
    public static bool TryReadAnswers(string? text, out IReadOnlyDictionary<string, int>? answers)
    {
        answers = null;
        if (string.IsNullOrWhiteSpace(text)) return true;
        var found = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (part.Split('=', StringSplitOptions.TrimEntries) is not [{ Length: > 0 } team, var number] || !int.TryParse(number, NumberStyles.None, _culture, out var count) || !found.TryAdd(team, count)) return false;
        }
        answers = found;
        return true;
    }

    private static IEnumerable<string> Parts(AssignmentSettingsModel assignment)
    {
        yield return assignment.Teams is { Count: > 0 } teams ? $"teams {string.Join(", ", teams)}" : "whoever may answer";
        if (assignment.Priority is { } priority) yield return $"priority {priority}";
        if (assignment.Deadline is { } deadline) yield return $"until {Words.Time(deadline)} UTC";
        if (assignment.MaxTasksPerWorker is { } most) yield return $"{Words.Count(most)} batches a worker";
        if (assignment.MaxTasksPerDay is { } day) yield return $"{Words.Count(day)} a day";
        if (assignment.Portion is { Tasks: { } tasks, PauseMinutes: { } minutes }) yield return $"{Words.Count(tasks)} at a sitting, then {minutes} min";
        if (assignment.MinExperience is { } experience) yield return $"after {Words.Count(experience)} batches elsewhere";
        if (assignment.Answers is { Count: > 0 } answers) yield return $"answers {AnswersText(answers)}";
    }
}
