using System.Runtime.CompilerServices;

namespace L7Engine.Transport;

/// <summary>What an async method returns that runs on one loop and that nobody awaits.</summary>
/// <remarks>
/// Its state lives in a box of the loop's thread that serves the next call of the method when this one has ended: a
/// connection that waits for its client has none, and one that opens and closes allocates none.
/// </remarks>
[AsyncMethodBuilder(typeof(LoopTaskBuilder))]
internal readonly struct LoopTask;

/// <summary>Builds async methods that return <see cref="LoopTask"/>: the compiler calls it.</summary>
/// <remarks>Such a method catches everything: what it let through would have nobody to go to.</remarks>
internal struct LoopTaskBuilder
{
#pragma warning disable CA1822 // The compiler asks for instance members.
    private Box? _box;

    public readonly LoopTask Task => default;

    public static LoopTaskBuilder Create() => default;

    public readonly void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine => stateMachine.MoveNext();

    public readonly void SetStateMachine(IAsyncStateMachine stateMachine)
    {
    }

    public readonly void SetResult() => _box?.Return();

    public readonly void SetException(Exception exception) =>
        Environment.FailFast("A task of a loop threw.", exception);
#pragma warning restore CA1822

    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.OnCompleted(BoxOf(ref stateMachine));

    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.UnsafeOnCompleted(BoxOf(ref stateMachine));

    private Action BoxOf<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
    {
        if (_box is null)
        {
            // This builder is a part of the state machine: its copy in the box has to know the box.
            Box<TStateMachine> box = Box<TStateMachine>.Rent();
            _box = box;
            box.StateMachine = stateMachine;
        }

        return _box.MoveNext;
    }

    private abstract class Box
    {
        protected Box() => MoveNext = Run;

        public Action MoveNext { get; }

        public abstract void Return();

        protected abstract void Run();
    }

    private sealed class Box<TStateMachine> : Box
        where TStateMachine : IAsyncStateMachine
    {
        private const int MaxKept = 4096;

        // One loop, one thread; the loops of a simulation share one, which only means that they share boxes.
        [ThreadStatic]
        private static Stack<Box<TStateMachine>>? _free;

        public TStateMachine? StateMachine;

        public static Box<TStateMachine> Rent() => (_free ??= new()).TryPop(out Box<TStateMachine>? box) ? box : new();

        // The last thing that the state machine does: nothing of it is read afterwards.
        public override void Return()
        {
            StateMachine = default;
            _free ??= new();
            if (_free.Count < MaxKept)
            {
                _free.Push(this);
            }
        }

        protected override void Run() => StateMachine!.MoveNext();
    }
}
