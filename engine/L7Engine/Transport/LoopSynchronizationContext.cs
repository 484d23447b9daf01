using System.Runtime.CompilerServices;

namespace L7Engine.Transport;

/// <summary>Brings code that awaits something foreign on a loop back to that loop.</summary>
internal sealed class LoopSynchronizationContext(EventLoop loop) : SynchronizationContext
{
    /// <summary>To be awaited before a caller goes on: its code must not run on a loop, where it could block.</summary>
    /// <remarks>In a simulation no loop has a context, and leaving it would leave its order.</remarks>
    public static ConfiguredTaskAwaitable Leave() => Task.CompletedTask.ConfigureAwait(
        Current is null ? ConfigureAwaitOptions.None : ConfigureAwaitOptions.ForceYielding);

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
