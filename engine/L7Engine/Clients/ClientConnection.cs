using System.Diagnostics;
using System.IO.Pipelines;
using L7Engine.Configuration;
using L7Engine.Diagnostics;
using L7Engine.Http;
using L7Engine.Proxying;
using L7Engine.Timing;
using L7Engine.Transport;

namespace L7Engine.Clients;

/// <summary>One accepted connection, from its first byte to its close.</summary>
/// <remarks>
/// Not thread-safe: the loop's thread owns it. <see cref="ServeAsync"/> holds every await of the connection and of its
/// exchanges: a method of its own for each would cost half a kilobyte and a microsecond a request. While the client is
/// quiet it does not run at all: the connection is watched, and costs the memory of its objects alone.
/// </remarks>
internal sealed class ClientConnection : IConnectionWatcher
{
    // A client that had its response less than this ago may have its next request on its way.
    private const long QuietTicksBeforeDrain = TimerWheel.TicksPerSecond;

    private readonly ConnectionTable _table;
    private readonly Worker _worker;
    private readonly TransportConnection _transport;
    private readonly long _openedMilliseconds;
    private readonly bool _isTrusted;
    private long _quietSinceMilliseconds;
    private Exchange? _exchange;
    private int _parsedBytes;
    private int _requestCount;
    private ClientState _state;
    private CloseReason _closeReason;
    private HttpFault _fault;
    private HeldPlaces _places;
    private bool _awaitsProxyHeader;
    private bool _isDraining;
    private bool _isBodyUnread;
    private bool _isByTime;
    private bool _mustReset;
    private bool _isCut;
    private bool _isServing;

    public ClientConnection(
        ConnectionTable table, Worker worker, ClientListener listener, TransportConnection transport)
    {
        _table = table;
        _worker = worker;
        Listener = listener;
        _transport = transport;
        _openedMilliseconds = _quietSinceMilliseconds = worker.Loop.NowMilliseconds;
        _isDraining = listener.IsDraining;
        _isTrusted = listener.Plan.Trusts(transport.RemoteAddress);
        _awaitsProxyHeader = _isTrusted && listener.Plan.ReadsProxyHeaders;
        transport.Watcher = this;
        transport.WriteClock = listener.Plan.ResponseSend;
        SetDeadline(FirstHeadTicks);
        if (!_awaitsProxyHeader)
        {
            Admit(isClientKnown: !_isTrusted);
        }

        Id = table.Add(this);
        listener.Gaps.Open(_openedMilliseconds);
    }

    public ConnectionId Id { get; }

    public ClientListener Listener { get; }

    public ClientState State
    {
        get => _state;
        private set
        {
            Debug.Assert(_state.CanMoveTo(value));
            _state = value;
            _table.Fairness?.Move(Id.Slot, value);
        }
    }

    /// <summary>Whose it is.</summary>
    public ClientKey Client => ClientKey.Of(_transport.RemoteAddress, Listener.Plan.Caps.IPv6PrefixLength);

    /// <summary>Whether it is this client's, as the caps tell clients apart.</summary>
    public bool IsOf(in PeerAddress client) => Client == ClientKey.Of(client, Listener.Plan.Caps.IPv6PrefixLength);

    /// <summary>When it was accepted, or its last response sent; milliseconds of the loop's clock.</summary>
    public long QuietSinceMilliseconds => _quietSinceMilliseconds;

    public long OpenedMilliseconds => _openedMilliseconds;

    public int RequestCount => _requestCount;

    public TransportConnection Transport => _transport;

    /// <summary>The request that it carries; null between two.</summary>
    public Exchange? Exchange => _exchange;

    /// <summary>True when it was told to end in good order.</summary>
    public bool IsDraining => _isDraining;

    /// <summary>True when its client has too many: it is given time for a request that is answered 429.</summary>
    public bool IsRefused => _closeReason == CloseReason.ConnectionCap;

    private EventLoop Loop => _worker.Loop;

    // Of the moment; what belongs to an exchange it keeps itself.
    private Snapshot Snapshot => _worker.Plan.Snapshot;

    private TimeoutTicks Ticks => Snapshot.Ticks;

    private long FirstHeadTicks => _isDraining ? Ticks.Linger : Listener.Plan.RequestHeadTicks;

    /// <summary>Begins to wait for the client. Call once, when the connection is known to the table.</summary>
    public void Start()
    {
        if (_isServing)
        {
            // Told to end already.
            return;
        }

        if (_mustReset)
        {
            Close();
        }
        else if (!IsQuietOutside())
        {
            Serve();
        }
    }

