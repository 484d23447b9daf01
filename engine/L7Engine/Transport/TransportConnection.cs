using System.IO.Pipelines;
using System.Net.Sockets;
using L7Engine.Diagnostics;
using L7Engine.Timing;

namespace L7Engine.Transport;

/// <summary>One open byte stream, either side. The rest of the engine sees pipes and never a socket.</summary>
/// <remarks>
/// Not thread-safe: the loop's thread owns it. No continuation runs inside a call made on it: what a call brings about
/// (close, cancel, a deadline) is delivered from the ready list, what the network does from the loop.
/// A failure of the peer is a completed result and an <see cref="Error"/>, never an exception.
/// </remarks>
internal abstract class TransportConnection : TimerEntry, IDuplexPipe
{
    /// <summary>
    /// What <see cref="Receive"/> and <see cref="Send"/> return when the kernel has nothing, or takes nothing.
    /// </summary>
    protected internal const int WouldBlock = -1;

    /// <summary>What they return when the connection has failed; <see cref="Error"/> says how.</summary>
    protected internal const int HasFailed = -2;

    private readonly ConnectionReader _reader;
    private readonly ConnectionWriter _writer;
    private LoopCompletion<ConnectResult>? _connecting;
    private long _readDeadlineTick = TimerWheel.Never;
    private long _writeDeadlineTick = TimerWheel.Never;
    private bool _hasFinishedFirst;

    // 32 bits that wrap, and 16 that hold any errno: an idle connection costs no more than it has to.
    private uint _lastByteMilliseconds;
    private uint _lastSurelyBusyMilliseconds;
    private short _error;

    protected TransportConnection(EventLoop loop)
    {
        Loop = loop;
        _lastByteMilliseconds = _lastSurelyBusyMilliseconds = (uint)loop.NowMilliseconds;
        _reader = new ConnectionReader(this);
        _writer = new ConnectionWriter(this);
    }

    public EventLoop Loop { get; }

    public PipeReader Input => _reader;

    public PipeWriter Output => _writer;

    /// <summary>The other end; once a proxy has said for whom it opened the connection, that client.</summary>
    public PeerAddress RemoteAddress { get; protected set; }

    /// <summary>Told what happens while nobody waits for this connection; null when nobody asks.</summary>
    public IConnectionWatcher? Watcher { get; set; }

    /// <summary>The errno that ended the connection; 0 while it is open and after a clean end.</summary>
    public int Error
    {
        get => _error;
        protected set => _error = (short)value;
    }

    public long BytesReceived { get; private set; }

    public long BytesSent { get; private set; }

    /// <summary>Time since the last byte in either direction, or since it was opened. Exact up to 49 days.</summary>
    public long IdleMilliseconds => unchecked((uint)Loop.NowMilliseconds - _lastByteMilliseconds);

    /// <summary>How long the peer can have had nothing to do: since we sent to it, or since its bytes came that were
    /// waited for. Those that were read later may have been there all the time. Exact up to 49 days.</summary>
    public long QuietMilliseconds => unchecked((uint)Loop.NowMilliseconds - _lastSurelyBusyMilliseconds);

    /// <summary>True once the peer's FIN was seen, whether or not all bytes before it were read.</summary>
    public bool IsPeerFinished { get; private set; }

    /// <summary>Who ended the connection first; us, while nobody has.</summary>
    public CloseParty ClosedFirst => _hasFinishedFirst ? CloseParty.Engine
        : ErrorNumber.IsSilence(Error) ? CloseParty.Network
        : IsPeerFinished || Error != 0 ? CloseParty.Peer : CloseParty.Engine;

    /// <summary>True when what is written next is the last, and our end of the connection follows in the same turn: the
    /// system may send both at once.</summary>
    /// <remarks>Only where nothing is waited for in between: bytes may be held back until the end.</remarks>
    public bool IsEnding
    {
        get => _writer.IsEnding;
        set => _writer.IsEnding = value;
    }

    /// <summary>True after <see cref="Close"/> or <see cref="Abort"/>.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>True when the connection cannot be used any more, whoever ended it.</summary>
    public bool IsDead => IsClosed || Error != 0;

    /// <summary>True when the peer has sent bytes that were not read.</summary>
    public bool HasUnread => MayReceive || _reader.HasBytes;

    /// <summary>True when bytes of the peer lie here that were not consumed.</summary>
    public bool HasReceived => _reader.HasBytes;

    /// <summary>When a read that waits ends with IsCanceled; with no read waiting the watcher is told.</summary>
    public long ReadDeadlineTick
    {
        get => _readDeadlineTick;
        set
        {
            _readDeadlineTick = value;
            ArmEarlier();
        }
    }

