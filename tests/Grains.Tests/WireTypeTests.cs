using System.Collections.Immutable;
using System.Reflection;
using BulkQA.Core;
using BulkQA.Storage;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace BulkQA.Grains.Tests;

/// <summary>What travels between silos or is stored must stay readable by the next release.</summary>
public sealed class WireTypeTests
{
    private static readonly Assembly[] _assemblies = [typeof(IJobGrain).Assembly, typeof(JobGrain).Assembly, typeof(StorageException).Assembly];

    private static readonly JobName _name = JobName.Create("Crabs");
    private static readonly Incarnation _incarnation = Incarnation.New(_name);
    private static readonly WorkerId _ann = WorkerId.Create("ann 犬");
    private static readonly Submission _submission = new(
        new TaskNumber(7), _ann, new SubmissionTime(long.MaxValue), TaskAnswers.Parse("cdtn-"), AnswerSource.GroundTruth, BoxesAtStart.Ticked, TimeSpan.FromTicks(123_456_789));
    private static readonly GoldAnswer _gold = new(true, new GoldPlace(new TaskNumber(4), 3));
    private static readonly ModelVersion _version = ModelVersion.Create("v 1 犬");
    private static readonly PosteriorSums _posteriors = new(5, 1, 2, 1.25, 0.3, -0.1, [0.5, 0.75]);
    private static readonly ReviewBreakdown _breakdown = new([new VersionTally(_version, [new BucketTally(9, 3, 2, 1)], [new BucketTally(9, 4, 1, 1)])], [new DayTally(new DateOnly(2026, 11, 29), null, new BucketTally(4, 2, 1, 1)), new DayTally(new DateOnly(2026, 11, 29), _version, new BucketTally(2, 1, 1, 0))]);
    private static readonly CorpusImage _image = new(ImageUrl.Create("s3://b/1"), Percent.Create(87.27), new AnonymousVotes(2, 1), _gold, _version);
    private static readonly ImageAnswer _answer = new(_ann, AnswerKind.CantTell, new SubmissionTime(5));
    private static readonly HandedFollowUp _followUp = new(new TaskNumber(5), "1.2 3.4", WorkerId.Create("ann"), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);
    private static readonly ClassTally _tally = new([new BucketTally(9, 3, 2, 1), default], 7, 6, 5, new SubmissionTime(4), 3) { Adjudicated = 1, Final = [new BucketTally(9, 4, 1, 1), default], Done = [new BucketTally(5, 2, 1, 1), default], HeldBack = 2, InDoubt = 4 };
    private static readonly Adjudication _adjudication = new(new TaskNumber(3), 2, new SubmissionTime(6), "lead", Verdict.Disconfirmed, Label.Create("Cat"), "it has whiskers") { AskedAt = new SubmissionTime(5) };
    private static readonly HeldOutScores _heldOut = new(100, -0.3, -0.2, -0.1);
    private static readonly ReliabilitySettings _reliability = new() { Method = ReliabilityMethod.OneCoin, Prior = 0.7, Smoothing = new CoinSmoothing(3, 2), MaxIterations = 9, Tolerance = 1e-5 };
    private static readonly ModelResult _result = new(9, 8, 7, 0.6, -12.5, 5, true, true, _heldOut, TimeSpan.FromSeconds(3), "4-ab");
    private static readonly ModelInfo _model = new(4, _reliability, ModelState.Done, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddHours(1), "why", _result) { IsByItself = true, VotesBefore = 3, BeginsFrom = 2 };
    private static readonly SampleDesign _sample = SampleDesign.OfWidth(7.5, 0.9);
    private static readonly Reestimation _reestimate = new(10_000, ReliabilityMethod.OneCoin);
    private static readonly WorkerTally _worker = new()
    {
        Batches = 1,
        Confirms = 2,
        Disconfirms = 3,
        CantTell = 4,
        NotSeen = 5,
        OthersConfirm = 6,
        ConfirmsWithOthers = 7,
        OthersDisconfirm = 8,
        DisconfirmsWithOthers = 9,
        Ticked = new StartTally(10, 11),
        Unticked = new StartTally(12, 13),
        BatchTimes = DurationCounts.Of([0, 3, 1]),
        TimedImages = 14,
        TimedSeconds = 15.5,
        FirstAt = new SubmissionTime(16),
        LastAt = new SubmissionTime(17),
        Gold = new GoldTally(20, 1, 30, 2),
        Repeats = 18,
        Contradictions = 19,
    };
    private static readonly AgreementCounts _agreement = new(3, 7, 5, 1.5);
    private static readonly FineHistogram _histogram = new([new FineStep(8_727, new ReviewCounts(300, 200, 100)), new FineStep(FineHistogram.MaxStep, new ReviewCounts(1, 1, 0))], new ReviewCounts(3, 2, 1));
    private static readonly SetAsideWorker _setAside = new(_ann, "asleep", "lead", DateTimeOffset.UnixEpoch);
    private static readonly WorkerDecision _decision = new(2, _ann, true, "asleep", "lead", DateTimeOffset.UnixEpoch);
    private static readonly TargetSetting _target = new(3, new JobTarget(0.1, 0.9, TargetScope.ClassAndBucket), "lead", DateTimeOffset.UnixEpoch) { HadBuckets = true };
    private static readonly ClassDecision _decided = new(2, TargetVerdict.Fail, 300, 20, 10, DateTimeOffset.UnixEpoch);
    private static readonly TargetMember _member = new(Label.Create("Dog"), 2);
    private static readonly TargetStanding _standing = new(_member, FamilyStanding.Grown, 301, 21, 11, _decided);
    private static readonly TargetProgress _progress = new(3, DateTimeOffset.UnixEpoch, 9, 4, 3, 2, 1, 8, 7, true, true);
    private static readonly JobAlarm _alarm = JobAlarm.TryParse("95.5 30 https://hooks.example.org/a?b=%2F", out var alarm) ? alarm : throw new InvalidOperationException();
    private static readonly ClassAlarm _raised = new(3, Label.Create("犬 # / 🐕"), 95.5, new DateOnly(2026, 11, 29), new DateOnly(2026, 11, 27), new BucketTally(9, 3, 2, 4), new DateOnly(2026, 11, 30), DateTimeOffset.UnixEpoch, new AlarmTelling(AlarmDelivery.GivenUp, "why"))
    { Ending = AlarmEnding.Withdrawn, EndedAt = DateTimeOffset.UnixEpoch.AddHours(1), EndedOn = new DateOnly(2026, 12, 1), EndCounts = new BucketTally(7, 4, 2, 1), Ended = new AlarmTelling(AlarmDelivery.Delivered) };
    private static readonly WorkRecord _work = new(_ann, new DateOnly(2026, 11, 29), 2, 51, 33.5, 1);
    private static readonly TeamName _team = TeamName.Create("Dogs");
    private static readonly Person _person = new(PersonId.New(), "Ann 犬", SignInName.Create("Ann@example.org"), PersonState.Suspended, [new Grant(PersonRole.Lead, _team), new Grant(PersonRole.Viewer, Job: _name)], DateTimeOffset.UnixEpoch, 3)
    { Login = new ExternalLogin("https://issuer.example.org", "sub 犬"), ByProvider = [new Grant(PersonRole.Lead, _team)], Language = "de", WorkerIds = [_ann, WorkerId.Create("private.eu-west-1.0123")] };
    private static readonly PersonAccount _account = new() { Revision = 2, PasswordHash = "hash", SecurityStamp = "stamp", FailedAttempts = 4, LockedUntil = DateTimeOffset.UnixEpoch, Passkeys = ["{}"] };
    private static readonly PersonSession _session = new("id", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddHours(1), SignInMeans.Provider, "Firefox", "Linux");
    private static readonly Invitation _invitation = new("id", [new Grant(PersonRole.Worker, _team)], _person.Id, 5, DateTimeOffset.UnixEpoch.AddDays(1), "lead", DateTimeOffset.UnixEpoch)
    { Uses = [new InvitationUse(_person.Id, DateTimeOffset.UnixEpoch)], IsRevoked = true, Note = "for dogs", Revision = 4, Stamp = "hash" };
    private static readonly WorkerTeams _teams = WorkerTeams.None.Then(_team, new SubmissionTime(1)).Then(null, new SubmissionTime(2));
    private static readonly GivenTask _given = new(new TaskNumber(1), "crabs~0123456789ab/Dog#0", DateTimeOffset.UnixEpoch);
    private static readonly JobAssignment _assignment = new() { MaxTasksPerWorker = 4, MaxTasksPerDay = 3, Portion = new WorkPortion(2, 15), MinExperience = 50, Answers = [new(_team, 2), new(TeamName.Create("cats"), 1)], Teams = [_team, TeamName.Create("cats")], Priority = 7, Deadline = new DateTimeOffset(2026, 12, 24, 18, 0, 0, TimeSpan.FromHours(2)) };
    private static readonly QualificationRuling _ruling = new(_ann, QualificationDecision.Again, DateTimeOffset.UnixEpoch.AddHours(2));
    private static readonly JobWork _workPage = new() { Instructions = "Look twice.\n犬", SeeWholeBatch = true, GoldFeedback = true };
    private static readonly ClassGuidance _guidance = new() { Text = "Has a tail.\n犬", Right = [_image.Url], Wrong = [ImageUrl.Create("s3://b/2"), ImageUrl.Create("s3://b/3")] };
    private static readonly JobInfo _job = new(
        _name, _incarnation, new JobSettings { BatchSize = 3, WorkersPerTask = 2, MaxWorkersPerTask = 4, MinConfidence = Percent.Create(1), Policy = VerdictPolicy.Quorum(2), ImageBase = "s3://c/d/", Order = TaskOrder.Random(7), LabelTable = LabelTableMode.OnDone, BucketEdges = BucketEdges.Create([0, 50.5, 100]), PictureHosts = PictureHosts.Parse("a.example.org b.example.org"), Boxes = StartingBoxes.Random(7), BoxesByClass = ClassBoxes.Parse("unticked\tCat\nneither\t犬 # / 🐕"), Gold = new GoldMix(10, 3), PassMark = Percent.Create(75), Reestimate = _reestimate, Level = 0.9, Scope = Scope.Model, Sample = _sample, Alarm = _alarm, Assignment = _assignment, Work = _workPage },
        4, JobState.Closed, DateTimeOffset.UnixEpoch, new LabelingJob("Crabs", "arn", "Failed", 1, 2, 3, "why", DateTimeOffset.UnixEpoch),
        new UnshownBatch(new TaskNumber(7), _ann, DateTimeOffset.UnixEpoch))
    { SetAside = [_setAside], Model = new AdoptedModel(4, "4-ab"), Target = _target, Rulings = [_ruling] };
    private static readonly Tombstone _tombstone = new(_incarnation, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1), true);
    private static readonly AuditReport _audit = new(5, 2, ["task 3 is missing", "犬"]);
    private static readonly Operation _operation = new(
        "audit-1", OperationKind.Audit, _incarnation, OperationState.Failed, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddHours(1), 1, 2, "Dog", "{}", 3, "why", _audit);
    private static readonly KnownWorkers _workers = new([KeyValuePair.Create(_ann, 3)], AreAll: false);

    /// <summary>One of everything that travels or is stored, no member as it is by default.</summary>
    private static object[] Samples =>
    [
        _name, _incarnation, Label.Create("犬 # / 🐕"), _image.Url, _ann, VerdictPolicy.Quorum(4), new TaskNumber(int.MaxValue), new SubmissionTime(long.MaxValue), Percent.Create(87.27),
        BucketEdges.Create([0, 50.5, 100]), TaskAnswers.Parse("cdtn-"), TaskOrder.MostErrorsFirst, TaskOrder.AsCut, TaskOrder.Random(int.MaxValue),
        _submission, _submission with { Taken = null, Source = AnswerSource.Rest, Start = BoxesAtStart.Unknown, At = SubmissionTime.None },
        _answer, _image, new CorpusImage(_image.Url, null), new TaskBlock(new TaskNumber(4), 5, Label.Create("Dog"), 6), new AnonymousVotes(1, 2), new BucketTally(4, 3, 2, 1), _tally,
        _job, _job.Settings, new JobDraft(),
        new JobDraft { BatchSize = 2, WorkersPerTask = 1, MaxWorkersPerTask = 3, BucketEdges = BucketEdges.Default, MinConfidence = Percent.Create(2), Policy = VerdictPolicy.Majority, ImageBase = "s3://x/", Order = TaskOrder.AsCut, LabelTable = LabelTableMode.Off, PictureHosts = PictureHosts.Parse("a.example.org"), Boxes = StartingBoxes.Neither, BoxesByClass = ClassBoxes.None, Gold = new GoldMix(2, 9), PassMark = Percent.Create(1), Reestimate = _reestimate, Level = 0.8, Scope = Scope.Corpus, Sample = SampleDesign.OfSize(9), Alarm = _alarm, Work = JobWork.None },
        _gold, _gold.Of!.Value, new GoldMix(5, 6), new GoldCount(_gold.Of!.Value, 3, 2), new Qualification(QualificationState.Failed, null, 3, 4, 0), new Qualification(QualificationState.Open, new TaskNumber(3), 0, 1, 5),
        new JobCreation(_job, true, ["batchSize is 5"]), _job.Labeling!, _job.Unshown!, _tombstone, _audit, _operation,
        new Submissions([_submission], ArePartial: true), new SubmissionReceipt(true, [SubmissionOutcome.TooManySubmissions]),
        new ImportChunk([_image], CutRemainder: true), new ImportReceipt(ImportRefusal.Full, [ImportOutcome.Contradiction, ImportOutcome.Leftover], [Percent.Create(87.27), null]),
        new TaskStatus(new TaskNumber(1), 2, true, [_ann], true), _sample, _workers, new AnsweredImage(_image, new TaskNumber(3), [_answer]) { Adjudications = [_adjudication] },
        _heldOut, new HeldOutSums(3, -1, -2, -3), _reliability, _result, _model, _worker, _agreement, new ReliabilityRecord { Models = [_model], Next = 5, Kept = 4 }, new AdoptedModel(4, "4-ab"),
        new ChangePosition(DateTimeOffset.UnixEpoch, new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)), new ChangeRecord(new ChangePosition(DateTimeOffset.UnixEpoch, Guid.Empty), "ann", "Bearer", "changeJob", "job", "PATCH /v1/jobs/job", "{}", 200),
        _reestimate, new JobChanges(VerdictPolicy.Weighted(0.9), JobState.Closed, 3, _reestimate, true, _sample) { Certainty = new CertaintyChange(0.9, true, Scope.Model), Alarm = new AlarmChange(_alarm), Assignment = _assignment, Work = _workPage, Change = new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) }, new CertaintyChange(null, true, null), new ClassAgreement(Label.Create("Dog"), [KeyValuePair.Create(new DateOnly(2026, 11, 29), _agreement)]),
        new RankedImage(0.5, new TaskNumber(3), 2), new ImageSelection(ImageOrder.Value, 5, 2, true, _ann, 0.1, 0.9, new RankedImage(0.5, new TaskNumber(3), 2), 7),
        new ImageSelection(ImageOrder.Confidence, 15, null, false, null, null, null, null, 1), new LaidByVotes([_ann], 2, 1), new HeldOutVotes(1, 0.1, 2, 3), new ScoredModels(0.5, [1, 2, 3], [4, 5, 6]), VerdictPolicy.Weighted(0.95),
        _adjudication, _adjudication with { Verdict = null, RightLabel = null, Note = null }, _setAside, _decision, _decision with { Qualification = QualificationDecision.Refused }, _ruling, new DecidedWorker(_job, 2, true),
        new ImageHistory(new AnsweredImage(_image, new TaskNumber(3), [_answer]), [new GivenAnswer(_answer, AnswerSource.GroundTruth, BoxesAtStart.Ticked, TimeSpan.FromSeconds(3))]),
        new GivenAnswer(_answer, AnswerSource.WorkerPage, BoxesAtStart.Neither, null),
        new TaskLease(new TaskNumber(1), DateTimeOffset.UnixEpoch, 2, 3) { Partition = "crabs~0123456789ab/Dog#0", Team = _team }, new ClassLease(new TaskNumber(1), DateTimeOffset.UnixEpoch, true, [1, -1]) { Team = _team }, new ClassLease(null, null, false, [0]),
        new PartitionProgress("crabs~0123456789ab/Dog#0", 1, 2, 3, true, [KeyValuePair.Create(_ann, 4)]) { Skipped = 2 },
        new LivingJob(_job, true, 3) { TargetChanges = [_target], AlarmRevision = 4, Changes = [new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)] }, new JobRecord { Living = new LivingJob(_job, true, 3), Tombstones = [_tombstone] }, new JobIndexRecord { Keys = ["a"] }, new JobClassesRecord { Labels = [Label.Create("Dog")], IsRetired = true, Versions = [_version] },
        new TaskNumbersRecord { Next = 3, IsRetired = true }, new ClassRecord { Partitions = 3, HasGold = true, Decisions = new ClassDecisions(3, [_decided], IsOpenAgain: true), Guidance = _guidance }, _workPage, _guidance, ClassGuidance.None, new OperationsRecord { Operations = [_operation], NextNumber = 4 }, new UnfinishedJobsRecord { Keys = ["b"] },
        new PartitionSummary(_tally, 3, _workers, IsWanted: true, CountsUnseen: true, CountsFinal: true, _histogram, new FineHistogram([], new ReviewCounts(4, 3, 2))) { Breakdown = _breakdown }, _histogram, _version, _breakdown, new CountedReviews(_breakdown), _posteriors, new CountedImages(_histogram), new ViewHandover(3, [1, 2], [new HandedLease(new TaskNumber(1), _ann, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch)], IsWhole: true) { HasVersions = true, FollowUps = [_followUp] },
        new LabelCorrections([new LabelCorrection(Label.Create("Dog"), Label.Create("Cat"), 2)], 3, 4), new LabelCorrection(Label.Create("Dog"), Label.Create("Cat"), 2),
        new TaskHold(HoldState.Held, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch), new TaskHold(HoldState.Free), _followUp, new GatheredFollowUps([new TaskNumber(5)], "1.2"),
        new HandedLease(new TaskNumber(1), _ann, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch) { Team = _team },
        _target, _target.Target!, _decided, new ClassDecisions(3, [_decided], IsOpenAgain: true), _member, _standing, _progress, new TargetPage(_target, _progress, [_standing], IsLast: true),
        new TargetRecord { Revision = 3, Family = [1, 2], FixedAt = DateTimeOffset.UnixEpoch, RulesRevision = 4 }, new ShuffledRun(1, 2, true),
        _alarm, _alarm with { Webhook = null }, new AlarmChange(null), new AlarmChange(_alarm) { KeepsFalseAlarmDays = true, KeepsWebhook = true }, _raised, _raised.Raised, new AlarmEvent(_raised, IsEnd: true), new AlarmProgress(1, 2, 3, true),
        _team, _person, _person.Id, _person.SignInName!.Value, _person.Grants[0], _person.Grants[1], _person.Login!, _account, new SignInRecord(_person, _account) { Sessions = [_session] }, _session, new PersonRecord { Person = _person, Account = _account, Sessions = [_session], Unlisted = ["people\nann/p-1"] },
        new PersonDraft("Ann", SignInName.Create("ann"), [new Grant(PersonRole.Operator)], _person.Login) { ByProvider = [new Grant(PersonRole.Operator)] }, new PersonChange { Link = _ann, Unlink = WorkerId.Create("sub"), Name = "Bob", SignInName = SignInName.Create("bob"), Suspend = true, Add = [new Grant(PersonRole.Viewer)], Remove = [new Grant(PersonRole.Worker)], After = 2, ByProvider = [new Grant(PersonRole.Worker)], Language = "de" },
        new PersonReceipt(_person, PersonRefusal.Stale), new PersonNameRecord { Holder = _person.Id, ClaimedAt = DateTimeOffset.UnixEpoch }, _invitation, _invitation.Uses[0], new InvitationRecord { Invitation = _invitation },
        new Team(_team, "those with dogs", DateTimeOffset.UnixEpoch), new TeamRecord { Team = new Team(_team, "", DateTimeOffset.UnixEpoch) }, _assignment,
        new WorkRefusal(WorkRefusalReason.Portion, 2, 3, DateTimeOffset.UnixEpoch), new WorkRefusal(WorkRefusalReason.Experience, 2, 3), _given, _given with { AnsweringSince = DateTimeOffset.UnixEpoch }, new WorkRefusal(WorkRefusalReason.LetGo, 20, 20, DateTimeOffset.UnixEpoch), new WorkerQuota { GivenDay = new DateOnly(2026, 11, 30), Unanswered = 5, Answered = 3, Day = new DateOnly(2026, 11, 29), AnsweredOnDay = 2, AnsweredInSitting = 1, LastAt = DateTimeOffset.UnixEpoch, Given = [_given], AnsweredBeside = 4, Teams = _teams }, _teams,
        new WorkerProgress(1, 2, true), new WorkingWorker(_ann, DateTimeOffset.UnixEpoch, 3),
        _work, new WorkQuery(new DateOnly(2026, 11, 1), new DateOnly(2026, 11, 30), _ann, WorkerId.Create("al")), new WorkRecords([_work, _work with { Day = null }], _ann),
        new AlarmRecord { Watched = "95.5 30", Last = 5, Standing = [_raised], Ended = [_raised] },
    ];

    private static IEnumerable<Type> Types => _assemblies.SelectMany(assembly => assembly.GetTypes())
        .Where(type => type.GetCustomAttribute<GenerateSerializerAttribute>() is not null);

    [Fact]
    public void WireTypes_AreSealedAliasedAndImmutable()
    {
        Assert.NotEmpty(Types);
        Assert.All(Types, type =>
        {
            Assert.True(type.IsSealed || type.IsEnum, $"{type} is not sealed");
            Assert.True(type.GetCustomAttribute<AliasAttribute>() is not null, $"{type} has no alias");
            if (type.IsEnum || type.IsSubclassOf(typeof(Exception))) return;
            var mutable = type.GetProperties().Where(property => property.SetMethod is { IsPublic: true } set
                && !set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(System.Runtime.CompilerServices.IsExternalInit)));
            Assert.True(!mutable.Any(), $"{type} can be changed: {string.Join(", ", mutable.Select(property => property.Name))}");
        });
        var aliases = Types.Select(type => type.GetCustomAttribute<AliasAttribute>()!.Alias).ToList();
        Assert.Equal(aliases.Count, aliases.Distinct().Count());
    }

    [Fact]
    public void WireTypes_EveryMember_HasAnIdOfItsOwn() => Assert.All(Types.Where(type => !type.IsEnum && !type.IsSubclassOf(typeof(Exception))), type =>
    {
        const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var ids = type.GetProperties(Own).Where(property => property.Name != "EqualityContract" && property.GetMethod is { IsPublic: true } && property.CanWrite).Cast<MemberInfo>()
            .Concat(type.GetFields(Own).Where(field => field.IsPublic))
            .Select(member => (member.Name, Id: member.GetCustomAttribute<IdAttribute>()?.Id)).ToList();
        Assert.All(ids, member => Assert.True(member.Id is not null, $"{type}.{member.Name} has no id"));
        Assert.Equal(ids.Count, ids.Select(member => member.Id).Distinct().Count());
    });

    [Fact]
    public void GrainInterfaces_AndTheirMethods_AreAliased() => Assert.All(
        typeof(IJobGrain).Assembly.GetTypes().Where(type => type.IsInterface && type.IsAssignableTo(typeof(IGrain))),
        type =>
        {
            Assert.True(type.GetCustomAttribute<AliasAttribute>() is not null, $"{type} has no alias");
            var methods = type.GetMethods().Where(method => !method.IsStatic).ToList();
            Assert.All(methods, method => Assert.True(method.GetCustomAttribute<AliasAttribute>() is not null, $"{type}.{method.Name} has no alias"));
            Assert.Equal(methods.Count, methods.Select(method => method.GetCustomAttribute<AliasAttribute>()!.Alias).Distinct().Count());
        });

    [Fact]
    public void GrainMethods_SayWhetherTheyMayBeRepeated() => Assert.All(
        typeof(IJobGrain).Assembly.GetTypes().Where(type => type.IsInterface && type.IsAssignableTo(typeof(IGrain))).SelectMany(type => type.GetMethods()).Where(method => !method.IsStatic),
        method => Assert.True(
            method.IsDefined(typeof(SafeToRepeatAttribute)) != method.IsDefined(typeof(NotSafeToRepeatAttribute)),
            $"{method.DeclaringType}.{method.Name} needs one of SafeToRepeat and NotSafeToRepeat"));

    [Fact]
    public void WireTypes_EachButSurrogates_IsTried()
    {
        var tried = Samples.Select(sample => sample.GetType()).ToHashSet();
        Assert.DoesNotContain(Types, type => !type.IsEnum && !type.IsSubclassOf(typeof(Exception)) && !type.Name.EndsWith("Surrogate", StringComparison.Ordinal) && !tried.Contains(type));
    }

    [Fact]
    public void SurrogatesOfDomainTypes_AreEachTried()
    {
        var tried = Samples.Select(sample => sample.GetType()).ToHashSet();
        var carried = typeof(IJobGrain).Assembly.GetTypes().Where(type => type.IsDefined(typeof(RegisterConverterAttribute)))
            .Select(type => type.GetInterfaces().Single(found => found.IsGenericType && found.GetGenericTypeDefinition() == typeof(IConverter<,>)).GetGenericArguments()[0]).ToList();
        Assert.NotEmpty(carried);
        Assert.DoesNotContain(carried, type => type != typeof(BadInputException) && !tried.Contains(type));
    }

    public static TheoryData<int> SampleNumbers => [.. Enumerable.Range(0, Samples.Length)];

    [Theory]
    [MemberData(nameof(SampleNumbers))]
    public void Sample_ThroughTheSerializer_ComesBackTheSame(int number)
    {
        using var provider = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var serializer = provider.GetRequiredService<Serializer<object>>();
        var back = serializer.Deserialize(serializer.SerializeToArray(Samples[number]));
        Assert.IsType(Samples[number].GetType(), back);
        // Strict: arrays by their items, and records by their members, whatever they say of themselves.
        Assert.Equivalent(Samples[number], back, strict: true);
        Assert.Equal(Samples[number].ToString(), back!.ToString());
    }

    [Fact]
    public void BadInput_ThroughTheSerializer_KeepsItsMessage()
    {
        using var provider = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var serializer = provider.GetRequiredService<Serializer<Exception>>();
        var back = serializer.Deserialize(serializer.SerializeToArray(new BadInputException("no such thing")));
        Assert.Equal("no such thing", Assert.IsType<BadInputException>(back).Message);
    }
}
