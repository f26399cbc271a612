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

    private readonly LinkedList<IReadOnlyList<ImageModel>> _before = [];

    /// <summary>Whether there is something to take back.</summary>
    public bool MayUndo => _before.Count > 0;

    /// <summary>Decides images.</summary>
    /// <param name="images">As they are before it.</param>
    /// <param name="verdict">Confirmed, Disconfirmed, or null to withdraw what was decided.</param>
    /// <param name="rightLabel">What they show instead; null for nobody says.</param>
    /// <param name="note">Why; null for nobody says.</param>
    /// <exception cref="RestException">REST refuses one; those before it are decided, and can be taken back.</exception>
    public async Task DecideAsync(IReadOnlyCollection<ImageModel> images, string? verdict, string? rightLabel, string? note)
    {
        var done = new List<ImageModel>();
        try
        {
            await EachAsync(images, async image =>
            {
                var decided = await PutAsync(image, verdict, rightLabel, note);
                done.Add(image);
                changed(decided);
            });
        }
        finally
        {
            if (done.Count > 0) _before.AddLast(done);
            if (_before.Count > MaxSteps) _before.RemoveFirst();
        }
    }

    /// <summary>Puts the images of the last step back to what was decided of them before.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="RestException">REST refuses one; what is not put back yet can be tried again.</exception>
    public async Task<int> UndoAsync()
    {
        if (_before.Last is not { Value: var images }) return 0;
        _before.RemoveLast();
        var left = new HashSet<ImageKey>(images.Select(image => image.Key));
        try
        {
            await EachAsync(images, async image =>
            {
                var back = await PutAsync(image, image.Adjudication?.Verdict, image.Adjudication?.RightLabel, image.Adjudication?.Note);
                left.Remove(image.Key);
                changed(back);
            });
        }
        finally
        {
            if (left.Count > 0) _before.AddLast([.. images.Where(image => left.Contains(image.Key))]);
        }
        return images.Count;
    }

    /// <summary>Some at once; what runs when one fails comes to its end. The callbacks come one at a time, on the circuit's thread.</summary>
    private static async Task EachAsync(IReadOnlyCollection<ImageModel> images, Func<ImageModel, Task> act)
    {
        foreach (var some in images.Chunk(AtOnce)) await Task.WhenAll(some.Select(act));
    }

    private Task<ImageModel> PutAsync(ImageModel image, string? verdict, string? rightLabel, string? note)
    {
        var path = Links.Rest(job, "image/adjudication", ("url", image.ImageUrl), ("label", image.Label));
        return verdict is null ? rest.SendAsync<ImageModel>(HttpMethod.Delete, path) : rest.SendAsync<ImageModel>(HttpMethod.Put, path, new { verdict, rightLabel, note });
    }
}