    /// <summary>When a write that waits ends with IsCanceled; far off while none waits.</summary>
    public long WriteDeadlineTick => _writeDeadlineTick;

    /// <summary>True while a read waits: without one, its deadline ends nothing but what is watched.</summary>
    public bool IsReading => _reader.IsWaiting;

    /// <summary>True when the write that waits will end for its rate, and before it would for a gap.</summary>
    public bool IsWriteByRate => WriteClock is { IsByRate: true };

    /// <summary>
    /// How long a write may wait for the peer before it ends with IsCanceled; null for no limit. The clock does not run
    /// while nothing waits.
    /// </summary>
    public WriteClock? WriteClock { get; set; }

    /// <summary>True when the peer takes less than the least it has to.</summary>
    public bool IsWriteTooSlow => WriteClock is { } clock && clock.IsTooSlow(Loop);

    /// <summary>
    /// False when the last receive emptied the socket and no event has come since: asking again is wasted.
    /// </summary>
    internal bool MayReceive { get; set; }

    /// <summary>False when the kernel took less than it was given and no event has come since.</summary>
    internal bool MaySend { get; set; }

    internal bool IsOnReadyList { get; set; }

    /// <summary>The size of the block that it waits for because the budget is spent; 0 when it does not.</summary>
    internal int StarvedForBytes { get; set; }

    internal bool IsStarved => StarvedForBytes > 0;

    internal TransportConnection? NextReady { get; set; }

    /// <summary>Makes the next read ask the system, whatever the events have told so far.</summary>
    public void LookAgain() => MayReceive = true;

    /// <summary>From here on the connection counts as that of another peer: the one it was opened for.</summary>
    public void ActFor(in PeerAddress peer) => RemoteAddress = peer;

    /// <summary>Sends FIN; receiving goes on.</summary>
    public void ShutdownWrite()
    {
        if (!IsDead)
        {
            _hasFinishedFirst |= !IsPeerFinished;
            IsEnding = false;
            ShutdownWriteCore();
        }
    }

    /// <summary>Closes and releases the handle. A read or write that waits ends as completed.</summary>
    public void Close() => End(reset: false);

    /// <summary>Closes with RST.</summary>
    public void Abort() => End(reset: true);

    /// <summary>Has the system probe the peer in each silence. Of the one that runs, what has passed counts.</summary>
    public abstract void StartProbes(TcpKeepAlive keepAlive);

    /// <summary>Asks the system what it knows of the peer: a system call on Linux. Until it is closed.</summary>
    public PeerSigns ReadPeerSigns() => IsClosed ? default : ReadPeerSignsCore();

    /// <summary>Waits until the connection is open. Called once, by the loop that connects.</summary>
    internal ValueTask<ConnectResult> WaitUntilOpenAsync(long deadlineTick)
    {
        _connecting = new LoopCompletion<ConnectResult>();
        SetWriteDeadline(deadlineTick);
        return _connecting.WaitAsync();
    }

    /// <summary>Notes what the network reported and tells the watcher; runs no continuation.</summary>
    internal void Note(bool readable, bool writable, bool peerFinished, bool failed)
    {
        MayReceive |= readable || peerFinished || failed;
        MaySend |= writable || failed;
        IsPeerFinished |= peerFinished;
        if (_reader.IsWaiting || _connecting is not null || IsClosed)
        {
            return;
        }

        if (failed && !_writer.IsWaiting)
        {
            Error = Error != 0 ? Error : ReadError();
            Watcher?.OnConnectionEvent(this, ConnectionEvent.Failed);
        }
        else if (peerFinished)
        {
            Watcher?.OnConnectionEvent(this, ConnectionEvent.PeerFinished);
        }
        else if (readable)
        {
            Watcher?.OnConnectionEvent(this, ConnectionEvent.Readable);
        }
    }

    /// <summary>Moves what waits as far as it goes and runs whoever waited. Called by the loop alone.</summary>
    internal void Pump()
    {
        if (_connecting is not null && (MaySend || IsClosed))
        {
            FinishConnect(IsClosed ? SocketError.OperationAborted : ReadConnectError());
            return;
        }

        if (_writer.IsWaiting)
        {
            _writer.Pump();
        }

        if (_reader.IsWaiting)
        {
            _reader.Pump();
        }
    }

    /// <summary>A write waits, or the peer has taken a part of it.</summary>
    internal void StartWriteClock()
    {
        if (WriteClock is { } clock)
        {
            SetWriteDeadline(clock.Start(this));
        }
    }

