using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace BulkQA.Core;

/// <summary>One task of a <see cref="PartitionFold"/>: its images' confidences, and every worker's answers in half a byte each.</summary>
internal sealed class FoldedTask(double[] confidences, ImmutableArray<GoldMark> gold = default)
{
    public readonly double[] Confidences = confidences;

    /// <summary>Those of its images that are gold, in their order; most tasks have none.</summary>
    public ImmutableArray<GoldMark> Gold = gold.IsDefaultOrEmpty ? [] : gold;

    /// <summary>In the order in which they came. What they answered is in <see cref="_kinds"/>.</summary>
    private FoldedWorker[] _workers = [];

    /// <summary>By worker, <see cref="Stride"/> bytes each: the answers to two images a byte, the even one in the lower half.</summary>
    private byte[] _kinds = [];

    /// <summary>Laid out as <see cref="_kinds"/>: of a worker's votes on an image, which kinds do not stand any more; empty as long as all do.</summary>
    private byte[] _replaced = [];

    /// <summary>The versions of its images as the fold numbers them from 1, 0 for none: one for all of them, or one an image; empty for none at all.</summary>
    private byte[] _versions = [];

    /// <summary>By worker: when it first answered those images that it answered at different times; null where nobody did.</summary>
    private (byte Image, long Time)[]?[]? _firsts;

    /// <summary>Images with as many answers as the job asks workers for.</summary>
    public int ImagesDone;

    /// <summary>Workers whose votes count who answered every image.</summary>
    public int Whole;

    public bool IsDone => ImagesDone == Confidences.Length;

    public ReadOnlySpan<FoldedWorker> Workers => _workers;

    private int Stride => (Confidences.Length + 1) / 2;

    /// <summary>Where a worker is among <see cref="Workers"/>; -1 where it isn't.</summary>
    public int Find(int worker)
    {
        for (var at = 0; at < _workers.Length; at++)
            if (_workers[at].Worker == worker) return at;
        return -1;
    }

    /// <summary>Takes a worker in who is not there.</summary>
    /// <returns>Where it is.</returns>
    public int Add(int worker)
    {
        var at = _workers.Length;
        Array.Resize(ref _workers, at + 1);
        Array.Resize(ref _kinds, (at + 1) * Stride);
        if (_replaced.Length > 0) Array.Resize(ref _replaced, _kinds.Length);
        if (_firsts is not null) Array.Resize(ref _firsts, at + 1);
        _workers[at].Worker = worker;
        return at;
    }

    public AnswerKind KindOf(int at, int image) => (AnswerKind)HalfOf(_kinds, at, image);

    /// <summary>Whether a worker's vote on an image came in place of an earlier vote of the same worker.</summary>
    public bool IsRepeated(int at, int image) => _replaced.Length > 0 && KindOf(at, image) >= AnswerKind.Confirm && HalfOf(_replaced, at, image) != 0;

    /// <summary>Whether a worker's vote on an image came in place of the opposite one.</summary>
    public bool IsContradicted(int at, int image) =>
        IsRepeated(at, image) && (HalfOf(_replaced, at, image) & BitOf(KindOf(at, image) == AnswerKind.Confirm ? AnswerKind.Disconfirm : AnswerKind.Confirm)) != 0;

    /// <summary>When a worker gave the answer to an image that has one.</summary>
    public long TimeOf(int at, int image) => _workers[at].Times is { } times ? times[image] : _workers[at].At;

    /// <summary>When a worker first answered an image that has an answer: the earliest time that is known; 0 where none is.</summary>
    public long FirstTimeOf(int at, int image)
    {
        if (_firsts?[at] is { } firsts)
            foreach (var first in firsts)
                if (first.Image == image) return first.Time;
        return TimeOf(at, image);
    }

    /// <summary>Whether anybody answered an image at different times.</summary>
    public bool HasFirsts => _firsts is not null;

    /// <summary>When a worker gave the last of the answers that it gave to all images.</summary>
    public long LastTimeOf(int at)
    {
        if (_workers[at].Times is not { } times) return _workers[at].At;
        var last = 0L;
        foreach (var time in times) last = Math.Max(last, time);
        return last;
    }

    /// <summary>The known answer of an image; null where its label is to be judged.</summary>
    public GoldAnswer? GoldOf(int image)
    {
        foreach (var mark in Gold)
            if (mark.Image == image) return mark.Answer;
        return null;
    }

    public bool IsGold(int image) => !Gold.IsEmpty && GoldOf(image) is not null;

    public bool IsWhole(int at) => _workers[at].Answered == Confidences.Length;

    public void SetVersions(byte[] versions) => _versions = versions;

    /// <summary>Whether any of its images may be of a version.</summary>
    public bool HasVersions => _versions.Length > 0;

    /// <summary>The version of an image as the fold numbers them from 1; 0 for none.</summary>
    public int VersionOf(int image) => _versions.Length switch { 0 => 0, 1 => _versions[0], _ => _versions[image] };

