using System.Collections.Immutable;
using System.Text;
using BulkQA.Core;

namespace BulkQA.Lambdas;

/// <summary>
/// Called when workers have answered: matches each answer with its images, forwards the answers to the queue and,
/// once the queue has them all, answers Ground Truth. Repeating a call is harmless: the same payload gives the same messages,
/// stamped with the same time.
/// </summary>
internal sealed class PostLabelingFunction(ObjectReader objects, AnswerSender sender)
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
        Log.Info("answers forwarded", invocation.RequestId, ("job", request.Job.Value), ("objects", $"{tasks.Length}"));
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
            var answers = new List<ImageAnswer[]>();
            foreach (var annotation in task.Annotations)
            {
                try
                {
                    answers.Add(await AnswersAsync(annotation, images, cancellation));
                }
                catch (BadInputException e)
                {
                    problems.Add($"worker '{annotation.WorkerId}': {e.Message}");
                }
            }
            var policy = TaskPolicy.Of(images, out var unfollowed);
            if (unfollowed is not null) problems.Add(unfollowed);
            var sets = images.Select((_, index) => AnswerSet.Of(answers.Select(each => each[index]))).ToImmutableArray();
            var consolidated = images.Zip(sets, (image, set) => new ConsolidatedImage(image, set)).ToImmutableArray();
            return new ResolvedTask(
                answers.Count == 0 || sets.IsEmpty ? [] : [.. Message(consolidated, place).WriteParts()],
                new ConsolidatedAnnotation(task.DatasetObjectId, policy, consolidated, problems.ToImmutable()));
        }
        catch (BadInputException e)
        {
            problems.Add(e.Message);
            return new ResolvedTask([], new ConsolidatedAnnotation(task.DatasetObjectId, null, [], problems.ToImmutable()));
        }
    }

    /// <summary>The answers by task where the inputs are of BulkQA's making, by image otherwise.</summary>
    /// <exception cref="BadInputException">An image's URL or label can't be one.</exception>
    private AnswersMessage Message(ImmutableArray<ConsolidatedImage> images, (Incarnation Incarnation, TaskNumber Task)? place)
    {
        var byImage = images.Select(image => new MessageImage(
            ImageUrl.Create(image.Image.ImageUrl), Label.Create(image.Image.Label),
            [.. image.Answers.Answers.Select(answer => KeyValuePair.Create(answer.Worker, answer.Kind))])).ToImmutableArray();
        return place is { } own && CanBeOurs(byImage)
            ? AnswersMessage.Of(own.Incarnation, own.Task, at, ByWorker(images))
            : AnswersMessage.Of(place?.Incarnation.Job ?? request.Job.Job, place?.Incarnation, at, byImage);
    }

    /// <summary>Whether BulkQA makes such tasks. If not, somebody else wrote inputs in its place, and an index tells nothing.</summary>
    private static bool CanBeOurs(ImmutableArray<MessageImage> images) =>
        images.Length <= TaskContent.MaxImages && images.All(image => image.Label == images[0].Label);

    /// <summary>Each answer is whole, so that every image has the same workers in the same order.</summary>
    private static ImmutableArray<MessageWorker> ByWorker(ImmutableArray<ConsolidatedImage> images)
    {
        var start = LabelingInput.StartOf(images.Select(image => image.Image));
        return [.. images[0].Answers.Answers.Select((answer, index) =>
            new MessageWorker(answer.Worker, TaskAnswers.Of(images.Select(image => image.Answers.Answers[index].Kind)), start))];
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

    /// <summary>A worker's answer to each image, in the images' order.</summary>
    private async Task<ImageAnswer[]> AnswersAsync(
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
        if (Answers.Parse(content, [.. images.Select(image => image.Label)], out var problems) is not { } kinds)
            throw new BadInputException(string.Join("; ", problems));
        return [.. kinds.Select(kind => new ImageAnswer(worker, kind, at))];
    }
}
