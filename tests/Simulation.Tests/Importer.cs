using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;

namespace BulkQA.Simulation.Tests;

/// <summary>
/// Imports images as the API does: into the last partition of their class, and again where a call fails. Now and then it
/// gives up instead, sends a chunk again that was taken, or twice at the same time.
/// </summary>
internal sealed class Importer(IGrainFactory grains, IFactStore facts, JobInfo job, Random random)
{
    private const int MaxChunk = 50;

    /// <summary>As chance has it, but for the order, where that is to be kept.</summary>
    public async Task ImportAsync(IEnumerable<SimulatedImage> images, bool inOrder = false)
    {
        foreach (var group in images.GroupBy(image => image.Label).OrderBy(_ => random.Next()))
        {
            await MakeKnownAsync(group.Key);
            var left = group.Select(image => new CorpusImage(image.Url, image.Confidence)).ToList();
            if (random.Next(3) == 0 && !inOrder) left = [.. left.OrderBy(_ => random.Next())];
            while (left.Count > 0)
            {
                var size = random.Next(1, MaxChunk);
                // A line may come twice.
                List<CorpusImage> lines = [.. left.Take(size), .. left.Take(random.Next(3))];
                left.RemoveRange(0, Math.Min(size, left.Count));
                left.InsertRange(0, await SendAsync(group.Key, new ImportChunk([.. lines], CutRemainder: left.Count == 0 || random.Next(4) == 0)));
            }
        }
    }

    /// <summary>
    /// Gold, before what it is to be mixed into, some of it twice. What this tells of is there to be mixed in, whatever became of the calls.
    /// </summary>
    public async Task ImportGoldAsync(IEnumerable<SimulatedImage> images)
    {
        foreach (var group in images.GroupBy(image => image.Label))
        {
            await MakeKnownAsync(group.Key);
            var address = new ClassAddress(job.Incarnation, group.Key);
            Calls.Require(await Calls.UntilDoneAsync(() => grains.GetGrain<IClassGrain>(address.Key).OpenGoldAsync()), $"gold of {group.Key} was answered as of a deleted job");
            var gold = group.Select(image => new CorpusImage(image.Url, image.Confidence, Gold: new GoldAnswer(image.Gold!.Value))).ToList();
            foreach (var lines in (List<CorpusImage>[])[[.. gold.Take(random.Next(1, gold.Count + 1))], gold])
            {
                var receipt = await Calls.UntilDoneAsync(() => grains.GetGrain<IPartitionGrain>(PartitionAddress.GoldOf(address).Key).ImportAsync(new ImportChunk([.. lines], CutRemainder: true)));
                Calls.Require(receipt.Refusal == ImportRefusal.None && receipt.Outcomes.All(outcome => outcome is ImportOutcome.Accepted or ImportOutcome.Duplicate), $"gold of {group.Key} was answered {receipt.Refusal}, {string.Join(", ", receipt.Outcomes)}");
            }
            var places = await facts.FindAsync(address, [.. gold.Select(image => image.Url)]);
            Calls.Require(places.All(place => place is { Partition: PartitionAddress.GoldNumber }), $"gold of {group.Key} was taken, and has the places [{string.Join(", ", places)}]");
        }
    }

    /// <summary>Without fault and by nobody else at the same time: what has a place keeps it, and what has none gets one.</summary>
    public async Task ImportCleanlyAsync(IEnumerable<SimulatedImage> images)
    {
        foreach (var group in images.GroupBy(image => image.Label))
        {
            var address = new ClassAddress(job.Incarnation, group.Key);
            await MakeKnownAsync(group.Key);
            foreach (var lines in group.Select(image => new CorpusImage(image.Url, image.Confidence)).Chunk(MaxChunk))
            {
                var places = await facts.FindAsync(address, [.. lines.Select(line => line.Url)]);
                var receipt = await Calls.UntilDoneAsync(() => ImportAsync(address, new ImportChunk([.. lines], CutRemainder: true)));
                foreach (var (index, outcome) in receipt.Outcomes.Index())
                    Calls.Require(outcome == ImportOutcome.Duplicate || (outcome == ImportOutcome.Accepted && places[index] is null), $"{lines[index].Url} is {outcome}, and had {places[index]?.ToString() ?? "no place"}");
                await ContradictAsync(address, lines[random.Next(lines.Length)]);
            }
        }
    }

