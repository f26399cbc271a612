using System.Collections.Immutable;
using System.Text;
using BulkQA.Core;

namespace BulkQA.Lambdas;

/// <summary>
/// Called when workers have answered: resolves each answer to its images, forwards the votes to the queue and, once the
/// queue has them all, answers Ground Truth. Repeating a call is harmless: the same payload gives the same messages,
/// stamped with the same time.
/// </summary>
internal sealed class PostLabelingFunction(ObjectReader objects, VoteSender sender)
{
    private const int MaxConcurrentObjects = 8;

    public async Task<byte[]> InvokeAsync(Invocation invocation, CancellationToken cancellation)
    {
        var request = PostLabelingRequest.Parse(invocation.Event);
        var payload = await objects.ReadAsync(request.PayloadUri, request.RoleArn, cancellation);
        var (tasks, problems) = Payload.Parse(payload.Content);
        foreach (var problem in problems) Log.Warning("an object of the payload can't be answered", invocation.RequestId, ("problem", problem));
        // When the payload was written, not now: the same on every repetition of the call, and no clock of ours.
        var at = SubmissionTime.From(payload.WrittenAt);
        var resolver = new AnswerResolver(objects, request, at);
        var resolved = new ResolvedTask[tasks.Length];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, tasks.Length),
            new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrentObjects, CancellationToken = cancellation },
            async (index, token) => resolved[index] = await resolver.ResolveAsync(tasks[index], token));
        await sender.SendAsync(resolved.SelectMany(task => task.Messages), cancellation);
        foreach (var task in resolved)
            foreach (var problem in task.Annotation.Problems)
                Log.Warning("part of an object does not count", invocation.RequestId,
                    ("job", request.Job.Value), ("datasetObjectId", task.Annotation.DatasetObjectId), ("problem", problem));
        Log.Info("votes forwarded", invocation.RequestId, ("job", request.Job.Value), ("objects", $"{tasks.Length}"));
        return ConsolidatedAnnotation.Response(request.LabelAttribute, resolved.Select(task => task.Annotation));
    }
}

/// <summary>A task as it goes to the queue, in as many messages as its size takes, and as it is answered.</summary>
internal sealed record ResolvedTask(ImmutableArray<byte[]> Messages, ConsolidatedAnnotation Annotation);

/// <summary>Matches the answers of a task's workers with its images, by index and label.</summary>
internal sealed class AnswerResolver(ObjectReader objects, PostLabelingRequest request, SubmissionTime at)
{
    /// <summary>What can't be read is a problem of this task alone; trouble of S3 is not and fails the call.</summary>
    public async Task<ResolvedTask> ResolveAsync(PayloadObject task, CancellationToken cancellation)
    {
        var problems = task.Problems.ToBuilder();
        try
        {
            var (images, place) = await InputsAsync(task, cancellation);
            var votes = new List<(Vote Vote, int Image)>();
            foreach (var annotation in task.Annotations)
            {
                try
                {
                    votes.AddRange(await VotesAsync(annotation, images, cancellation));
                }
                catch (BadInputException e)
                {
                    problems.Add($"worker '{annotation.WorkerId}': {e.Message}");
                }
            }
            var policy = TaskPolicy.Of(images, out var unfollowed);
            if (unfollowed is not null) problems.Add(unfollowed);
            var consolidated = new ConsolidatedAnnotation(task.DatasetObjectId, policy, [], problems.ToImmutable());
            return Resolve(consolidated, images, place, votes.ToLookup(vote => vote.Image, vote => vote.Vote));
        }
        catch (BadInputException e)
        {
            problems.Add(e.Message);
            return new ResolvedTask([], new ConsolidatedAnnotation(task.DatasetObjectId, null, [], problems.ToImmutable()));
        }
    }

    private ResolvedTask Resolve(
        ConsolidatedAnnotation annotation, IReadOnlyList<LabelingInput> inputs, (Incarnation Incarnation, TaskNumber Task)? place,
        ILookup<int, Vote> votes)
    {
        var sets = Enumerable.Range(0, inputs.Count).Select(index => VoteSet.Of(votes[index])).ToList();
        annotation = annotation with { Images = [.. inputs.Zip(sets, (input, set) => new ConsolidatedImage(input, set))] };
        if (votes.Count == 0) return new ResolvedTask([], annotation);
        var images = inputs.Zip(sets, (input, set) => new MessageImage(
            ImageUrl.Create(input.ImageUrl), Label.Create(input.Label),
            Percent.TryParse(input.Confidence, out var confidence) ? confidence : null,
            [.. set.Votes.Select(vote => KeyValuePair.Create(vote.Worker, vote.Confirmed))]));
        var message = new TaskVotesMessage(place?.Incarnation.Job ?? request.Job.Job, place?.Incarnation, place?.Task, at, [.. images]);
        return new ResolvedTask([.. message.WriteParts()], annotation);
    }

    /// <summary>The task's images and, where BulkQA made the inputs, whose task it is.</summary>
    private async Task<(IReadOnlyList<LabelingInput> Images, (Incarnation, TaskNumber)? Place)> InputsAsync(
        PayloadObject task, CancellationToken cancellation)
    {
        var uri = task.DataUri;
        if (uri is null)
        {
            var content = task.DataContent ?? throw new BadInputException("the object has no inputs");
            // Some senders wrap the manifest's line where others give its content.
            if (!content.TrimStart().StartsWith('{')) return (LabelingInput.ReadArray(Encoding.UTF8.GetBytes(content)), null);
            uri = Manifest.SourceRefOf(content);
        }
        if (!ObjectUri.TryParse(uri, out var place)) throw new BadInputException($"dataObject: '{uri}' is not of the form s3://bucket/key");
        var inputs = await objects.ReadAsync(place, request.RoleArn, cancellation);
        return (LabelingInput.ReadArray(inputs.Content), Manifest.TaskOf(place));
    }

    private async Task<IEnumerable<(Vote, int)>> VotesAsync(
        PayloadAnnotation annotation, IReadOnlyList<LabelingInput> images, CancellationToken cancellation)
    {
        var worker = WorkerId.Create(annotation.WorkerId);
        var content = annotation.Content;
        if (content is null)
        {
            if (!ObjectUri.TryParse(annotation.ContentUri, out var uri))
                throw new BadInputException($"annotationData: '{annotation.ContentUri}' is not of the form s3://bucket/key");
            content = Encoding.UTF8.GetString((await objects.ReadAsync(uri, request.RoleArn, cancellation)).Content);
        }
        if (Answers.Parse(content, [.. images.Select(image => image.Label)], out var problems) is not { } confirmed)
            throw new BadInputException(string.Join("; ", problems));
        return confirmed.Select((value, index) => (new Vote(worker, value, at), index));
    }
}
