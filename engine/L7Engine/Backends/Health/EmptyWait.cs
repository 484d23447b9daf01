namespace L7Engine.Backends.Health;

/// <summary>Somebody waits until a backend that is drained has nothing in flight.</summary>
/// <param name="endsAt">The deadline, in milliseconds of the loops.</param>
internal sealed class EmptyWait(BackendState state, long endsAt, CancellationToken cut)
{
    private readonly TaskCompletionSource _ended = new();

    public Task Ended => _ended.Task;

    public bool IsOver(long now) =>
        state.InFlight == 0 || now >= endsAt || cut.IsCancellationRequested || !state.Health.IsDrained;

    public void End() => _ended.TrySetResult();
}
