using System.Diagnostics;
using System.Runtime.InteropServices;
using L7Engine.Configuration;
using L7Engine.Diagnostics;
using L7Engine.Http;
using L7Engine.Proxying;
using L7Engine.Timing;
using L7Engine.Transport;

namespace L7Engine.Clients;

/// <summary>What is known of a client's connection from accept to close: where it is, until when, and why it ends.
/// </summary>
/// <remarks>
/// Not thread-safe: the loop's thread owns it. A mutable struct, because it is a part of each connection: do not copy
/// it. It waits for nothing and begins no exchange: <see cref="ClientConnection"/> does.
/// </remarks>
[StructLayout(LayoutKind.Auto)]
internal struct ClientLife
{
    // A client that had its response less than this ago may have its next request on its way.
    private const long QuietTicksBeforeDrain = TimerWheel.TicksPerSecond;

    private readonly bool _isTrusted;
    private HeldPlaces _places;
    private CloseReason _reason;
    private HttpFault _fault;
    private RoutePlan? _route;
    private bool _isBodyUnread;
    private bool _isByTime;

    public ClientLife(ClientListener listener, TransportConnection transport)
    {
        Listener = listener;
        Transport = transport;
        OpenedMilliseconds = QuietSinceMilliseconds = listener.Worker.Loop.NowMilliseconds;
        IsDraining = listener.IsDraining;
        _isTrusted = listener.Plan.Trusts(transport.RemoteAddress);
        AwaitsProxyHeader = _isTrusted && listener.Plan.ReadsProxyHeaders;
        transport.WriteClock = listener.Plan.ResponseSend;
        SetDeadline(FirstHeadTicks);
        if (!AwaitsProxyHeader)
        {
            Admit(isClientKnown: !_isTrusted);
        }
    }

    public ClientListener Listener { get; }

    public TransportConnection Transport { get; }

    public ConnectionId Id { get; private set; }

    public ClientState State { get; private set; }

    public long OpenedMilliseconds { get; }

    /// <summary>When it was accepted, or its last response sent.</summary>
    public long QuietSinceMilliseconds { get; private set; }

    public int RequestCount { get; set; }

    /// <summary>Bytes of the head on its way that were looked at, and do not make it whole.</summary>
    public int ParsedBytes { get; set; }

    /// <summary>True until the header has come with which a proxy names its client.</summary>
    public bool AwaitsProxyHeader { get; private set; }

    /// <summary>True while a task serves it: it is not quiet, or is about to be found so.</summary>
    public bool IsServing { get; set; }

    /// <summary>True when it was told to end in good order.</summary>
    public bool IsDraining { get; private set; }

    /// <summary>True when it was told to end at once, whatever it carries.</summary>
    public bool IsCut { get; private set; }

    /// <summary>True when only a reset can end it: nothing else would tell the client what it must know.</summary>
    public bool MustReset { get; private set; }

    public readonly bool IsEnding => _reason != CloseReason.None;

    public readonly bool IsRefused => _reason == CloseReason.ConnectionCap;

    public readonly ClientKey Client => ClientKey.Of(Transport.RemoteAddress, Plan.Caps.IPv6PrefixLength);

    /// <summary>Nothing has come that a request could begin with, nor the end of the stream.</summary>
    public readonly bool IsQuietOutside => !Transport.HasUnread && !Transport.IsPeerFinished && !Transport.IsDead;

    /// <summary>Whether a place must be taken among the client's persistent connections before this one persists.
    /// </summary>
    public readonly bool NeedsPlaceToPersist => _places.NeedsPlaceToPersist(Plan.Caps);

    /// <summary>True when the client would lose the answer if we closed: a reset follows what it sends then.</summary>
    public readonly bool MayStillSend => !Transport.IsDead && !MustReset && !IsCut
        && Snapshot.Limits.MaxLingerBytes > 0
        && Lingering.IsCalledFor(
            Transport, _reason, _isBodyUnread, State == ClientState.Exchanging, isReused: RequestCount > 1);

    /// <summary>The configuration of the moment; what belongs to an exchange it keeps itself.</summary>
    public readonly Snapshot Snapshot => Worker.Plan.Snapshot;

    // What many connections have in common is read where it is, rather than kept by each: memory counts here.
    public readonly Worker Worker => Listener.Worker;

    private readonly ConnectionTable Table => Listener.Table;

    private readonly EventLoop Loop => Worker.Loop;

    private readonly ListenerPlan Plan => Listener.Plan;

    private readonly TimeoutTicks Ticks => Snapshot.Ticks;

    private readonly long FirstHeadTicks => IsDraining ? Ticks.Linger : Plan.RequestHeadTicks;

    private readonly long QuietMilliseconds => Loop.NowMilliseconds - QuietSinceMilliseconds;

    /// <summary>The table knows it from here on.</summary>
    public void Begin(ConnectionId id)
    {
        Id = id;
        Listener.Gaps.Open(OpenedMilliseconds);
    }

