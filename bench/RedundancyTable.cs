using BulkQA.Core;

namespace BulkQA.Bench;

/// <summary>
/// What asking further workers about images in doubt alone saves, and what it costs: pools of workers whose accuracies are drawn, images of whose labels so many are
/// wrong, and the rules that jobs decide by. Beside as many workers for every image.
/// </summary>
internal static class RedundancyTable
{
    private const int Workers = 40;
    private const int Pools = 10;
    private const double Level = 0.95;

    private static readonly (int From, int To)[] _plans = [(3, 3), (5, 5), (7, 7), (2, 5), (3, 5), (2, 7), (3, 7), (4, 7)];
    private static readonly (int From, int To)[] _weighted = [(3, 3), (5, 5), (7, 7), (2, 5), (3, 5), (2, 7), (3, 7)];

    public static int Run(int images)
    {
        Console.WriteLine($"{Pools} pools of {Workers} workers, {images:N0} images each; error: verdicts that are wrong, and images without one, of all images");
        foreach (var method in (ReliabilityMethod[])[ReliabilityMethod.OneCoin, ReliabilityMethod.TwoCoin])
        {
            foreach (var isWeighted in (bool[])[false, true])
            {
                Console.WriteLine();
                Console.WriteLine($"{(isWeighted ? $"weighted({Level}), by a model of the first answers" : "majority")}; {(method == ReliabilityMethod.OneCoin ? "every worker 65 to 98 % right" : "workers confirm 65 to 98 % of right labels, catch as many of wrong ones, and one says nothing of the other")}");
                Console.WriteLine();
                Console.WriteLine("| workers | labels wrong 5 %: votes | wrong % | undecided % | 10 %: votes | wrong % | undecided % | 30 %: votes | wrong % | undecided % |");
                Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
                foreach (var plan in isWeighted ? _weighted : _plans)
                {
                    var cells = ((double[])[0.05, 0.1, 0.3]).Select(wrong => Measure(method, isWeighted, wrong, plan, images)).Select(found =>
                        FormattableString.Invariant($"{found.Votes:F2} | {found.Wrong:F2} | {found.Undecided:F2}"));
                    Console.WriteLine($"| {(plan.From == plan.To ? $"{plan.To}" : $"{plan.From} to {plan.To}")} | {string.Join(" | ", cells)} |");
                }
            }
        }
        return 0;
    }

    private static (double Votes, double Wrong, double Undecided) Measure(ReliabilityMethod method, bool isWeighted, double wrong, (int From, int To) plan, int images)
    {
        var (votes, errors, undecided) = (0L, 0L, 0L);
        for (var pool = 0; pool < Pools; pool++)
        {
            // The same pools, images and votes for every plan.
            var crowd = new Crowd(new Random(pool), method, wrong, images);
            var rules = isWeighted ? new VerdictRules(0, VerdictPolicy.Weighted(Level), model: crowd.Estimate(plan.From)) : new VerdictRules(0, VerdictPolicy.Majority);
            WorkerWeight[] weights = [.. crowd.Names.Select(rules.WeightOf)];
            var doubt = plan.From == plan.To ? null : new DoubtRule(plan.From, plan.To);
            for (var image = 0; image < images; image++)
            {
                var counts = default(VoteCounts);
                for (var given = 0; given < plan.From || doubt?.IsInDoubt(counts, rules) is true; given++)
                {
                    var (worker, disconfirms) = crowd.VoteOn(image, given);
                    counts = counts.Add(disconfirms ? AnswerKind.Disconfirm : AnswerKind.Confirm, weights[worker]);
                }
                votes += counts.Votes;
                var verdict = rules.Decide(counts);
                if (verdict is Verdict.Split or Verdict.Unreviewed) undecided++;
                else if (verdict == Verdict.Confirmed == crowd.IsWrong(image)) errors++;
            }
        }
        var all = (double)Pools * images;
        return (votes / all, 100 * errors / all, 100 * undecided / all);
    }

    /// <summary>Workers, images, and what the first <see cref="JobSettings.MaxWorkersPerTaskLimit"/> workers who are asked say of each.</summary>
    private sealed class Crowd
    {
        private const int Most = JobSettings.MaxWorkersPerTaskLimit;

        private readonly bool[] _isWrong;
        private readonly (int Worker, bool Disconfirms)[] _votes;
        private readonly ReliabilityMethod _method;

        public Crowd(Random random, ReliabilityMethod method, double wrong, int images)
        {
            _method = method;
            var coins = Enumerable.Range(0, Workers).Select(_ =>
            {
                var accuracy = Draw();
                return new WorkerCoins(accuracy, method == ReliabilityMethod.OneCoin ? accuracy : Draw());
            }).ToArray();
            (_isWrong, _votes) = (new bool[images], new (int, bool)[images * Most]);
            var order = Enumerable.Range(0, Workers).ToArray();
            for (var image = 0; image < images; image++)
            {
                _isWrong[image] = random.NextDouble() < wrong;
                random.Shuffle(order);
                for (var given = 0; given < Most; given++)
                {
                    var isRight = random.NextDouble() < (_isWrong[image] ? coins[order[given]].CatchesWrong : coins[order[given]].ConfirmsRight);
                    _votes[(image * Most) + given] = (order[given], _isWrong[image] == isRight);
                }
            }

            double Draw() => 0.65 + (0.33 * random.NextDouble());
        }

        public IReadOnlyList<WorkerId> Names { get; } = [.. Enumerable.Range(0, Workers).Select(number => WorkerId.Create($"w{number}"))];

        public bool IsWrong(int image) => _isWrong[image];

        public (int Worker, bool Disconfirms) VoteOn(int image, int given) => _votes[(image * Most) + given];

        /// <summary>A model of the workers, by the first so many votes on each image.</summary>
        public ReliabilityModel Estimate(int given)
        {
            var builder = new VoteBlockBuilder([.. Names.Select(name => HoldOut.KeyOf(name.Value))]);
            for (var image = 0; image < _isWrong.Length; image++) builder.Add(HoldOut.KeyOf($"{image}"), _votes.AsSpan(image * Most, given));
            var block = builder.Build();
            var estimate = ReliabilityEstimator.RunAsync(new ReliabilitySettings { Method = _method }, Workers, null, parameters => Task.FromResult(parameters is null ? block.ExpectByMajority() : block.Expect(parameters)), CancellationToken.None).GetAwaiter().GetResult();
            return new ReliabilityModel(1, [.. Names], estimate.Parameters);
        }
    }
}
