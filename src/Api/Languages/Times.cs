using System.Globalization;
using Microsoft.Extensions.Localization;

namespace BulkQA.Api;

/// <summary>Times as pages write them, in UTC.</summary>
internal static class Times
{
    private static CultureInfo Culture => SupportedCultures.Current.Culture;

    /// <summary>Within a sentence, such as <c>on 3 May at 14:05 UTC</c>.</summary>
    public static string On(DateTimeOffset time, IStringLocalizer<Words> words) => time.UtcDateTime.ToString(words["'on' d MMMM 'at' HH:mm 'UTC'"], words is EnglishWords ? CultureInfo.InvariantCulture : Culture);

    public static string Minute(DateTimeOffset time, IStringLocalizer<Words> words) => $"{time.UtcDateTime.ToString(words["d MMMM, HH:mm"], Culture)} UTC";

    public static string Day(DateTimeOffset time, IStringLocalizer<Words> words) => time.UtcDateTime.ToString(words["d MMMM yyyy"], Culture);
}