    public void MoveTo(ClientState state)
    {
        Debug.Assert(State.CanMoveTo(state));
        if (State == ClientState.Idle)
        {
            Worker.Counters.Add(LoopCounter.ClientsIdle, -1);
            Listener.Gaps.EndGap(_reason, QuietMilliseconds, Loop.NowMilliseconds);
        }

        State = state;
        Table.Fairness?.Move(Id.Slot, state);
    }

    /// <summary>Notes why it ends; the first cause is the one that counts, unless a bug ends it.</summary>
    public void End(CloseReason reason) =>
        _reason = _reason == CloseReason.None || reason == CloseReason.EngineFault ? reason : _reason;

    /// <summary>What it was to end for is over: a request has come in time.</summary>
    public void GoOn()
    {
        _reason = IsRefused ? CloseReason.ConnectionCap : CloseReason.None;

        // If it was to end for others, it is one of them again.
        Table.Fairness?.Move(Id.Slot, State);
    }

    /// <summary>Its client has finished, or is lost, and no exchange was under way.</summary>
    public void EndByClient() => _reason = IsRefused ? CloseReason.ConnectionCap
        : Transport.Error != 0 ? CloseReason.Reset
        : State.IsQuiet ? CloseReason.ClientClosed : CloseReason.ClientAborted;

    /// <summary>A deadline has passed while no whole head was there.</summary>
    public void EndByTime() => End(IsDraining && State.IsQuiet ? CloseReason.Drain
        : State == ClientState.Idle ? CloseReason.IdleTimeout
        : CloseReason.HeadTimeout);

    /// <summary>What came first is no header of a proxy.</summary>
    /// <remarks>Whoever speaks something else would not understand an answer: HAProxy's doc/proxy-protocol.txt, 2.1.
    /// </remarks>
    public void EndByProxyHeader() => (_reason, _fault) = (CloseReason.ProtocolError, HttpFault.BadProxyHeader);

    public void Cut() => IsCut = true;

    public readonly void SetDeadline(long ticks) => Transport.ReadDeadlineTick = Loop.Wheel.TickAfter(ticks);

    /// <inheritdoc cref="ClientConnection.Drain"/>
    public void Drain(long slotTick)
    {
        IsDraining = true;
        if (State == ClientState.Idle)
        {
            SetDeadlineEarlier(Math.Max(slotTick, TickAfterQuiet(QuietTicksBeforeDrain)));
        }
        else if (State == ClientState.Accepted)
        {
            // Its first request is most likely on its way, and nobody repeats what a new connection did not answer.
            SetDeadlineEarlier(Loop.Wheel.TickAfter(Ticks.Linger));
        }
    }

    /// <inheritdoc cref="ClientConnection.Reconsider"/>
    public readonly void Reconsider()
    {
        if (IsDraining || IsEnding)
        {
            return;
        }

        if (State == ClientState.Idle && Listener.IdleChange is { } change)
        {
            long ticks = change.After(Transport.ReadDeadlineTick - TickAfterQuiet(0));
            Transport.ReadDeadlineTick = TickAfterQuiet(Plan.IdleTicksOf(Id, Worker.Seed, ticks));
        }
        else if (State == ClientState.Accepted)
        {
            Transport.ReadDeadlineTick = TickAfterQuiet(Plan.RequestHeadTicks);
        }
    }

    /// <summary>A part of a head is there, and the rest of it has a time of its own.</summary>
    public void BeginHead()
    {
        MoveTo(ClientState.ReadingHead);
        SetDeadline(IsRefused ? Ticks.Linger : Plan.RequestHeadTicks);
    }

    /// <summary>A proxy has named the client that it acts for, or nobody.</summary>
    public void TakeProxyHeader(in ProxyHeader header)
    {
        AwaitsProxyHeader = false;
        if (header.HasSource)
        {
            Transport.ActFor(PeerAddress.Of(header.Source, header.SourcePort));
            Table.Fairness?.Reassign(Id.Slot, Client, State);
        }

        SetDeadline(FirstHeadTicks);
        Admit(isClientKnown: header.HasSource);
    }

    /// <param name="tryPersist">Takes a place to persist; null when it needs none.</param>
    public readonly ClientStanding Standing(Func<bool>? tryPersist) => new(
        _isTrusted,
        IsDraining,
        IsReused: RequestCount > 0,
        RequestsLeft: Math.Max(0, Plan.MaxRequests - RequestCount - 1),
        IsTooOld: Plan.IsTooOld(Loop.NowMilliseconds - OpenedMilliseconds, Id, Worker.Seed),
        IsRefused,
        tryPersist);

    public bool TryPersist() => _places.TryPersist(Listener.Clients, Transport.RemoteAddress, Plan.Caps);

    public void BeginTunnel()
    {
        MoveTo(ClientState.Tunnelling);
        _places.EndPersistence(Listener.Clients, Transport.RemoteAddress);
    }

