using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using BulkQA.Core;
using BulkQA.Grains;
using BulkQA.Storage;
using Microsoft.Extensions.Time.Testing;
using Orleans.Serialization.Invocation;

namespace BulkQA.Silo.Tests;

public sealed class LostCallsTests
{
    private readonly FakeTimeProvider _time = new() { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };

    [Fact]
    public async Task Call_ThatIsSafeToRepeat_IsSentAgainUntilItArrives()
    {
        var call = new Call(nameof(IPartitionGrain.GetTasksAsync), failures: 3);
        await InvokeAsync(call);
        Assert.Equal(4, call.Attempts);
    }

    /// <summary>What was sent first may be emptied meanwhile: Orleans does that with a call within a silo.</summary>
    [Fact]
    public async Task Call_ThatIsSentAgain_HasItsArgumentsAndItsAnswer()
    {
        var call = new Call(nameof(IPartitionGrain.GetTasksAsync), failures: 2);
        await InvokeAsync(call);
        Assert.Equal([Call.Argument, Call.Argument], call.Repeated);
        Assert.Equal(Call.Answer, call.Result);
    }

    [Fact]
    public async Task Call_ThatIsNotSafeToRepeat_IsSentOnce()
    {
        var call = new Call(nameof(IPartitionGrain.ImportAsync), failures: 1);
        await Assert.ThrowsAsync<TimeoutException>(() => InvokeAsync(call));
        Assert.Equal(1, call.Attempts);
    }

    [Fact]
    public async Task Call_ThatFailsForAnotherReason_IsSentOnce()
    {
        var call = new Call(nameof(IPartitionGrain.GetTasksAsync), failures: 1, new StorageException("the disk is full"));
        await Assert.ThrowsAsync<StorageException>(() => InvokeAsync(call));
        Assert.Equal(1, call.Attempts);
    }

    /// <summary>Two minutes, which is what the method says of itself, for all attempts and the pauses between them.</summary>
    [Theory]
    [InlineData(nameof(IPartitionGrain.AuditAsync))]
    [InlineData(nameof(IPartitionGrain.GetTasksAsync))]
    public async Task Call_ThatNeverArrives_IsGivenUpWithinItsTime(string method)
    {
        var began = _time.GetUtcNow();
        var call = new Call(method, failures: int.MaxValue) { HasArguments = method != nameof(IPartitionGrain.AuditAsync) };
        await Assert.ThrowsAsync<TimeoutException>(() => InvokeAsync(call));
        Assert.InRange(_time.GetUtcNow() - began, TimeSpan.FromSeconds(100), TimeSpan.FromSeconds(121));
        // Pauses grow to two seconds and no further.
        Assert.InRange(call.Attempts, 50, 200);
    }

    [Fact]
    public async Task Call_ThatHangs_IsGivenUpWithinItsTime()
    {
        var call = new Call(nameof(IPartitionGrain.AuditAsync), failures: 0) { Hangs = true, HasArguments = false };
        var began = _time.GetUtcNow();
        await Assert.ThrowsAsync<TimeoutException>(() => InvokeAsync(call));
        Assert.InRange(_time.GetUtcNow() - began, TimeSpan.FromSeconds(119), TimeSpan.FromSeconds(130));
        Assert.Equal(1, call.Attempts);
    }

    /// <summary>Moves the clock on until the call has ended.</summary>
    private async Task InvokeAsync(Call call)
    {
        var invocation = new LostCalls(_time).Invoke(call);
        while (!invocation.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
        await invocation;
    }

    private sealed class Call : IOutgoingGrainCallContext
    {
        public static readonly object Argument = ImmutableArray.Create(new TaskNumber(7));
        public static readonly object Answer = ImmutableArray.Create(new BulkQA.Grains.TaskStatus(new TaskNumber(7), 1, true, []));

        private readonly string _method;
        private readonly int _failures;
        private readonly Exception? _failure;

        public Call(string method, int failures, Exception? failure = null)
        {
            (_method, _failures, _failure) = (method, failures, failure);
            InterfaceMethod = typeof(IPartitionGrain).GetMethod(method)!;
            Request = DispatchProxy.Create<IInvokable, SentRequest>();
            Grain = DispatchProxy.Create<IPartitionGrain, Partition>();
            ((Partition)Grain).Call = this;
        }

        public int Attempts { get; private set; }

        /// <summary>The arguments of the attempts after the first.</summary>
        public List<object?> Repeated { get; } = [];

        public bool Hangs { get; init; }

        public bool HasArguments { get => ((SentRequest)(object)Request).HasArguments; init => ((SentRequest)(object)Request).HasArguments = value; }

        public MethodInfo InterfaceMethod { get; }

        public IInvokable Request { get; }

        public object Grain { get; }

        public Task Invoke()
        {
            ((SentRequest)(object)Request).IsEmptied = true;
            return AttemptAsync();
        }

        private Task AttemptAsync()
        {
            Attempts++;
            if (Hangs) return new TaskCompletionSource().Task;
            return Attempts <= _failures ? Task.FromException(_failure ?? new TimeoutException("the silo ended")) : Task.CompletedTask;
        }

        public object? Result { get; set; }

        public Response? Response { get; set; }

        public GrainId? SourceId => null;

        public GrainId TargetId => GrainId.Create("partition", "x");

        public GrainInterfaceType InterfaceType => default;

        public string InterfaceName => nameof(IPartitionGrain);

        public string MethodName => _method;

        public IGrainContext? SourceContext => null;

        /// <summary>The partition as a caller has it.</summary>
        [SuppressMessage("Performance", "CA1852", Justification = "DispatchProxy derives from it.")]
        internal class Partition : DispatchProxy
        {
            public Call Call { get; set; } = null!;

            protected override object Invoke(MethodInfo? targetMethod, object?[]? args)
            {
                Call.Repeated.AddRange(args!);
                var attempt = Call.AttemptAsync();
                return targetMethod!.ReturnType == typeof(Task) ? attempt
                    : typeof(Partition).GetMethod(nameof(AnswerAsync), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(targetMethod.ReturnType.GenericTypeArguments).Invoke(null, [attempt])!;
            }

            private static async Task<T?> AnswerAsync<T>(Task attempt)
            {
                await attempt;
                return Answer is T answer ? answer : default;
            }
        }

        [SuppressMessage("Performance", "CA1852", Justification = "DispatchProxy derives from it.")]
        internal class SentRequest : DispatchProxy
        {
            public bool IsEmptied { get; set; }

            public bool HasArguments { get; set; } = true;

            protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
            {
                nameof(IInvokable.GetArgumentCount) => HasArguments ? 1 : 0,
                nameof(IInvokable.GetArgument) => IsEmptied ? null : Argument,
                _ => throw new InvalidOperationException($"{targetMethod.Name} is not asked for"),
            };
        }
    }
}