    /// <summary>Looks whether a write whose time seems to be over may wait on.</summary>
    internal bool MayWaitOn(bool hasMoved)
    {
        long next = WriteClock is { } clock ? clock.Look(this, hasMoved) : TimerWheel.Never;
        if (next != WriteClock.GiveUp)
        {
            SetWriteDeadline(next);
        }

        return next != WriteClock.GiveUp;
    }

    /// <summary>What the peer has acknowledged; where the system does not tell, what the system has taken.</summary>
    internal long ReadAckedBytes() => ReadPeerSigns().AckedBytes ?? BytesSent;

    internal void EndWriteClock()
    {
        WriteClock?.End(Loop);
        SetWriteDeadline(TimerWheel.Never);
    }

    internal int ReceiveInto(Span<byte> destination)
    {
        int received = Receive(destination);
        if (received > 0)
        {
            BytesReceived += received;
            _lastByteMilliseconds = (uint)Loop.NowMilliseconds;
            _lastSurelyBusyMilliseconds = _reader.IsWaiting ? _lastByteMilliseconds : _lastSurelyBusyMilliseconds;
        }
        else if (received == 0)
        {
            IsPeerFinished = true;
        }

        // A receive that came back short has emptied the socket, unless a FIN is behind the bytes.
        MayReceive = received == destination.Length || (received > 0 && IsPeerFinished);
        return received;
    }

    internal int SendFrom(ReadOnlySpan<byte> source)
    {
        int sent = Send(source);
        if (sent > 0)
        {
            BytesSent += sent;
            _lastByteMilliseconds = _lastSurelyBusyMilliseconds = (uint)Loop.NowMilliseconds;
        }

        MaySend = sent == source.Length;
        return sent;
    }

    /// <summary>Receives what is there, without waiting.</summary>
    /// <returns>
    /// The count; 0 after FIN; <see cref="WouldBlock"/>; or <see cref="HasFailed"/> with <see cref="Error"/> set.
    /// </returns>
    protected abstract int Receive(Span<byte> destination);

    /// <summary>Sends what the kernel takes, without waiting.</summary>
    /// <returns>
    /// The count, or <see cref="WouldBlock"/>, or <see cref="HasFailed"/> with <see cref="Error"/> set.
    /// </returns>
    protected abstract int Send(ReadOnlySpan<byte> source);

    protected abstract void ShutdownWriteCore();

    /// <summary>Releases the handle, with RST when asked.</summary>
    protected abstract void CloseCore(bool reset);

    /// <returns>What the system knows of the peer; nothing where it does not tell.</returns>
    protected abstract PeerSigns ReadPeerSignsCore();

    /// <returns>The errno that the connection failed with.</returns>
    protected abstract int ReadError();

    /// <returns>How connecting ended, once the connection is writable or failed.</returns>
    protected abstract SocketError ReadConnectError();

    protected internal override void OnDue()
    {
        long now = Loop.NowTick;
        if (_connecting is not null && _writeDeadlineTick <= now)
        {
            FinishConnect(SocketError.TimedOut);
            return;
        }

        if (_writeDeadlineTick <= now)
        {
            _writeDeadlineTick = TimerWheel.Never;
            _writer.OnDeadline();
        }

        if (_readDeadlineTick <= now)
        {
            _readDeadlineTick = TimerWheel.Never;
            if (_reader.IsWaiting)
            {
                _reader.CancelPendingRead();
            }
            else
            {
                Watcher?.OnConnectionEvent(this, ConnectionEvent.Deadline);
            }
        }

        ArmEarlier();
    }

    private void SetWriteDeadline(long tick)
    {
        _writeDeadlineTick = tick;
        ArmEarlier();
    }

    private void ArmEarlier()
    {
        if (!IsClosed)
        {
            Loop.Wheel.Arm(this, Math.Min(_readDeadlineTick, _writeDeadlineTick));
        }
    }

    private void FinishConnect(SocketError error)
    {
        LoopCompletion<ConnectResult> connecting = _connecting!;
        _connecting = null;
        if (error != SocketError.Success)
        {
            Close();
            connecting.Complete(new ConnectResult(null, error));
            return;
        }

        SetWriteDeadline(TimerWheel.Never);
        connecting.Complete(new ConnectResult(this, error));
    }

    private void End(bool reset)
    {
        if (IsClosed)
        {
            return;
        }

        IsClosed = true;
        Watcher = null;
        Loop.Wheel.Remove(this);
        CloseCore(reset);
        _reader.Release();
        _writer.Release();
        if (_reader.IsWaiting || _writer.IsWaiting || _connecting is not null)
        {
            Loop.Schedule(this);
        }
    }
}