    /// <summary>Takes the end of an exchange.</summary>
    /// <returns>True when the connection stays open for another request.</returns>
    public bool TakeEnd(Exchange exchange)
    {
        _isBodyUnread = !exchange.IsRequestTaken;
        MustReset = exchange.MustReset;
        _route = exchange.Route;
        long idleTicks = exchange.IdleTicks;
        if (!exchange.BeganUnder(Snapshot))
        {
            idleTicks = Listener.IdleChange?.After(idleTicks) ?? idleTicks;
        }

        (CloseReason reason, HttpFault fault) = exchange.End();
        if (reason == CloseReason.None && _isBodyUnread)
        {
            _isByTime = Transport.ReadDeadlineTick == TimerWheel.Never;
            reason = Transport.Error != 0 ? CloseReason.Reset : CloseReason.RequestBodyUnread;
        }

        End(reason);
        Listener.Gaps.EndExchange(_reason, Plan.Persistence.Persists, Loop.NowMilliseconds);
        if (IsEnding)
        {
            _fault = fault;
            _isByTime |= reason == CloseReason.PersistenceOff && idleTicks == 0;
            return false;
        }

        BeginIdle(idleTicks);
        return true;
    }

    public Lingering BeginLinger()
    {
        bool isUntold = State.IsQuiet;
        MoveTo(ClientState.Lingering);
        return new Lingering(Transport, Snapshot, isUntold, isUnderPressure: Table.Fairness is not null);
    }

    /// <summary>Closes the connection, and enters why. Never throws: a bug in one step keeps no other from being taken.
    /// </summary>
    /// <param name="exchange">The one that a bug ended in the middle; null for none.</param>
    public void Close(Exchange? exchange)
    {
        CloseEntry entry = default;
        bool hasBug = false;
        for (CloseStep step = CloseStep.Abandon; step <= CloseStep.Leave; step++)
        {
            try
            {
                Take(step, exchange, ref entry);
            }
            catch (Exception bug)
            {
                hasBug = true;
                Worker.ReportBug(bug, Id);
                End(CloseReason.EngineFault);
                entry = Listener.ToEntry(Transport, Id);
            }
        }

        if (hasBug)
        {
            Listener.Recover(Id);
        }
    }

    private void Take(CloseStep step, Exchange? exchange, ref CloseEntry entry)
    {
        switch (step)
        {
            case CloseStep.Abandon when exchange is not null:
                Worker.Counters.Add(LoopCounter.ExchangesOpen, -1);
                exchange.Abandon();
                break;
            case CloseStep.Look:
                MoveTo(ClientState.Closed);
                Listener.Gaps.Close(Loop.NowMilliseconds);
                PeerReport peer = PeerReport.OfEnd(Transport);
                _reason = peer.Refine(_reason);
                entry = ToEntry(peer);
                break;
            case CloseStep.Release:
                if (MustReset)
                {
                    Transport.Abort();
                }
                else
                {
                    Transport.Close();
                }

                break;
            case CloseStep.GiveBack:
                // The place is free once the descriptor is, and known to be so.
                _places.Leave(Listener.Clients, Transport.RemoteAddress);
                break;
            case CloseStep.Enter:
                Worker.Counters.Add(LoopCounter.ClientBytesReceived, entry.BytesReceived);
                Worker.Counters.Add(LoopCounter.ClientBytesSent, entry.BytesSent);
                Worker.Ledger.Enter(entry);
                break;
            case CloseStep.Leave:
                Table.Remove(Id);
                break;
        }
    }

    // Takes a place for the connection, or refuses it.
    private void Admit(bool isClientKnown)
    {
        if (!isClientKnown)
        {
            _places.Exempt();
        }
        else if (!_places.TryEnter(Listener.Clients, Transport.RemoteAddress, Plan.Caps))
        {
            _reason = CloseReason.ConnectionCap;
            MustReset = Plan.Caps.Refusal == CapRefusal.Reset;
            SetDeadline(Ticks.Linger);
        }
    }

    private void BeginIdle(long idleTicks)
    {
        MoveTo(ClientState.Idle);
        Worker.Counters.Add(LoopCounter.ClientsIdle);
        QuietSinceMilliseconds = Loop.NowMilliseconds;

        // A response whose head went before the order to drain did not say close: the client may ask once more.
        SetDeadline(IsDraining ? QuietTicksBeforeDrain : Plan.IdleTicksOf(Id, Worker.Seed, idleTicks));
    }

    private readonly void SetDeadlineEarlier(long tick) =>
        Transport.ReadDeadlineTick = Math.Min(tick, Transport.ReadDeadlineTick);

    private readonly long TickAfterQuiet(long ticks) =>
        TimerWheel.TickAfter(ticks, EventLoop.TickAt(QuietSinceMilliseconds));

    private readonly CloseEntry ToEntry(in PeerReport peer) => Listener.ToEntry(Transport, Id) with
    {
        Cause = ClientCause.Of(
            new CloseFacts(_reason, _fault, _isByTime, QuietMilliseconds, _route), Worker, Plan.Options),
        ClosedFirst = Transport.ClosedFirst,
        PeerProbes = (byte)peer.Probes,
        AgeMilliseconds = Loop.NowMilliseconds - OpenedMilliseconds,
        IdleMilliseconds = Transport.IdleMilliseconds,
        RequestCount = RequestCount,
        Errno = Transport.Error,
    };
}
