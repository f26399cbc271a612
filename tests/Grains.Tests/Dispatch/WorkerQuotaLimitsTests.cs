using BulkQA.Core;
using CsCheck;

namespace BulkQA.Grains.Tests;

/// <summary>Whatever a worker takes, lets go, answers late, answers unasked or sends at once: it answers no more than the limits say, and as much.</summary>
public sealed class WorkerQuotaLimitsTests
{
    private static readonly Gen<JobAssignment> _limits = Gen.Select(Gen.Int[1, 12].Nullable(), Gen.Int[1, 5].Nullable(), Gen.Select(Gen.Int[1, 3], Gen.Int[1, 40], (tasks, pause) => new WorkPortion(tasks, pause)).Null())
        .Select((perWorker, perDay, portion) => new JobAssignment { MaxTasksPerWorker = perWorker, MaxTasksPerDay = perDay, Portion = portion }).Where(limits => limits.HasLimits);

    [Fact]
    public void Answers_InWhateverOrder_AreNeverBeyondTheLimitsAndUpToThem() => Gen.Select(_limits, Gen.Select(Gen.Int[0, 9], Gen.Int[0, 1_000]).Array[0, 120]).Sample((limits, steps) =>
    {
        var worker = new Worker(limits);
        foreach (var (kind, value) in steps) worker.Do(kind, value);
    }, iter: 10_000);

    /// <summary>A worker, and the partition, which alone knows what arrived.</summary>
    private sealed class Worker(JobAssignment limits)
    {
        /// <summary>Answers that arrived, by when they were let in, with when their tasks were given: for those that were not held then.</summary>
        private readonly SortedList<DateTimeOffset, DateTimeOffset> _arrived = [];

        private readonly HashSet<int> _answered = [];
        private readonly List<int> _letGo = [];
        private readonly Dictionary<int, (DateTimeOffset Given, DateTimeOffset At)> _underWay = [];
        private WorkerQuota _quota = new();
        private int? _held;
        private DateTimeOffset _now = new(2026, 11, 1, 22, 0, 0, TimeSpan.Zero);
        private int _last;

        public void Do(int kind, int value)
        {
            // Two things never happen at one time, so that it tells answers apart.
            _now += TimeSpan.FromSeconds(1);
            switch (kind)
            {
                case 0 or 1:
                    Ask();
                    break;
                case 2 when _held is { } held:
                    _letGo.Add(held);
                    _held = null;
                    break;
                case 3 or 4 when _held is { } held:
                    // But for one that was sent before and never arrived.
                    Assert.True(_quota.Given.Single(given => given.Task.Value == held).AnsweringSince is not null | LetIn(held, true));
                    break;
                case 5 when _letGo.Count > 0:
                    LetIn(_letGo[value % _letGo.Count], false);
                    break;
                case 6:
                    LetIn(++_last, false);
                    break;
                case 7 when _underWay.Count > 0:
                    Arrive(_underWay.Keys.Order().ElementAt(value % _underWay.Count));
                    break;
                case 8:
                    Pass(TimeSpan.FromSeconds(value % 110), value);
                    break;
                case 9:
                    Pass(TimeSpan.FromMinutes(value % 10 == 0 ? 24 * 60 : value % 45), value);
                    break;
            }
            Check();
        }

        private void Ask()
        {
            Settle();
            if (_held is not null) return;
            var refusal = _quota.RefusalBy(limits, 0, _now);
            if (_quota.CountUnderWay(_now) == 0 && refusal?.Reason != WorkRefusalReason.LetGo) Assert.True(HasRoom() == refusal is null, $"{refusal} {_quota} {string.Join(", ", _arrived)} {_now}");
            if (refusal is not null) return;
            _held = ++_last;
            _quota = _quota.Give(new GivenTask(new TaskNumber(_last), "p", _now), 0);
        }

        private bool LetIn(int task, bool isHeld)
        {
            if (_answered.Contains(task)) return true;
            Settle();
            if (_underWay.Count >= WorkerQuota.MaxUnderWay && !_underWay.ContainsKey(task)) return true;
            var other = _held is { } held && held != task ? new TaskNumber(held) : (TaskNumber?)null;
            _quota = _quota.LetIn(limits, 0, new GivenTask(new TaskNumber(task), "p", _now), isHeld, other, out var refusal);
            if (refusal is not null) return false;
            // Sent again soon it is the answer of before.
            var note = _quota.Given.Single(given => given.Task.Value == task);
            if (!_underWay.ContainsKey(task)) _underWay[task] = (note.At, note.AnsweringSince!.Value);
            return true;
        }

        private void Arrive(int task)
        {
            if (!_underWay.Remove(task, out var answer)) return;
            _answered.Add(task);
            _arrived.Add(answer.At, answer.Given);
            _letGo.Remove(task);
            if (_held == task) _held = null;
        }

        /// <summary>No call takes two minutes: what is under way arrives before, or never.</summary>
        private void Pass(TimeSpan time, int luck)
        {
            if (time > TimeSpan.FromMinutes(2) || _underWay.Values.Any(answer => _now + time - answer.At > TimeSpan.FromMinutes(2)))
                foreach (var task in _underWay.Keys.ToList())
                    if (luck++ % 3 > 0) Arrive(task);
                    else _underWay.Remove(task);
            _now += time;
        }

        private void Settle()
        {
            _quota = _quota.Settle([.. _quota.Given.Select(given => (given, _answered.Contains(given.Task.Value) ? new TaskHold(HoldState.Answered, given.At)
                : _held == given.Task.Value ? new TaskHold(HoldState.Held, _now + TimeSpan.FromMinutes(1)) : new TaskHold(HoldState.Free)))], _now, limits.Portion);
        }

        private void Check()
        {
            Assert.True(_arrived.Count <= (limits.MaxTasksPerWorker ?? int.MaxValue));
            Assert.All(_arrived.Keys.GroupBy(at => at.UtcDateTime.Date), day => Assert.True(day.Count() <= (limits.MaxTasksPerDay ?? int.MaxValue)));
            Assert.All(Sittings(), sitting => Assert.True(sitting.Count <= (limits.Portion?.Tasks ?? int.MaxValue)));
        }

        /// <summary>By what arrived alone.</summary>
        private bool HasRoom() => _arrived.Count < (limits.MaxTasksPerWorker ?? int.MaxValue)
            && _arrived.Keys.Count(at => at.UtcDateTime.Date == _now.UtcDateTime.Date) < (limits.MaxTasksPerDay ?? int.MaxValue)
            && (limits.Portion is not { } portion || Sittings() is not [.., var (count, end)] || count < portion.Tasks || end + portion.Pause <= _now);

        private List<(int Count, DateTimeOffset End)> Sittings()
        {
            var sittings = new List<(int Count, DateTimeOffset End)>();
            foreach (var (at, given) in _arrived)
                if (sittings is [.., var (count, end)] && given - end < limits.Portion?.Pause) sittings[^1] = (count + 1, at);
                else sittings.Add((1, at));
            return sittings;
        }
    }
}
