using System.Threading.Tasks.Sources;

namespace L7Engine.Transport;

/// <summary>A result that the loop produces once and then perhaps again, awaited by one party at a time.</summary>
/// <remarks>Not thread-safe: the loop's thread owns it.</remarks>
internal sealed class LoopCompletion<T> : IValueTaskSource<T>
{
    private Waiter _waiter;
    private T _result = default!;

    public bool IsPending => _waiter.IsPending;

    /// <summary>Starts a wait; end it with <see cref="Complete"/>.</summary>
    public ValueTask<T> WaitAsync()
    {
        _waiter.Begin();
        return new ValueTask<T>(this, _waiter.Token);
    }

    /// <summary>Ends the wait and runs the awaiter in place: call it from the loop, not from engine code.</summary>
    public void Complete(T result)
    {
        _result = result;
        _waiter.Release();
    }

    T IValueTaskSource<T>.GetResult(short token)
    {
        _waiter.Advance(token);
        T result = _result;
        _result = default!;
        return result;
    }

    ValueTaskSourceStatus IValueTaskSource<T>.GetStatus(short token) => _waiter.StatusOf(token);

    void IValueTaskSource<T>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _waiter.OnCompleted(continuation, state, token);
}