    /// <summary>Serves requests until the client is quiet, or the connection is closed. Never throws.</summary>
    private async LoopTask ServeAsync()
    {
        try
        {
            while (true)
            {
                // (1) Read the request head.
                while (!TakeRequest(await _transport.Input.ReadAsync()))
                {
                }

                if (_exchange is not { } exchange)
                {
                    break;
                }

                // (2, 3) are done with the head. (4) Lease a connection, (5) send the request: to another backend, or
                // on another connection, when HTTP allows.
                while (exchange.NeedsResponse)
                {
                    if (!exchange.Attempts.TryLease())
                    {
                        exchange.TakeConnection(await exchange.Attempts.ConnectAsync());
                        continue;
                    }

                    exchange.Send();

                    // (6) Read response heads; interim ones are passed on.
                    while (exchange.AwaitsHead)
                    {
                        exchange.TakeResponse(await exchange.ReadResponseAsync());
                        if (exchange.HasInterim)
                        {
                            exchange.TakeInterimSent(await exchange.SendInterimAsync());
                        }
                    }

                    if (exchange is { NeedsResponse: true, IsUploading: true })
                    {
                        await exchange.WaitForUploadAsync();
                    }
                }

                // (7) Relay the response, or answer ourselves.
                exchange.Settle();
                while (exchange.HasOutput)
                {
                    exchange.TakeWritten(await exchange.WriteAsync());
                    while (exchange.NeedsBody)
                    {
                        exchange.TakeBody(await exchange.ReadBodyAsync());
                    }
                }

                if (exchange.Tunnel is { } tunnel)
                {
                    State = ClientState.Tunnelling;
                    _places.EndPersistence(Listener.Clients, _transport.RemoteAddress);
                    await tunnel.RunAsync(await _transport.Output.FlushAsync());
                }

                // (8) End the lease, stop the upload, and let the connection persist or not.
                exchange.EndLease();
                if (exchange.IsUploading)
                {
                    await exchange.WaitForUploadAsync();
                }

                if (exchange.HasUnwantedBody)
                {
                    SetDeadline(exchange.Ticks.EarlyAnswerDrain);
                    while (exchange.HasUnwantedBody && exchange.TrySkipBody(await _transport.Input.ReadAsync()))
                    {
                    }
                }

                if (!EndExchange())
                {
                    break;
                }

                if (IsQuietOutside())
                {
                    _isServing = false;
                    return;
                }
            }

            if (MayStillSend())
            {
                Lingering lingering = BeginLinger();
                while (lingering.Take(await _transport.Input.ReadAsync()))
                {
                }

                if (lingering.HasCrossed)
                {
                    _worker.Counters.Add(LoopCounter.RequestsCrossed);
                }
            }
        }
        catch (Exception bug)
        {
            _worker.ReportBug(bug, Id);
            _closeReason = CloseReason.EngineFault;
        }

        Close();
    }

    /// <summary>Ends the connection in good order: its next response says close, and without one it ends itself.
    /// </summary>
    /// <param name="slotTick">When to end it while it is idle, unless it became so a moment ago.</param>
    /// <remarks>
    /// Every request of which a byte has reached us when we send FIN is answered. One that crosses the FIN is not, and
    /// goes to no backend: its client sees the end of the stream before any byte of a response (RFC 9112 section
    /// 9.3.1: it may repeat it). Only a client that was quiet for a second, and then asks in the moment of its slot,
    /// can meet that.
    /// </remarks>
    public void Drain(long slotTick)
    {
        _isDraining = true;
        _exchange?.Drain();
        if (_state == ClientState.Idle)
        {
            SetDeadlineEarlier(Math.Max(slotTick, TickAfterQuiet(QuietTicksBeforeDrain)));
        }
        else if (_state == ClientState.Accepted)
        {
            // Its first request is most likely on its way, and nobody repeats what a new connection did not answer.
            SetDeadlineEarlier(Loop.Wheel.TickAfter(Ticks.Linger));
        }
    }

    /// <summary>Another configuration is in force: while it waits for a request, its deadline is the new one.</summary>
    public void Reconsider()
    {
        ListenerPlan plan = Listener.Plan;
        if (_isDraining || _closeReason != CloseReason.None)
        {
            return;
        }

        if (_state == ClientState.Idle && Listener.IdleChange is { } change)
        {
            long ticks = _transport.ReadDeadlineTick - TickAfterQuiet(0);
            _transport.ReadDeadlineTick = TickAfterQuiet(plan.IdleTicksOf(Id, _worker.Seed, change.After(ticks)));
        }
        else if (_state == ClientState.Accepted)
        {
            _transport.ReadDeadlineTick = TickAfterQuiet(plan.RequestHeadTicks);
        }
    }

