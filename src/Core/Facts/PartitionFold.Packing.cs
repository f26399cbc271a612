namespace BulkQA.Core;

/// <content>Comparing a fold with another, and sending it to another process.</content>
public sealed partial class PartitionFold
{
    /// <summary>In what this differs from another fold of the same partition; empty where both are the same.</summary>
    public IEnumerable<string> DifferencesFrom(PartitionFold other)
    {
        var others = other.TallyWorkers();
        foreach (var (number, task) in other._tasks)
            if (!_tasks.TryGetValue(number, out var own)) yield return $"task {number} is missing";
            else if (!own.Confidences.AsSpan().SequenceEqual(task.Confidences)) yield return $"task {number} has other confidences";
            else if (!own.Gold.SequenceEqual(task.Gold)) yield return $"task {number} has other gold";
            else if (KnowsVersions && other.KnowsVersions && !VersionsOf(own).Equals(other.VersionsOf(task))) yield return $"task {number} has other model versions";
            else
                for (var image = 0; image < task.Confidences.Length; image++)
                {
                    var key = new TaskNumber(number);
                    if (!AnswersOf(key, image).Answers.AsSpan().SequenceEqual(other.AnswersOf(key, image).Answers.AsSpan()))
                        yield return $"image {image} of task {number} has other answers";
                    else if (KnowsFirsts && other.KnowsFirsts && (own.HasFirsts || task.HasFirsts) && !FirstsOf(own, image).SequenceEqual(other.FirstsOf(task, image)))
                        yield return $"image {image} of task {number} has the same answers, first given at other times";
                    if (LastAdjudicationOf(key, image) != other.LastAdjudicationOf(key, image)) yield return $"image {image} of task {number} has another adjudication";
                }
        foreach (var (worker, tally) in _workers.Zip(TallyWorkers()))
            if (other._indexOf.TryGetValue(worker, out var index) && index < others.Length && (tally.Ticked, tally.Unticked, tally.TimedImages) is var own
                && own != (others[index].Ticked, others[index].Unticked, others[index].TimedImages))
                yield return $"worker {worker} has other times or starting states";
            else if (_knowsReplaced && other._knowsReplaced && other._indexOf.TryGetValue(worker, out index) && index < others.Length
                && (tally.Repeats, tally.Contradictions) != (others[index].Repeats, others[index].Contradictions))
                yield return $"worker {worker} has {tally.Repeats} repeats and {tally.Contradictions} contradictions, and should have {others[index].Repeats} and {others[index].Contradictions}";
        foreach (var number in _tasks.Keys.Where(number => !other._tasks.ContainsKey(number))) yield return $"task {number} has no content";
        if (!Tally().Equals(other.Tally())) yield return $"the counters are {Tally()}, and should be {other.Tally()}";
        else if (!_inDoubt.SetEquals(other._inDoubt)) yield return "as many images are in doubt, and others";
        else if (!CountFine(isFinal: false).Equals(other.CountFine(isFinal: false))) yield return "counters agree by bucket, and differ by confidence";
        else if (!CountFine(isFinal: true).Equals(other.CountFine(isFinal: true))) yield return "counters of what is final agree by bucket, and differ by confidence";
        else if (KnowsVersions && other.KnowsVersions && !BreakDown().Equals(other.BreakDown())) yield return "counters agree by bucket, and differ by model version or day";
    }

