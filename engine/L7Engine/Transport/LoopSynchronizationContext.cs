namespace L7Engine.Transport;

/// <summary>Brings code that awaits something foreign on a loop back to that loop.</summary>
internal sealed class LoopSynchronizationContext(EventLoop loop) : SynchronizationContext
{
    public override SynchronizationContext CreateCopy() => this;

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (!loop.Post(new Action<object?>(d.Invoke), state))
        {
            // What ends after the loop has must end somewhere, or whoever waits for it waits for ever.
            base.Post(d, state);
        }
    }

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (!loop.IsCurrent)
        {
            throw new NotSupportedException("Nothing waits for a loop.");
        }

        d(state);
    }
}
