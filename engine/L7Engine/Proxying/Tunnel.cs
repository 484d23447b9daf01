using System.IO.Pipelines;
using L7Engine.Timing;
using L7Engine.Transport;

namespace L7Engine.Proxying;

/// <summary>
/// Opaque bytes both ways after 101, until both sides have finished or nothing moves for the idle timeout.
/// </summary>
/// <remarks>Not thread-safe: the loop's thread owns it. Source: RFC 9110 section 7.8.</remarks>
internal sealed class Tunnel
{
    private readonly TransportConnection _client;
    private readonly TransportConnection _backend;
    private readonly long _idleTicks;
    private long _idleEndTick;
    private bool _hasEnded;

    public Tunnel(TransportConnection client, TransportConnection backend, long idleTicks)
    {
        (_client, _backend, _idleTicks) = (client, backend, idleTicks);

        // Its one timeout is that of silence: a peer may be slow to take what comes.
        client.WriteClock = backend.WriteClock = new WriteClock(idleTicks);
        NoteActivity();
    }

    /// <summary>When it has been silent for too long, both ways.</summary>
    public long IdleEndTick => _idleEndTick;

    /// <summary>Why the tunnel ended, for the ledger of the client's side.</summary>
    public CloseReason ClientReason { get; private set; } = CloseReason.TunnelClosed;

    /// <summary>Why the tunnel ended, for the ledger of the backend's side.</summary>
    public CloseReason BackendReason { get; private set; } = CloseReason.TunnelClosed;

    /// <summary>True when one side was lost: to the other that must not look like an end in order.</summary>
    public bool WasReset { get; private set; }

    /// <param name="switched">How writing the 101 to the client ended.</param>
    public async Task RunAsync(FlushResult switched)
    {
        if (switched.IsCompleted || switched.IsCanceled)
        {
            NoteLoss();
            return;
        }

        await Task.WhenAll(RelayOrEndAsync(_client, _backend), RelayOrEndAsync(_backend, _client));
    }

    /// <summary>Ends the tunnel now, because the client is given up or lost.</summary>
    public void Cut(CloseReason reason)
    {
        if (!_hasEnded)
        {
            WasReset = reason == CloseReason.Reset;
            End(reason, reason == CloseReason.Reset ? CloseReason.TunnelClosed : reason);
        }
    }

    // A bug in one direction must not leave the other one waiting.
    private async Task RelayOrEndAsync(TransportConnection from, TransportConnection to)
    {
        try
        {
            await RelayAsync(from, to);
        }
        catch
        {
            End(CloseReason.EngineFault, CloseReason.EngineFault);
            throw;
        }
    }

    private async Task RelayAsync(TransportConnection from, TransportConnection to)
    {
        while (!_hasEnded)
        {
            ReadResult read = await ReadAsync(from);
            if (read.IsCanceled && IsOver())
            {
                return;
            }

            if (!read.Buffer.IsEmpty)
            {
                NoteActivity();
                FlushResult sent = await SendAsync(read, from, to);
                NoteActivity();
                if (sent.IsCompleted || sent.IsCanceled)
                {
                    NoteLoss();
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
        from.ReadDeadlineTick = _idleEndTick;
        return from.Input.ReadAsync();
    }

    // The quiet of one direction is no reason while the other one moves.
    private bool IsOver()
    {
        if (!_hasEnded && _client.Loop.NowTick >= _idleEndTick)
        {
            End(CloseReason.TunnelIdle, CloseReason.TunnelIdle);
        }

        return _hasEnded;
    }

    private void NoteActivity() => _idleEndTick = _client.Loop.Wheel.TickAfter(_idleTicks);

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
            NoteLoss();
        }
        else
        {
            to.ShutdownWrite();
        }
    }

    // A write that ended without an error of its connection has waited for the whole idle timeout.
    private void NoteLoss()
    {
        if (_hasEnded)
        {
            return;
        }

        WasReset = true;
        CloseReason forClient = _client.Error != 0 ? CloseReason.Reset
            : _backend.Error != 0 ? CloseReason.TunnelClosed : CloseReason.TunnelIdle;
        CloseReason forBackend = _backend.Error != 0 ? CloseReason.BackendReset
            : _client.Error != 0 ? CloseReason.TunnelClosed : CloseReason.TunnelIdle;
        End(forClient, forBackend);
    }

    // Ends what waits, in both directions. Who owns the connections closes them once both have ended: a block that is
    // still being written must not go back to its pool.
    private void End(CloseReason forClient, CloseReason forBackend)
    {
        (ClientReason, BackendReason, _hasEnded) = (forClient, forBackend, true);
        _client.Input.CancelPendingRead();
        _backend.Input.CancelPendingRead();
        _client.Output.CancelPendingFlush();
        _backend.Output.CancelPendingFlush();
    }
}
