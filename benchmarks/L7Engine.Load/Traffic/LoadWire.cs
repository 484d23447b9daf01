using System.Net;
using L7Engine.Transport;
using L7Engine.Transport.Epoll;

namespace L7Engine.Load.Traffic;

/// <summary>The connections of a loop as the system has them: opens, receives, closes, and waits for what happens.
/// </summary>
/// <remarks>Not thread-safe: its loop's thread owns it.</remarks>
internal sealed class LoadWire
{
    private const int TimerSlot = -2;
    private const int Events = Poller.In | Poller.Out | Poller.PeerFinished | Poller.EdgeTriggered;

    private readonly Poller _poller = new();
    private readonly int _timer = LoadSocket.OpenTimer();
    private readonly SlotTable _slots = new();
    private readonly SocketAddress _target;
    private readonly SocketAddress[] _sources;
    private readonly byte[] _received = new byte[256 * 1024];

    public LoadWire(LoadPlan plan)
    {
        _target = plan.Target.Serialize();
        _sources = [.. plan.Sources.Select(source => new IPEndPoint(source, 0).Serialize())];
        _poller.TryAdd(_timer, Poller.In | Poller.EdgeTriggered, TimerSlot, 0);
    }

    /// <summary>Waits until something happened, or what <see cref="WakeIn"/> was told is over.</summary>
    /// <returns>How many events there are.</returns>
    public int Wait(int milliseconds) => _poller.Wait(milliseconds);

    /// <param name="flags">What happened.</param>
    /// <returns>Whom an event is about; null where that is nobody, or one that is closed already.</returns>
    public LoadConnection? At(int index, out int flags)
    {
        flags = _poller.FlagsOf(index);
        int slot = _poller.SlotOf(index);
        return slot < 0 ? null : _slots.Find(slot, _poller.GenerationOf(index)) as LoadConnection;
    }

    public void WakeIn(long nanoseconds) => LoadSocket.Arm(_timer, nanoseconds);

    /// <summary>Begins to connect.</summary>
    public LoadFailure Open(LoadConnection connection)
    {
        SocketAddress? source = _sources.Length == 0 ? null : _sources[connection.Index % _sources.Length];
        int error = LoadSocket.Connect(_target, source, out int descriptor);
        if (descriptor < 0)
        {
            return FailureOf(error);
        }

        connection.Descriptor = descriptor;
        connection.IsConnecting = true;
        connection.Slot = _slots.Add(connection);
        _poller.TryAdd(descriptor, Events, connection.Slot, _slots.GenerationOf(connection.Slot));
        return LoadFailure.None;
    }

    /// <summary>Why it could not connect, if it could not.</summary>
    public static LoadFailure TakeFailure(LoadConnection connection)
    {
        int error = RawSocket.TakeError(connection.Descriptor);
        return error == 0 ? LoadFailure.None : FailureOf(error);
    }

    /// <summary>Receives what is there.</summary>
    /// <param name="bytes">What was left before, and what came behind it; valid until the next call.</param>
    /// <param name="mayHaveMore">True when the room was filled.</param>
    /// <returns>How much came; 0 at the end; where it failed, the negative of its <see cref="ErrorNumber"/>.</returns>
    public int Receive(LoadConnection connection, out ReadOnlySpan<byte> bytes, out bool mayHaveMore)
    {
        int start = connection.CopyRest(_received);
        int room = _received.Length - start;
        int count = (int)Native.Receive(connection.Descriptor, ref _received[start], room, 0);
        int error = count < 0 ? Native.LastError : 0;
        mayHaveMore = count == room;
        bytes = _received.AsSpan(0, start + Math.Max(0, count));
        return error > 0 ? -error : count;
    }

    public void Close(LoadConnection connection)
    {
        if (connection.IsOpen)
        {
            _slots.Remove(connection.Slot);
            _ = Native.Close(connection.Descriptor);
            connection.Descriptor = -1;
            connection.IsConnecting = false;
        }
    }

    /// <summary>Closes all but the connections.</summary>
    public void End()
    {
        _ = Native.Close(_timer);
        _poller.Close();
    }

    private static LoadFailure FailureOf(int error) => error is ErrorNumber.AddressNotAvailable or ErrorNumber.TryAgain
        or ErrorNumber.ProcessFileTableFull or ErrorNumber.SystemFileTableFull or ErrorNumber.NoBufferSpace
        ? LoadFailure.LocalLimit
        : LoadFailure.Connect;
}