    /// <summary>When the last of the votes on an image that count was given, but for one worker's.</summary>
    /// <param name="image">Its index.</param>
    /// <param name="weights">By worker of the fold.</param>
    /// <param name="without">The worker's place; -1 for nobody's.</param>
    public long LastVoteOn(int image, ReadOnlySpan<WorkerWeight> weights, int without)
    {
        var last = 0L;
        for (var at = 0; at < _workers.Length; at++)
            if (at != without && KindOf(at, image) >= AnswerKind.Confirm && weights[_workers[at].Worker].IsCounted) last = Math.Max(last, TimeOf(at, image));
        return last;
    }

    /// <summary>When a worker voted on an image; 0 where it did not.</summary>
    public long VoteTimeOf(int at, int image) => KindOf(at, image) >= AnswerKind.Confirm ? TimeOf(at, image) : 0;

    /// <summary>Whether a worker's answer takes the place of the one it has, as <see cref="ImageAnswer.Replaces"/> says.</summary>
    public bool IsReplaced(int at, int image, AnswerKind kind, long time)
    {
        var held = KindOf(at, image);
        if (kind == AnswerKind.None || held == AnswerKind.None) return kind != AnswerKind.None;
        var heldAt = TimeOf(at, image);
        return time != heldAt ? time > heldAt : kind > held;
    }

    public void Set(int at, int image, AnswerKind kind, long time)
    {
        ref var worker = ref _workers[at];
        if (worker.Answered == 0) worker.At = time;
        if (worker.Times is null && time != worker.At)
        {
            worker.Times = new long[Confidences.Length];
            Array.Fill(worker.Times, worker.At);
        }
        if (worker.Times is not null) worker.Times[image] = time;
        if (KindOf(at, image) == AnswerKind.None) worker.Answered++;
        SetHalf(_kinds, at, image, (int)kind);
    }

    /// <summary>
    /// Notes which of two votes on an image does not stand: the one the worker has, or another that has come. The same votes leave the same,
    /// in any order and however often they come.
    /// </summary>
    public void NoteReplaced(int at, int image, AnswerKind kind, long time)
    {
        var held = KindOf(at, image);
        if (held == AnswerKind.None || kind == AnswerKind.None || (held == kind && TimeOf(at, image) == time)) return;
        var replaced = IsReplaced(at, image, kind, time) ? held : kind;
        if (replaced < AnswerKind.Confirm) return;
        if (_replaced.Length == 0) _replaced = new byte[_kinds.Length];
        SetHalf(_replaced, at, image, HalfOf(_replaced, at, image) | BitOf(replaced));
    }

    /// <summary>Notes when a worker first answered an image to which it gives one more answer, before that one is taken over. The same answers leave the same, in any order.</summary>
    public void NoteFirst(int at, int image, AnswerKind kind, long time)
    {
        if (kind == AnswerKind.None || KindOf(at, image) == AnswerKind.None) return;
        var before = FirstTimeOf(at, image);
        var first = before == 0 || time == 0 ? Math.Max(before, time) : Math.Min(before, time);
        var known = _firsts?[at] ?? [];
        var place = Array.FindIndex(known, noted => noted.Image == image);
        if (place < 0)
        {
            if (first == (IsReplaced(at, image, kind, time) ? time : TimeOf(at, image))) return;
            place = known.Length;
            Array.Resize(ref known, place + 1);
        }
        known[place] = ((byte)image, first);
        (_firsts ??= new (byte, long)[_workers.Length][])[at] = known;
    }

    /// <summary>Notes how a worker came to a submission. Of several, what does not depend on the order in which they come.</summary>
    public void Note(int at, Submission submission)
    {
        ref var worker = ref _workers[at];
        if (submission.Taken is { } taken) worker.Taken = Math.Max(worker.Taken, (float)taken.TotalSeconds);
        if (submission.Start != BoxesAtStart.Unknown) worker.Start = worker.Start is BoxesAtStart.Unknown || worker.Start == submission.Start ? submission.Start : FoldedWorker.Mixed;
    }

    /// <summary>Whether a submission says that the worker took longer than is known: such as one that was stored before anybody knew its time.</summary>
    public bool LacksTime(int at, Submission submission) => submission.Taken is { } taken && (float)taken.TotalSeconds > _workers[at].Taken;

    /// <summary>Notes that a worker submitted once more. Forgets the times of its answers where they are all the same again.</summary>
    public void CountSubmission(int at)
    {
        ref var worker = ref _workers[at];
        if (worker.Submissions < ushort.MaxValue) worker.Submissions++;
        if (worker.Times is null) return;
        long? same = null;
        for (var image = 0; image < worker.Times.Length; image++)
        {
            if (KindOf(at, image) == AnswerKind.None) continue;
            if (same is { } time && time != worker.Times[image]) return;
            same = worker.Times[image];
        }
        (worker.At, worker.Times) = (same ?? 0, null);
    }

