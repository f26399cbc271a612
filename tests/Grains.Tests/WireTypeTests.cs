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
    public void DomainTypes_ThroughTheSerializer_ComeBackTheSame()
    {
        var serializer = new ServiceCollection().AddSerializer().BuildServiceProvider().GetRequiredService<Serializer>();
        var name = JobName.Create("Crabs");
        Same(name);
        Same(Incarnation.New(name));
        Same(Label.Create("犬 # / 🐕"));
        Same(Percent.Create(87.27));
        Same(BucketEdges.Create([0, 50.5, 100]));
        Same(new Contribution(3, Percent.Create(80), 2, 1, Verdict.Split, new SubmissionTime(9), new TaskPlace(new TaskNumber(4), new Shard(15))));
        Same(ClassTally.Empty(BucketEdges.Default) with { Votes = 7, LastVoteAt = new SubmissionTime(1) });
        Same(new JobSettings { BatchSize = 3, MinConfidence = Percent.Create(1), Policy = VerdictPolicy.Quorum(4) });
        Same(new JobDraft { Policy = VerdictPolicy.Majority });
        Same(new TaskLease(new TaskNumber(1), DateTimeOffset.UnixEpoch, 2, 3));
        var refusal = new ImportReceipt(Refusal.Moved, 2, [], 0, false);
        Assert.True(serializer.Deserialize<ImportReceipt>(serializer.SerializeToArray(refusal))!.Standing.IsDefault);
        var receipt = refusal with { Standing = [Percent.Create(87.27), null] };
        Assert.Equal([Percent.Create(87.27), null], serializer.Deserialize<ImportReceipt>(serializer.SerializeToArray(receipt))!.Standing);
        Assert.Equal(
            TestCluster.Votes("s3://b/1", ("a", true, 5)).Votes,
            (IEnumerable<Vote>)serializer.Deserialize<ImmutableArray<Vote>>(serializer.SerializeToArray(TestCluster.Votes("s3://b/1", ("a", true, 5)).Votes)));

        void Same<T>(T value) => Assert.Equal(value, serializer.Deserialize<T>(serializer.SerializeToArray(value)));
    }
}