    /// <summary>Everything but settings and counters, for <see cref="Unpack"/>.</summary>
    public byte[] Pack()
    {
        using var buffer = new MemoryStream(64 + (Images * 24));
        using var writer = new BinaryWriter(buffer);
        writer.Write(_workers.Count);
        foreach (var worker in _workers) writer.Write(worker.Value);
        writer.Write(_tasks.Count);
        foreach (var (number, task) in _tasks)
        {
            writer.Write(number);
            task.Write(writer);
        }
        // What follows, a release before it was there neither writes nor reads.
        foreach (var task in _tasks.Values) task.WriteCircumstances(writer);
        writer.Write(_adjudications.Count);
        foreach (var adjudication in _adjudications.Values) adjudication.Write(writer);
        writer.Write(_tasks.Values.Count(task => !task.Gold.IsEmpty));
        foreach (var (number, task) in _tasks)
        {
            if (GoldMark.Write(task.Gold) is not { } gold) continue;
            writer.Write(number);
            writer.Write(gold);
        }
        // What is not known, because a release before had the answers, is not told on as if it were.
        if (!_knowsReplaced) return buffer.ToArray();
        foreach (var task in _tasks.Values) task.WriteReplaced(writer);
        if (!KnowsVersions) return buffer.ToArray();
        var withVersions = _tasks.Where(task => task.Value.HasVersions).Select(task => (task.Key, Text: VersionsOf(task.Value).Write())).Where(task => task.Text is not null).ToList();
        writer.Write(withVersions.Count);
        foreach (var (number, text) in withVersions)
        {
            writer.Write(number);
            writer.Write(text!);
        }
        if (!KnowsFirsts) return buffer.ToArray();
        writer.Write(_tasks.Values.Count(task => task.HasFirsts));
        foreach (var (number, task) in _tasks.Where(task => task.Value.HasFirsts))
        {
            writer.Write(number);
            task.WriteFirsts(writer);
        }
        return buffer.ToArray();
    }

    /// <summary>The fold that was packed, under a job's settings and rules as they are now.</summary>
    public static PartitionFold Unpack(byte[] packed, JobSettings settings, VerdictRules? rules = null)
    {
        var fold = new PartitionFold(settings, rules);
        using var reader = new BinaryReader(new MemoryStream(packed));
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var worker = WorkerId.Stored(reader.ReadString());
            fold._indexOf[worker] = fold._workers.Count;
            fold.AddWorker(worker);
        }
        var tasks = new Dictionary<int, FoldedTask>();
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var number = reader.ReadInt32();
            tasks[number] = FoldedTask.Read(reader);
        }
        // What a release before did not know of is not there.
        bool IsThere() => reader.BaseStream.Position < packed.Length;
        var adjudications = new List<Adjudication>();
        if (IsThere())
        {
            foreach (var task in tasks.Values) task.ReadCircumstances(reader);
            for (var left = reader.ReadInt32(); left > 0; left--) adjudications.Add(Adjudication.Read(reader));
        }
        for (var left = IsThere() ? reader.ReadInt32() : 0; left > 0; left--)
        {
            var number = reader.ReadInt32();
            tasks[number].Gold = GoldMark.Read(reader.ReadString());
        }
        fold._knowsReplaced = IsThere();
        if (fold._knowsReplaced)
            foreach (var task in tasks.Values) task.ReadReplaced(reader);
        fold.KnowsVersions = IsThere();
        for (var left = fold.KnowsVersions ? reader.ReadInt32() : 0; left > 0; left--)
        {
            var number = reader.ReadInt32();
            fold.SetVersions(tasks[number], TaskVersions.Read(reader.ReadString()));
        }
        fold.KnowsFirsts = IsThere();
        for (var left = fold.KnowsFirsts ? reader.ReadInt32() : 0; left > 0; left--) tasks[reader.ReadInt32()].ReadFirsts(reader);
        foreach (var (number, task) in tasks) fold.Add(number, task);
        foreach (var adjudication in adjudications) fold.Apply(adjudication);
        return fold;
    }

    /// <summary>Takes over a task that comes with its answers.</summary>
    private void Add(int number, FoldedTask task)
    {
        _tasks[number] = task;
        Images += task.Confidences.Length;
        GoldImages += task.Gold.Length;
        Count(number, task);
        for (var at = 0; at < task.Workers.Length; at++)
            if (task.IsWhole(at)) _wholeTasks[task.Workers[at].Worker]++;
    }
}