    /// <param name="image">Its index.</param>
    /// <param name="weights">By worker of the fold.</param>
    public VoteCounts Count(int image, ReadOnlySpan<WorkerWeight> weights)
    {
        var (confirms, disconfirms, notSeen, answered, logOdds) = (0, 0, 0, 0, 0L);
        for (var at = 0; at < _workers.Length; at++)
        {
            var weight = weights[_workers[at].Worker];
            if (!weight.IsCounted) continue;
            var kind = KindOf(at, image);
            answered += kind != AnswerKind.None ? 1 : 0;
            notSeen += kind == AnswerKind.NotSeen ? 1 : 0;
            if (kind == AnswerKind.Confirm) (confirms, logOdds) = (confirms + 1, logOdds + weight.Confirm);
            else if (kind == AnswerKind.Disconfirm) (disconfirms, logOdds) = (disconfirms + 1, logOdds + weight.Disconfirm);
        }
        return new(confirms, disconfirms, notSeen, answered, logOdds);
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(Confidences.Length);
        writer.Write(MemoryMarshal.AsBytes(Confidences.AsSpan()));
        writer.Write(_workers.Length);
        foreach (var worker in _workers)
        {
            writer.Write(worker.Worker);
            writer.Write(worker.Submissions);
            writer.Write(worker.Answered);
            writer.Write(worker.At);
            writer.Write(worker.Times is not null);
            writer.Write(MemoryMarshal.AsBytes(worker.Times.AsSpan()));
        }
        writer.Write(_kinds);
    }

    public void WriteCircumstances(BinaryWriter writer)
    {
        foreach (var worker in _workers)
        {
            writer.Write(worker.Taken);
            writer.Write((byte)worker.Start);
        }
    }

    public void ReadCircumstances(BinaryReader reader)
    {
        foreach (ref var worker in _workers.AsSpan()) (worker.Taken, worker.Start) = (reader.ReadSingle(), (BoxesAtStart)reader.ReadByte());
    }

    public void WriteReplaced(BinaryWriter writer)
    {
        writer.Write(_replaced.Length > 0);
        writer.Write(_replaced);
    }

    public void ReadReplaced(BinaryReader reader)
    {
        if (!reader.ReadBoolean()) return;
        _replaced = new byte[_kinds.Length];
        reader.BaseStream.ReadExactly(_replaced);
    }

    public void WriteFirsts(BinaryWriter writer)
    {
        for (var at = 0; at < _workers.Length; at++)
        {
            var firsts = _firsts?[at] ?? [];
            writer.Write(firsts.Length);
            foreach (var (image, time) in firsts)
            {
                writer.Write(image);
                writer.Write(time);
            }
        }
    }

    public void ReadFirsts(BinaryReader reader)
    {
        _firsts = new (byte, long)[_workers.Length][];
        for (var at = 0; at < _workers.Length; at++)
        {
            if (reader.ReadInt32() is not (> 0 and var count)) continue;
            _firsts[at] = new (byte, long)[count];
            foreach (ref var first in _firsts[at].AsSpan()) first = (reader.ReadByte(), reader.ReadInt64());
        }
    }

    public static FoldedTask Read(BinaryReader reader)
    {
        var confidences = new double[reader.ReadInt32()];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(confidences.AsSpan()));
        var task = new FoldedTask(confidences) { _workers = new FoldedWorker[reader.ReadInt32()] };
        foreach (ref var worker in task._workers.AsSpan())
        {
            worker = new FoldedWorker { Worker = reader.ReadInt32(), Submissions = reader.ReadUInt16(), Answered = reader.ReadUInt16(), At = reader.ReadInt64() };
            if (reader.ReadBoolean()) worker.Times = new long[confidences.Length];
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(worker.Times.AsSpan()));
        }
        task._kinds = new byte[task._workers.Length * task.Stride];
        reader.BaseStream.ReadExactly(task._kinds);
        return task;
    }

    private int HalfOf(byte[] halves, int at, int image) => (halves[(at * Stride) + (image >> 1)] >> ((image & 1) * 4)) & 0xF;

    private void SetHalf(byte[] halves, int at, int image, int half)
    {
        ref var pair = ref halves[(at * Stride) + (image >> 1)];
        var shift = (image & 1) * 4;
        pair = (byte)((pair & ~(0xF << shift)) | (half << shift));
    }

    private static int BitOf(AnswerKind vote) => vote == AnswerKind.Confirm ? 1 : 2;
}

/// <summary>A worker at a task: one time for all of its answers as long as it is the same.</summary>
internal struct FoldedWorker
{
    /// <summary>Its index in the fold.</summary>
    public int Worker;

    /// <summary>As many as were not held already when they came.</summary>
    public ushort Submissions;

    /// <summary>Images that have an answer.</summary>
    public ushort Answered;

    /// <summary>Of all answers, where there are no <see cref="Times"/>.</summary>
    public long At;

    /// <summary>By image; null where they are all the same.</summary>
    public long[]? Times;

    /// <summary>The most seconds that one of its submissions took; 0 where nobody measured.</summary>
    public float Taken;

    /// <summary>How the boxes were at first; <see cref="Mixed"/> where its submissions differ.</summary>
    public BoxesAtStart Start;

    public const BoxesAtStart Mixed = (BoxesAtStart)byte.MaxValue;
}
