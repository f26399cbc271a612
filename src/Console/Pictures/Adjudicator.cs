namespace BulkQA.Web.Pictures;

/// <summary>Decides images in a job by REST, and takes back what was decided last, step by step, for as long as the page is open.</summary>
/// <param name="rest">In whose name.</param>
/// <param name="job">The job's name.</param>
/// <param name="changed">Is told each image as it is afterwards.</param>
public sealed class Adjudicator(RestClient rest, string job, Action<ImageModel> changed)
{
    /// <summary>Steps that can be taken back.</summary>
    public const int MaxSteps = 100;

    private const int AtOnce = 4;

    /// <summary>Each step's images, as they were and as they were then.</summary>
    private readonly LinkedList<IReadOnlyList<(ImageModel Before, ImageModel After)>> _steps = [];

    /// <summary>Whether there is something to take back.</summary>
    public bool MayUndo => _steps.Count > 0;

    /// <summary>Decides images.</summary>
    /// <param name="images">As they are before it.</param>
    /// <param name="verdict">Confirmed, Disconfirmed, or null to withdraw what was decided.</param>
    /// <param name="rightLabel">What they show instead; null for nobody says.</param>
    /// <param name="note">Why; null for nobody says.</param>
    /// <exception cref="RestException">REST refuses one; those before it are decided, and can be taken back.</exception>
    public async Task DecideAsync(IReadOnlyCollection<ImageModel> images, string? verdict, string? rightLabel, string? note)
    {
        var done = new List<(ImageModel Before, ImageModel After)>();
        try
        {
            await EachAsync(images, async image =>
            {
                var decided = await PutAsync(image, verdict, rightLabel, note);
                done.Add((image, decided));
                changed(decided);
            });
        }
        finally
        {
            if (done.Count > 0) _steps.AddLast(done);
            if (_steps.Count > MaxSteps) _steps.RemoveFirst();
        }
    }

    /// <summary>Puts the images of the last step back to what was decided of them before, but for those that somebody has decided anew since.</summary>
    /// <returns>How many were put back, and how many were left as others decided them.</returns>
    /// <exception cref="RestException">REST refuses one; what is not put back yet can be tried again.</exception>
    public async Task<(int Undone, int Left)> UndoAsync()
    {
        if (_steps.Last is not { Value: var step }) return (0, 0);
        _steps.RemoveLast();
        var (open, others) = (new HashSet<ImageKey>(step.Select(image => image.Before.Key)), 0);
        try
        {
            await EachAsync(step, async image =>
            {
                var (before, after) = image;
                var present = await rest.GetAsync<ImageModel>(Links.Rest(job, "image", ("url", before.ImageUrl), ("label", before.Label)));
                var isOurs = present.Adjudication == after.Adjudication;
                if (!isOurs) others++;
                changed(isOurs ? await PutAsync(before, before.Adjudication?.Verdict, before.Adjudication?.RightLabel, before.Adjudication?.Note) : present);
                open.Remove(before.Key);
            });
        }
        finally
        {
            if (open.Count > 0) _steps.AddLast([.. step.Where(image => open.Contains(image.Before.Key))]);
        }
        return (step.Count - others, others);
    }

    /// <summary>Some at once; what runs when one fails comes to its end. The callbacks come one at a time, on the circuit's thread.</summary>
    private static async Task EachAsync<T>(IReadOnlyCollection<T> images, Func<T, Task> act)
    {
        foreach (var some in images.Chunk(AtOnce)) await Task.WhenAll(some.Select(act));
    }

    private Task<ImageModel> PutAsync(ImageModel image, string? verdict, string? rightLabel, string? note)
    {
        var path = Links.Rest(job, "image/adjudication", ("url", image.ImageUrl), ("label", image.Label));
        return verdict is null ? rest.SendAsync<ImageModel>(HttpMethod.Delete, path) : rest.SendAsync<ImageModel>(HttpMethod.Put, path, new { verdict, rightLabel, note });
    }
}
