using BulkQA.Core;

namespace BulkQA.Bench;

/// <summary>The least that can be done: one thread parses the same JSON and folds it in dictionaries, nothing durable.</summary>
internal sealed class Floor
{
    private readonly Dictionary<(Label, ImageUrl), (int Confirms, int Disconfirms)> _images = [];
    private readonly HashSet<(Label, ImageUrl, WorkerId)> _votes = [];

    public void Take(byte[] body)
    {
        var (message, _) = AnswersMessage.Parse(body);
        foreach (var image in message.Images)
        {
            var counts = _images.GetValueOrDefault((image.Label, image.Url));
            foreach (var (worker, kind) in image.Answers)
                if (_votes.Add((image.Label, image.Url, worker))) counts = kind == AnswerKind.Confirm ? (counts.Confirms + 1, counts.Disconfirms) : (counts.Confirms, counts.Disconfirms + 1);
            _images[(image.Label, image.Url)] = counts;
        }
    }

    public void Audit(long votes)
    {
        if (_votes.Count != votes || _images.Values.Sum(counts => (long)counts.Confirms + counts.Disconfirms) != votes) throw new InvalidOperationException("the floor lost votes");
    }
}