    /// <summary>Ends the connection, which carries no exchange, for others.</summary>
    public void Evict() => Stop(CloseReason.FairEviction);

    /// <summary>Ends the connection whatever it carries.</summary>
    public void Cut(CloseReason reason)
    {
        Stop(reason);
        _isCut = true;
        _exchange?.LoseClient(reason);
        _transport.Output.CancelPendingFlush();
    }

    void IConnectionWatcher.OnConnectionEvent(TransportConnection connection, ConnectionEvent what)
    {
        if (!_isServing)
        {
            Wake(cancelsRead: what == ConnectionEvent.Deadline);
        }
        else if (what == ConnectionEvent.Failed)
        {
            // RFC 9112 section 9.6: a client that has finished sending still wants its response, one that reset none.
            _exchange?.LoseClient(CloseReason.Reset);
        }
    }

    // Takes a place for the connection, or refuses it.
    private void Admit(bool isClientKnown)
    {
        if (!isClientKnown)
        {
            _places.Exempt();
        }
        else if (!_places.TryEnter(Listener.Clients, _transport.RemoteAddress, Listener.Plan.Caps))
        {
            _closeReason = CloseReason.ConnectionCap;
            _mustReset = Listener.Plan.Caps.Refusal == CapRefusal.Reset;
            SetDeadline(Ticks.Linger);
        }
    }

    private bool TryPersist() => _places.TryPersist(Listener.Clients, _transport.RemoteAddress, Listener.Plan.Caps);

    // Nothing has come that a request could begin with, nor the end of the stream.
    private bool IsQuietOutside() => !_transport.HasUnread && !_transport.IsPeerFinished && !_transport.IsDead;

    private void Serve()
    {
        _isServing = true;
        _ = ServeAsync();
    }

    // The watcher is told before continuations run, and may not run any itself.
    private void Wake(bool cancelsRead)
    {
        if (cancelsRead)
        {
            _transport.Input.CancelPendingRead();
        }

        _isServing = true;
        Loop.Defer(static connection => ((ClientConnection)connection!).Serve(), this);
    }

    private void Stop(CloseReason reason)
    {
        _closeReason = _closeReason == CloseReason.None ? reason : _closeReason;
        if (_isServing)
        {
            _transport.Input.CancelPendingRead();
        }
        else
        {
            Wake(cancelsRead: true);
        }
    }

    private void SetDeadline(long ticks) => _transport.ReadDeadlineTick = Loop.Wheel.TickAfter(ticks);

    private void SetDeadlineEarlier(long tick) =>
        _transport.ReadDeadlineTick = Math.Min(tick, _transport.ReadDeadlineTick);

    private long TickAfterQuiet(long ticks) =>
        TimerWheel.TickAfter(ticks, EventLoop.TickAt(_quietSinceMilliseconds));

    /// <returns>True when an exchange has begun, or none will.</returns>
    private bool TakeRequest(in ReadResult read)
    {
        Inlet inlet = _worker.HeadInlet;
        inlet.Attach(Loop, _transport.Input);
        ArraySegment<byte> view = inlet.View(read);
        if (read.IsCanceled && !IsServedStill(inlet, ref view))
        {
            return TakeQuietEnd();
        }

        if (view.Count == 0 || (read.IsCompleted && view.Count == _parsedBytes))
        {
            inlet.Advance(view.Count);
            _closeReason = IsRefused ? CloseReason.ConnectionCap
                : _transport.Error != 0 ? CloseReason.Reset
                : _state.IsQuiet ? CloseReason.ClientClosed : CloseReason.ClientAborted;
            return true;
        }

        if (_awaitsProxyHeader)
        {
            return TakeProxyHeader(inlet, view);
        }

        if (!HeadGate.IsWorthParsing(view.AsSpan(_parsedBytes), view.Count))
        {
            return WaitForMore(inlet, view);
        }

        ParseStatus parsed = _worker.RequestHead.Parse(view, Snapshot.RequestLimits);
        if (parsed == ParseStatus.NeedMore)
        {
            return WaitForMore(inlet, view);
        }

        _parsedBytes = 0;
        _transport.ReadDeadlineTick = TimerWheel.Never;
        inlet.Advance(BeginExchange().Begin(_transport, Listener.Plan, Standing(), parsed, view));
        _requestCount++;
        return true;
    }

