using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace BulkQA.Core;

/// <summary>One worker's answer to one data object, as Ground Truth keeps it below <c>annotations/worker-response/</c>.</summary>
/// <param name="Worker">Who answered.</param>
/// <param name="Content">The answer's JSON, for <see cref="Answers"/>.</param>
/// <param name="SubmittedAt">When; null where that is not said.</param>
/// <param name="Taken">How long the worker took, above 0 and at most <see cref="MaxTaken"/>.</param>
public sealed record GroundTruthResponse(WorkerId Worker, string Content, SubmissionTime? SubmittedAt, TimeSpan Taken)
{
    /// <summary>No task is open for longer in Ground Truth but those of video and point clouds.</summary>
    public static readonly TimeSpan MaxTaken = TimeSpan.FromDays(1);

    /// <summary>
    /// The number of the data object that a file is of, from its path, which ends in <c>iteration-{n}/{object}/{time}.json</c>: the line of the
    /// labeling job's manifest, from 0. Null for any other path.
    /// </summary>
    public static int? ObjectOf(string path) => path.Split('/') is [.., var iteration, var number, var file]
        && iteration.StartsWith("iteration-", StringComparison.Ordinal) && file.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var found) ? found : null;

    /// <summary>The answers of a file, and what of it can't be read. One bad answer doesn't stop the others.</summary>
    /// <exception cref="BadInputException">The file is no JSON object with answers.</exception>
    public static (ImmutableArray<GroundTruthResponse> Responses, ImmutableArray<string> Problems) Parse(ReadOnlyMemory<byte> json)
    {
        using var document = GroundTruthJson.Parse(json, "the file");
        return Read(document.RootElement);
    }

    /// <inheritdoc cref="Parse"/>
    public static (ImmutableArray<GroundTruthResponse> Responses, ImmutableArray<string> Problems) Read(JsonElement file)
    {
        if (file.ValueKind != JsonValueKind.Object || !file.TryGet("answers", out var answers) || answers.ValueKind != JsonValueKind.Array)
            throw new BadInputException("it has no array of answers");
        var (responses, problems) = (ImmutableArray.CreateBuilder<GroundTruthResponse>(), ImmutableArray.CreateBuilder<string>());
        foreach (var (index, answer) in answers.EnumerateArray().Index())
        {
            try
            {
                responses.Add(ReadAnswer(answer));
            }
            catch (BadInputException e)
            {
                problems.Add($"answer {index}: {e.Message}");
            }
        }
        return (responses.ToImmutable(), problems.ToImmutable());
    }

    /// <summary>The same of a line that names its data object as <c>object</c>, from 0.</summary>
    /// <exception cref="BadInputException">The line is no JSON object with both.</exception>
    public static (int Object, ImmutableArray<GroundTruthResponse> Responses, ImmutableArray<string> Problems) ReadLine(JsonElement line)
    {
        if (line.ValueKind != JsonValueKind.Object || !line.TryGet("object", out var number) || !number.TryGetInt32Safely(out var found) || found < 0)
            throw new BadInputException("object is not the number of a data object, from 0");
        var (responses, problems) = Read(line);
        return (found, responses, problems);
    }

    private static GroundTruthResponse ReadAnswer(JsonElement answer)
    {
        if (answer.ValueKind != JsonValueKind.Object) throw new BadInputException("it is not a JSON object");
        if (!WorkerId.TryCreate(GroundTruthJson.Text(answer, "workerId"), out var worker, out var problem)) throw new BadInputException($"workerId: {problem}");
        var content = !answer.TryGet("answerContent", out var given) ? null : given.ValueKind switch
        {
            // As files have it, and as the payload of the post-labeling function does.
            JsonValueKind.Object => given.GetRawText(),
            JsonValueKind.String => GroundTruthJson.Text(answer, "answerContent"),
            _ => null,
        };
        if (content is null) throw new BadInputException("answerContent is missing");
        var (accepted, submitted) = (ReadTime(answer, "acceptanceTime"), ReadTime(answer, "submissionTime"));
        return new GroundTruthResponse(worker, content, submitted is { } at ? SubmissionTime.From(at) : null, ReadTaken(answer, accepted, submitted));
    }

    private static TimeSpan ReadTaken(JsonElement answer, DateTimeOffset? accepted, DateTimeOffset? submitted)
    {
        double? seconds = null;
        if (answer.TryGet("timeSpentInSeconds", out var spent) && spent.ValueKind != JsonValueKind.Null)
            seconds = spent.ValueKind == JsonValueKind.Number && spent.TryGetDouble(out var number) ? number : double.NaN;
        else if (accepted is not null && submitted is not null) seconds = (submitted.Value - accepted.Value).TotalSeconds;
        if (seconds is not { } taken) throw new BadInputException("it says neither timeSpentInSeconds nor both acceptanceTime and submissionTime");
        return taken > 0 && taken <= MaxTaken.TotalSeconds ? TimeSpan.FromSeconds(taken)
            : throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"the time it took is not above 0 and at most {MaxTaken.TotalSeconds} seconds"));
    }

    /// <summary>Null where there is none. A time without a zone is UTC.</summary>
    private static DateTimeOffset? ReadTime(JsonElement answer, string name)
    {
        if (GroundTruthJson.Text(answer, name) is not { } text) return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
            : throw new BadInputException($"{name}: '{Text.Excerpt(text)}' is not a time such as 2026-01-31T23:59:59Z");
    }
}
