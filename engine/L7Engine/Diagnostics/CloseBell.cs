namespace L7Engine.Diagnostics;

/// <summary>Wakes one reader that waits for what any of the loops adds. Thread-safe.</summary>
internal sealed class CloseBell
{
    private TaskCompletionSource? _waiting;

    /// <summary>Wakes the reader, if it waits. Costs a fence when it does not; runs nothing of its.</summary>
    public void Ring()
    {
        // What was added must be seen before it is looked whether anyone waits: the reader does it the other way round.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _waiting) is not null)
        {
            Interlocked.Exchange(ref _waiting, null)?.TrySetResult();
        }
    }

    /// <summary>Begins to wait. Look once more before awaiting: what came before this rings no more.</summary>
    public Task Listen()
    {
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _waiting, waiting);
        return waiting.Task;
    }
}