    /// <returns>True when no exchange will begin.</returns>
    private bool TakeProxyHeader(Inlet inlet, ReadOnlySpan<byte> view)
    {
        ParseStatus parsed = ProxyHeaderParser.Parse(view, out ProxyHeader header);
        if (parsed == ParseStatus.NeedMore)
        {
            _parsedBytes = view.Length;
            inlet.AdvanceAndWait(0);
            return false;
        }

        _parsedBytes = 0;
        inlet.Advance(header.TotalBytes);
        if (parsed == ParseStatus.Invalid)
        {
            // Whoever speaks something else would not understand an answer: HAProxy's doc/proxy-protocol.txt, 2.1.
            (_closeReason, _fault) = (CloseReason.ProtocolError, HttpFault.BadProxyHeader);
            return true;
        }

        _awaitsProxyHeader = false;
        if (header.HasSource)
        {
            _transport.ActFor(PeerAddress.Of(header.Source, header.SourcePort));
            _table.Fairness?.Reassign(Id.Slot, Client, _state);
        }

        SetDeadline(FirstHeadTicks);
        Admit(isClientKnown: header.HasSource);
        return _mustReset;
    }

    // What came in time is not late because the loop was, and a request that crosses our close is answered all the
    // same: the socket is looked at once more.
    private bool IsServedStill(Inlet inlet, ref ArraySegment<byte> view)
    {
        if (!_isCut && view.Count == _parsedBytes)
        {
            inlet.AdvanceAndWait(0);
            _transport.MayReceive = true;
            if (!_transport.Input.TryRead(out ReadResult last))
            {
                return false;
            }

            view = inlet.View(last);
        }

        bool isServed = !_isCut && (_state.IsQuiet && !_awaitsProxyHeader ? HasRequestByte(view) : IsWholeHead(view));
        if (isServed)
        {
            _closeReason = IsRefused ? CloseReason.ConnectionCap : CloseReason.None;
        }
        else
        {
            inlet.Advance(0);
        }

        return isServed;
    }

    private bool IsWholeHead(ArraySegment<byte> view) => view.Count > _parsedBytes && ParseStatus.NeedMore
        != (_awaitsProxyHeader
            ? ProxyHeaderParser.Parse(view, out _)
            : _worker.RequestHead.Parse(view, Snapshot.RequestLimits));

    // RFC 9112 section 2.2: an empty line before a request is no byte of it.
    private static bool HasRequestByte(ReadOnlySpan<byte> view) => view.ContainsAnyExcept("\r\n"u8);

    private bool WaitForMore(Inlet inlet, ReadOnlySpan<byte> view)
    {
        if (_state.IsQuiet && HasRequestByte(view))
        {
            Leave(_state);
            State = ClientState.ReadingHead;
            SetDeadline(IsRefused ? Ticks.Linger : Listener.Plan.RequestHeadTicks);
        }

        _parsedBytes = view.Length;
        inlet.AdvanceAndWait(0);
        return false;
    }

    // A deadline, or an order to stop, came while no whole head was there.
    private bool TakeQuietEnd()
    {
        if (_isDraining && !_isCut && _transport.IsStarved)
        {
            // Something may be there, and no block to read it into yet.
            SetDeadline(0);
            return false;
        }

        if (_closeReason == CloseReason.None)
        {
            _closeReason = _isDraining && _state.IsQuiet ? CloseReason.Drain
                : _state == ClientState.Idle ? CloseReason.IdleTimeout
                : CloseReason.HeadTimeout;
            if (_state == ClientState.ReadingHead)
            {
                BeginExchange().BeginTimedOut(_transport, Listener.Plan);
            }
        }

        return true;
    }

    private Exchange BeginExchange()
    {
        Leave(_state);
        State = ClientState.Exchanging;
        _exchange = _worker.RentExchange();
        _worker.Counters.Add(LoopCounter.ExchangesOpen);
        return _exchange;
    }

    private ClientStanding Standing() => new(
        _isTrusted,
        _isDraining,
        IsReused: _requestCount > 0,
        RequestsLeft: Math.Max(0, Listener.Plan.MaxRequests - _requestCount - 1),
        IsTooOld: Listener.Plan.IsTooOld(Loop.NowMilliseconds - _openedMilliseconds, Id, _worker.Seed),
        IsRefused,
        _places.NeedsPlaceToPersist(Listener.Plan.Caps) ? TryPersist : null);

