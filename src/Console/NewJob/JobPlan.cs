using System.Globalization;
using System.Text;

namespace BulkQA.Web.NewJob;

/// <summary>A job that is being thought of: what its creator has chosen, and what of that REST is told.</summary>
public sealed class JobPlan
{
    /// <summary>Of a job's name.</summary>
    private const int MaxName = 63;

    public string Name { get; set; } = "";
    public string Policy { get; set; } = "unanimous";
    public int Quorum { get; set; } = 2;
    public int WorkersPerTask { get; set; } = 3;
    public int BatchSize { get; set; } = 25;
    public string Order { get; set; } = "asCut";

    /// <summary>Of a random order; the same whenever the same plan is tried again.</summary>
    public int Seed { get; } = Random.Shared.Next(1, 1_000_000);

    public bool HasTarget { get; private set; }
    public double MaxIncorrectPerCorrect { get; set; } = 0.1;
    public double TargetLevel { get; set; } = 0.95;
    public string TargetPer { get; set; } = "class";
    public IReadOnlyCollection<string> Teams { get; set; } = [];

    public string BucketEdges { get; set; } = "80, 85, 90, 95, 100";
    public double? MinConfidence { get; set; }
    public int? MaxWorkersPerTask { get; set; }
    public int? Sample { get; set; }
    public int? GoldOneIn { get; set; }
    public string Boxes { get; set; } = "ticked";
    public double? Level { get; set; }
    public string Scope { get; set; } = "corpus";
    public double? AlarmPercent { get; set; }

    /// <summary>Empty for what REST takes by itself.</summary>
    public string ImageBase { get; set; } = "";

    /// <summary>Divided by commas or spaces.</summary>
    public string PictureHosts { get; set; } = "";

    public bool IsRandom => Order == "random";

    /// <summary>A target is decided from reviews in random order alone, and from whole tasks.</summary>
    public void SetTarget(bool wants)
    {
        HasTarget = wants;
        if (!wants) return;
        Order = "random";
        (Sample, MaxWorkersPerTask) = (null, null);
    }

    public IReadOnlyList<string> Hosts => PictureHosts.Split([',', ' ', '\n', '\r', '\t', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>A name that REST takes, by that of a file; letters and digits of it, and dashes between.</summary>
    public static string NameOf(string fileName)
    {
        var name = new StringBuilder();
        foreach (var letter in Path.GetFileNameWithoutExtension(fileName).Normalize(NormalizationForm.FormD))
        {
            if (char.IsAsciiLetterOrDigit(letter)) name.Append(letter);
            else if (CharUnicodeInfo.GetUnicodeCategory(letter) == UnicodeCategory.NonSpacingMark) continue;
            else if (name.Length > 0 && name[^1] != '-') name.Append('-');
        }
        var whole = name.ToString(0, Math.Min(name.Length, MaxName)).Trim('-');
        return whole.Length == 0 ? "new-job" : whole;
    }

    /// <summary>The body that creates the job; what has REST's default is left out.</summary>
    public Dictionary<string, object?> ToRequest(string? imageBase)
    {
        var body = new Dictionary<string, object?>
        {
            ["name"] = Name.Trim(),
            ["policy"] = Policy == "quorum" ? string.Create(CultureInfo.InvariantCulture, $"quorum({Quorum})") : Policy,
            ["workersPerTask"] = WorkersPerTask,
            ["batchSize"] = BatchSize,
            ["order"] = IsRandom ? string.Create(CultureInfo.InvariantCulture, $"random({Seed})") : Order,
            ["imageBase"] = string.IsNullOrWhiteSpace(imageBase) ? null : imageBase.Trim(),
            ["pictureHosts"] = Hosts.Count == 0 ? null : Hosts,
            ["bucketEdges"] = Edges(out var edges) ? edges : null,
            ["minConfidence"] = MinConfidence,
            ["maxWorkersPerTask"] = MaxWorkersPerTask,
            ["sample"] = Sample is { } images ? new { images } : null,
            ["gold"] = GoldOneIn is { } oneIn ? new { oneIn } : null,
            ["boxes"] = Boxes == "ticked" ? null : Boxes,
            ["level"] = Level,
            ["scope"] = Scope == "corpus" ? null : Scope,
            ["alarm"] = AlarmPercent is { } minCorrectPercent ? new { minCorrectPercent } : null,
            ["assignment"] = Teams.Count == 0 ? null : new { teams = Teams },
        };
        foreach (var absent in body.Where(field => field.Value is null).Select(field => field.Key).ToList()) body.Remove(absent);
        return body;
    }

    /// <summary>Whether what was written for the edges of buckets is numbers.</summary>
    public bool Edges(out double[] edges)
    {
        var parts = BucketEdges.Split([',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries);
        edges = [.. parts.Select(part => double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var edge) ? edge : double.NaN)];
        return edges.Length > 0 && !Array.Exists(edges, double.IsNaN);
    }

    public object ToTarget() => new { maxIncorrectPerCorrect = MaxIncorrectPerCorrect, level = TargetLevel, per = TargetPer };
}
