using System.IO.Pipelines;
using L7Engine.Configuration;
using L7Engine.Timing;
using L7Engine.Transport;

namespace L7Engine.Clients;

/// <summary>
/// The staged end of a connection whose client may still be sending: nothing more is sent to it, and what it sends is
/// read and dropped for a while, because closing with bytes unread resets the connection and can erase the answer.
/// </summary>
/// <remarks>Source: RFC 9112 section 9.6. A mutable struct: do not copy it.</remarks>
internal struct Lingering
{
    // What it may take in all while places run short: an honest client has the answer by then.
    private const long TicksUnderPressure = 5 * TimerWheel.TicksPerSecond;

    private readonly TransportConnection _transport;
    private readonly Snapshot _snapshot;
    private readonly long _endTick;
    private readonly bool _isUntold;
    private long _droppedBytes;

    /// <summary>Says that we have finished, and begins to drop.</summary>
    /// <param name="isUntold">No response has told the client that this is the end.</param>
    /// <param name="isUnderPressure">Places for clients run short.</param>
    public Lingering(TransportConnection transport, Snapshot snapshot, bool isUntold, bool isUnderPressure)
    {
        (_transport, _snapshot, _isUntold) = (transport, snapshot, isUntold);
        long totalTicks = snapshot.Ticks.LingerTotal;
        _endTick = transport.Loop.Wheel.TickAfter(
            isUnderPressure ? Math.Min(totalTicks, TicksUnderPressure) : totalTicks);
        transport.ShutdownWrite();
        SetDeadline();
    }

    /// <summary>True when a request came that the client sent before it could know of the end.</summary>
    public readonly bool HasCrossed => _isUntold && _droppedBytes > 0;

    /// <summary>Whether a connection that ends for this reason must be ended in stages.</summary>
    /// <param name="isBodyUnread">A part of the request's body was not read.</param>
    /// <param name="hasAnswered">The end comes after a response, and not between two requests.</param>
    /// <param name="isReused">Responses went before that one; they may be on their way.</param>
    public static bool IsCalledFor(
        TransportConnection transport, CloseReason reason, bool isBodyUnread, bool hasAnswered, bool isReused)
    {
        // A client that asked for the close, and whose request was read, sends nothing more.
        bool maySendMore = !transport.IsPeerFinished && reason switch
        {
            CloseReason.RequestLimit or CloseReason.MaxAge or CloseReason.PersistenceOff or CloseReason.PersistentCap
                or CloseReason.Drain or CloseReason.UntilCloseEnd => true,
            CloseReason.BackendTruncated => isReused,
            CloseReason.ProtocolError or CloseReason.HeadTimeout or CloseReason.ConnectionCap => hasAnswered,
            _ => isBodyUnread,
        };
        return maySendMore || (hasAnswered && transport.HasUnread);
    }

    /// <returns>False when the client has finished, is quiet, or has had its time.</returns>
    public bool Take(in ReadResult read)
    {
        _droppedBytes += read.Buffer.Length;
        _transport.Input.AdvanceTo(read.Buffer.End);
        SetDeadline();
        return !read.IsCanceled && !read.IsCompleted && _droppedBytes <= _snapshot.Limits.MaxLingerBytes;
    }

    private readonly void SetDeadline() => _transport.ReadDeadlineTick =
        Math.Min(_transport.Loop.Wheel.TickAfter(_snapshot.Ticks.Linger), _endTick);
}
