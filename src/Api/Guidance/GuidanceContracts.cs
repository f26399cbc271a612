using System.Collections.Immutable;
using System.ComponentModel;
using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>How workers tell whether a picture is of a class.</summary>
/// <param name="Text">Plain text with line breaks; null for none.</param>
/// <param name="Right">Pictures that are of the class, by their addresses.</param>
/// <param name="Wrong">Pictures that are not.</param>
public sealed record GuidanceResponse(string Label, string? Text, IReadOnlyList<string> Right, IReadOnlyList<string> Wrong)
{
    internal static GuidanceResponse Of(Label label, ClassGuidance guidance) =>
        new(label.Value, guidance.Text, [.. guidance.Right.Select(url => url.Value)], [.. guidance.Wrong.Select(url => url.Value)]);
}

/// <summary>How workers are to tell whether a picture is of a class, all of it anew.</summary>
public sealed record GuidanceRequest
{
    [Description("Plain text with line breaks, at most 2000 characters; default none")]
    public string? Text { get; init; }

    [Description("Addresses of pictures that are of the class, at most 6: below the job's imageBase, or of one of its pictureHosts")]
    public IReadOnlyList<string>? Right { get; init; }

    [Description("The same of pictures that are not, though somebody might think so")]
    public IReadOnlyList<string>? Wrong { get; init; }

    /// <summary>What it says; problems grow by all that is wrong with it.</summary>
    internal ClassGuidance Read(JobInfo job, PictureAccess pictures, List<(string Field, string Problem)> problems)
    {
        var guidance = new ClassGuidance { Text = PlainText.Tidy(Text), Right = UrlsOf("right", Right), Wrong = UrlsOf("wrong", Wrong) };
        problems.AddRange(guidance.Problems());
        return guidance;

        ImmutableArray<ImageUrl> UrlsOf(string field, IReadOnlyList<string>? given)
        {
            var urls = ImmutableArray.CreateBuilder<ImageUrl>();
            // More than may be are refused by their number.
            foreach (var text in (given ?? []).Take(ClassGuidance.MaxExamples + 1))
            {
                if (!ImageUrl.TryCreate(text, out var url, out var problem)) problems.Add((field, problem));
                else if (!pictures.MayShow(job, url)) problems.Add((field, $"{url} is neither below {job.Settings.ImageBase} nor of a host that the job names"));
                else urls.Add(url);
            }
            return urls.ToImmutable();
        }
    }
}
