namespace L7Engine.Clients;

/// <summary>Lets the changes of an engine happen one after the other, in the order in which they were asked for.
/// </summary>
/// <remarks>
/// Thread-safe. It is no semaphore, because who waits for one goes on in the thread pool: a simulation would lose its
/// order.
/// </remarks>
internal sealed class ChangeQueue
{
    private readonly Lock _lock = new();
    private Task _last = Task.CompletedTask;

    /// <summary>Makes a change once all that were asked for before are made, or have failed.</summary>
    public async Task<T> RunAsync<T>(Func<Task<T>> change)
    {
        var mine = new TaskCompletionSource();
        Task before;
        lock (_lock)
        {
            (before, _last) = (_last, mine.Task);
        }

        await before;
        try
        {
            return await change();
        }
        finally
        {
            mine.SetResult();
        }
    }
}
