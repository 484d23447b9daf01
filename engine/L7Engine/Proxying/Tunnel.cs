using System.IO.Pipelines;
using L7Engine.Timing;
using L7Engine.Transport;

namespace L7Engine.Proxying;

/// <summary>
/// Opaque bytes both ways after 101, until both sides have finished or nothing moves for the idle timeout.
/// </summary>
/// <remarks>Not thread-safe: the loop's thread owns it. Source: RFC 9110 section 7.8.</remarks>
internal sealed class Tunnel(TransportConnection client, TransportConnection backend, long idleTicks)
{
    private const long LongAgo = long.MinValue / 2;

    private long _activeTick = client.Loop.NowTick;

    /// <summary>Why the tunnel ended.</summary>
    public CloseReason Reason { get; private set; } = CloseReason.TunnelClosed;

    /// <param name="switched">How writing the 101 to the client ended.</param>
    public async Task RunAsync(FlushResult switched)
    {
        if (switched.IsCompleted || switched.IsCanceled)
        {
            return;
        }

        Task toBackend = RelayAsync(client, backend);
        await RelayAsync(backend, client);
        await toBackend;
    }

    /// <summary>Ends the tunnel now.</summary>
    public void Cut() => End(CloseReason.TunnelClosed);

    private async Task RelayAsync(TransportConnection from, TransportConnection to)
    {
        while (true)
        {
            ReadResult read = await ReadAsync(from);
            if (read.IsCanceled && IsQuiet())
            {
                End(CloseReason.TunnelIdle);
                return;
            }

            if (!read.Buffer.IsEmpty)
            {
                _activeTick = from.Loop.NowTick;
                FlushResult sent = await SendAsync(read, from, to);
                if (sent.IsCompleted || sent.IsCanceled)
                {
                    End(sent.IsCanceled ? CloseReason.SendTimeout : CloseReason.TunnelClosed);
                    return;
                }
            }
            else if (read.IsCompleted)
            {
                Finish(from, to);
                return;
            }
        }
    }

    private ValueTask<ReadResult> ReadAsync(TransportConnection from)
    {
        from.ReadDeadlineTick = Math.Max(_activeTick + idleTicks, from.Loop.NowTick);
        return from.Input.ReadAsync();
    }

    // The quiet of one direction is no reason while the other one moves.
    private bool IsQuiet() => client.Loop.NowTick >= _activeTick + idleTicks;

    private static async ValueTask<FlushResult> SendAsync(
        ReadResult read, TransportConnection from, TransportConnection to)
    {
        FlushResult sent = default;
        foreach (ReadOnlyMemory<byte> segment in read.Buffer)
        {
            sent = await to.Output.WriteAsync(segment);
        }

        from.Input.AdvanceTo(read.Buffer.End);
        return sent;
    }

    private void Finish(TransportConnection from, TransportConnection to)
    {
        from.ReadDeadlineTick = TimerWheel.Never;
        if (from.Error != 0)
        {
            End(CloseReason.Reset);
            return;
        }

        to.ShutdownWrite();
    }

    // Ends what waits, in both directions. Who owns the connections closes them once both have ended: a block that is
    // still being written must not go back to its pool.
    private void End(CloseReason reason)
    {
        if (Reason == CloseReason.TunnelClosed)
        {
            Reason = reason;
        }

        _activeTick = LongAgo;
        client.Input.CancelPendingRead();
        backend.Input.CancelPendingRead();
        client.Output.CancelPendingFlush();
        backend.Output.CancelPendingFlush();
    }
}
