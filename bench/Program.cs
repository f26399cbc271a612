using BulkQA.Bench;

// One table a run; bench/README.md has them with what came out.
return args switch
{
    ["ingest", ..] => await IngestTable.RunAsync(Arguments.Number(args, 1, 100_000)),
    ["cluster", ..] => await ClusterTable.RunAsync(Arguments.Number(args, 1, 5_000)),
    ["growth", ..] => await GrowthTable.RunAsync(Arguments.Number(args, 1, 1_000_000)),
    ["reads", ..] => await ReadsTable.RunAsync(Arguments.Number(args, 1, 100_000)),
    ["jobs", ..] => await JobsTable.RunAsync(Arguments.Number(args, 1, 1_000)),
    ["reach", ..] => await ReachTable.RunAsync(Arguments.Number(args, 1, 1_000_000)),
    ["scale-out", ..] => await ScaleOutTable.RunAsync(Arguments.Number(args, 1, 5_000)),
    ["statistics", ..] => await StatisticsTable.RunAsync(Arguments.Number(args, 1, 1_000_000)),
    ["decisions", ..] => DecisionsTable.Run(Arguments.Number(args, 1, 10_000)),
    ["redundancy", ..] => RedundancyTable.Run(Arguments.Number(args, 1, 5_000)),
    ["workforce", ..] => await WorkforceTable.RunAsync(Arguments.Number(args, 1, 500)),
    ["people", ..] => await PeopleTable.RunAsync(Arguments.Number(args, 1, 1_000_000)),
    ["consoles", ..] => await ConsolesTable.RunAsync(Arguments.Number(args, 1, 200)),
    ["reliability", ..] => await ReliabilityTable.RunAsync(Arguments.Number(args, 1, 1_000_000), args.Length > 2 ? args[2] : null),
    _ => Arguments.Refuse(),
};
