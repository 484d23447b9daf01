using System.Diagnostics;
using System.Threading.Tasks.Sources;

namespace L7Engine.Transport;

/// <summary>
/// The one awaiter of an operation that completes on the loop: who waits, and for which turn of the operation.
/// </summary>
/// <remarks>
/// Not thread-safe: the loop's thread owns it. The continuation runs where <see cref="Release"/> is called, and only
/// the loop itself calls that: never from inside a call that the engine makes.
/// </remarks>
internal struct Waiter
{
    private Action<object?>? _continuation;
    private object? _state;

    /// <summary>Guards against a result that is read twice.</summary>
    public short Token { get; private set; }

    /// <summary>True from <see cref="Begin"/> to <see cref="Release"/>.</summary>
    public bool IsPending { get; private set; }

    public void Begin()
    {
        Debug.Assert(!IsPending, "One operation of a kind at a time.");
        IsPending = true;
    }

    public readonly ValueTaskSourceStatus StatusOf(short token)
    {
        Debug.Assert(token == Token, "The operation that this task stood for has ended.");
        return IsPending ? ValueTaskSourceStatus.Pending : ValueTaskSourceStatus.Succeeded;
    }

    public void OnCompleted(Action<object?> continuation, object? state, short token)
    {
        Debug.Assert(token == Token && _continuation is null, "One awaiter an operation.");
        if (!IsPending)
        {
            continuation(state);
            return;
        }

        _continuation = continuation;
        _state = state;
    }

    /// <summary>Ends the operation and runs whoever waits for it.</summary>
    public void Release()
    {
        Debug.Assert(IsPending, "Only a pending operation can end.");
        IsPending = false;
        if (_continuation is { } continuation)
        {
            object? state = _state;
            (_continuation, _state) = (null, null);
            continuation(state);
        }
    }

    /// <summary>Makes ready for the next operation; called when the result has been read.</summary>
    public void Advance(short token)
    {
        Debug.Assert(token == Token && !IsPending, "A result is read once, when it is there.");
        Token++;
    }
}