    /// <returns>True when the connection stays open for another request.</returns>
    private bool EndExchange()
    {
        Exchange exchange = _exchange!;
        _isBodyUnread = !exchange.IsRequestTaken;
        _mustReset = exchange.MustReset;
        long idleTicks = exchange.IdleTicks;
        if (!exchange.BeganUnder(Snapshot))
        {
            idleTicks = Listener.IdleChange?.After(idleTicks) ?? idleTicks;
        }

        (CloseReason reason, HttpFault fault) = exchange.End();
        _exchange = null;
        _worker.Return(exchange);
        _worker.Counters.Add(LoopCounter.ExchangesOpen, -1);
        if (reason == CloseReason.None && _isBodyUnread)
        {
            _isByTime = _transport.ReadDeadlineTick == TimerWheel.Never;
            reason = _transport.Error != 0 ? CloseReason.Reset : CloseReason.RequestBodyUnread;
        }

        _closeReason = _closeReason == CloseReason.None ? reason : _closeReason;
        Listener.Gaps.EndExchange(_closeReason, Listener.Plan.Persistence.Persists, Loop.NowMilliseconds);
        if (_closeReason != CloseReason.None)
        {
            _fault = fault;
            _isByTime |= reason == CloseReason.PersistenceOff && idleTicks == 0;
            return false;
        }

        State = ClientState.Idle;
        _worker.Counters.Add(LoopCounter.ClientsIdle);
        _quietSinceMilliseconds = Loop.NowMilliseconds;

        // A response whose head went before the order to drain did not say close: the client may ask once more.
        SetDeadline(_isDraining
            ? QuietTicksBeforeDrain
            : Listener.Plan.IdleTicksOf(Id, _worker.Seed, idleTicks));
        return true;
    }

    /// <returns>True when the client would lose the answer if we closed: a reset follows what it sends then.</returns>
    private bool MayStillSend() => !_transport.IsDead && !_mustReset && !_isCut
        && Snapshot.Limits.MaxLingerBytes > 0
        && Lingering.IsCalledFor(_transport, _closeReason, _isBodyUnread, _state == ClientState.Exchanging,
            isReused: _requestCount > 1);

    private Lingering BeginLinger()
    {
        bool isUntold = _state.IsQuiet;
        Leave(_state);
        State = ClientState.Lingering;
        return new Lingering(_transport, Snapshot, isUntold);
    }

    private void Leave(ClientState state)
    {
        if (state == ClientState.Idle)
        {
            _worker.Counters.Add(LoopCounter.ClientsIdle, -1);
            Listener.Gaps.EndGap(_closeReason, Loop.NowMilliseconds - _quietSinceMilliseconds, Loop.NowMilliseconds);
        }
    }

    private void Close()
    {
        Leave(_state);
        State = ClientState.Closed;
        Listener.Gaps.Close(Loop.NowMilliseconds);
        if (_exchange is not null)
        {
            _exchange.Abandon();
            _worker.Counters.Add(LoopCounter.ExchangesOpen, -1);
        }

        PeerReport peer = PeerReport.OfEnd(_transport, Listener.Plan.Settings.KeepAlive);
        _closeReason = peer.Refine(_closeReason);
        var entry = new CloseEntry
        {
            Side = ConnectionSide.Client,
            Cause = ClientCause.Of(
                new CloseFacts(_closeReason, _fault, _isByTime, Loop.NowMilliseconds - _quietSinceMilliseconds),
                _worker, Listener.Plan.Options),
            ClosedFirst = _transport.ClosedFirst,
            PeerProbes = (byte)peer.Probes,
            Connection = Id,
            Place = Listener.Plan.Options.Name,
            Peer = _transport.RemoteAddress,
            ClosedAtUtcTicks = Loop.UtcNow.UtcTicks,
            AgeMilliseconds = Loop.NowMilliseconds - _openedMilliseconds,
            IdleMilliseconds = _transport.IdleMilliseconds,
            RequestCount = _requestCount,
            Errno = _transport.Error,
            BytesReceived = _transport.BytesReceived,
            BytesSent = _transport.BytesSent,
        };
        _worker.Counters.Add(LoopCounter.ClientBytesReceived, _transport.BytesReceived);
        _worker.Counters.Add(LoopCounter.ClientBytesSent, _transport.BytesSent);
        if (_mustReset)
        {
            _transport.Abort();
        }
        else
        {
            _transport.Close();
        }

        // The place is free once the descriptor is, and known to be so.
        _places.Leave(Listener.Clients, entry.Peer);
        _worker.Ledger.Enter(entry);
        _table.Remove(Id);
    }
}
