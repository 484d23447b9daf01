namespace L7Engine.Tests.Support;

/// <summary>Takes the thread's synchronization context away for a while.</summary>
/// <remarks>
/// The test runner's would send what follows an await to the thread pool, out of the simulation's order. Without one it
/// runs where the awaited task ends.
/// </remarks>
internal readonly ref struct NoContext : IDisposable
{
    private readonly SynchronizationContext? _outer;

    private NoContext(SynchronizationContext? outer) => _outer = outer;

    public static NoContext Enter()
    {
        var scope = new NoContext(SynchronizationContext.Current);
        SynchronizationContext.SetSynchronizationContext(null);
        return scope;
    }

    public void Dispose() => SynchronizationContext.SetSynchronizationContext(_outer);
}