    private async Task MakeKnownAsync(Label label)
    {
        var refused = await Calls.UntilDoneAsync(() => grains.GetGrain<IJobClassesGrain>(job.Incarnation.Value).AddAsync([label]));
        Calls.Require(refused is { IsEmpty: true }, $"class {label} was refused");
    }

    /// <returns>What did not fill a batch.</returns>
    private async Task<IEnumerable<CorpusImage>> SendAsync(Label label, ImportChunk chunk)
    {
        var address = new ClassAddress(job.Incarnation, label);
        switch (random.Next(8))
        {
            case 0:
                // Cut off: nobody sends these again before the end, unless another import has them too.
                if (await Calls.TryAsync(() => ImportAsync(address, chunk)) is { } tried) await CheckAsync(address, chunk, tried, mayBeNew: true);
                return [];
            case 1:
                // The caller took the first call for lost too early.
                await Task.WhenAll(Calls.TryAsync(() => ImportAsync(address, chunk)), Calls.TryAsync(() => ImportAsync(address, chunk)));
                break;
        }
        var receipt = await Calls.UntilDoneAsync(() => ImportAsync(address, chunk));
        await CheckAsync(address, chunk, receipt, mayBeNew: true);
        var left = LeftOf(chunk, receipt);
        if (random.Next(8) == 0)
        {
            var taken = chunk with { Images = [.. chunk.Images.Where(image => !left.Contains(image))] };
            await CheckAsync(address, taken, await Calls.UntilDoneAsync(() => ImportAsync(address, taken)), mayBeNew: false);
        }
        return left;
    }

    private async Task<ImportReceipt> ImportAsync(ClassAddress address, ImportChunk chunk)
    {
        var classGrain = grains.GetGrain<IClassGrain>(address.Key);
        var partitions = await classGrain.CountPartitionsAsync();
        while (true)
        {
            var receipt = await grains.GetGrain<IPartitionGrain>(new PartitionAddress(address, partitions - 1).Key).ImportAsync(chunk);
            if (receipt.Refusal != ImportRefusal.Full) return receipt;
            partitions = await classGrain.OpenAsync(partitions);
        }
    }

    /// <summary>What is acknowledged is stored.</summary>
    private async Task CheckAsync(ClassAddress address, ImportChunk chunk, ImportReceipt receipt, bool mayBeNew)
    {
        Calls.Require(receipt.Refusal == ImportRefusal.None, $"an import was refused: {receipt.Refusal}");
        var places = await facts.FindAsync(address, [.. chunk.Images.Select(image => image.Url)]);
        var left = LeftOf(chunk, receipt);
        foreach (var (index, outcome) in receipt.Outcomes.Index())
        {
            var isRight = outcome switch
            {
                ImportOutcome.Duplicate => places[index] is not null || left.Contains(chunk.Images[index]),
                ImportOutcome.Accepted => places[index] is not null && mayBeNew,
                ImportOutcome.Leftover => !chunk.CutRemainder && mayBeNew,
                _ => false,
            };
            Calls.Require(isRight, $"{chunk.Images[index].Url} is {outcome}{(mayBeNew ? "" : " though it was imported before")}, and has {places[index]?.ToString() ?? "no place"}");
        }
    }

    private static HashSet<CorpusImage> LeftOf(ImportChunk chunk, ImportReceipt receipt) =>
        [.. chunk.Images.Where((_, index) => receipt.Outcomes[index] == ImportOutcome.Leftover)];

    /// <summary>The first confidence stands.</summary>
    private async Task ContradictAsync(ClassAddress address, CorpusImage image)
    {
        var chunk = new ImportChunk([image with { Confidence = Percent.Create(33) }], CutRemainder: true);
        var receipt = await Calls.UntilDoneAsync(() => ImportAsync(address, chunk));
        Calls.Require(receipt.Outcomes is [ImportOutcome.Contradiction] && receipt.Standing is [var standing] && standing == image.Confidence, $"a contradiction to {image.Url} was answered {receipt}");
    }
}
