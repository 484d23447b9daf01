using System.IO.Pipelines;
using L7Engine.Diagnostics;
using L7Engine.Http;
using L7Engine.Timing;
using L7Engine.Transport;

namespace L7Engine.Proxying;

/// <summary>
/// Step (6) of an exchange: the heads that a backend sends, interim ones and the final one, and how long they may take.
/// </summary>
/// <remarks>Not thread-safe: the loop's thread owns it.</remarks>
internal sealed class ResponseHeads(
    Worker worker, RequestForwarding request, ResponseForwarding response, ClientReply reply, BackendAttempts attempts)
{
    private int _interimCount;
    private long _endTick = TimerWheel.Never;

    /// <summary>True when an interim response lies in the client's writer.</summary>
    public bool HasInterim { get; set; }

    /// <summary>Which rule of HTTP a head of the backend broke.</summary>
    public HttpFault Fault { get; private set; }

    /// <summary>Set by a 101 that was asked for: from then on the bytes are opaque.</summary>
    public Tunnel? Tunnel { get; private set; }

    /// <summary>When the final head must be there; <see cref="TimerWheel.Never"/> while it is not awaited.</summary>
    /// <remarks>Set it for each read: a deadline that passes while nothing waits is lost.</remarks>
    public long EndTick
    {
        get => _endTick;
        private set
        {
            _endTick = value;
            Backend.ReadDeadlineTick = value;
        }
    }

    private TransportConnection Backend => attempts.Connection.Transport;

    // RFC 9110 section 9.2.2, and not once anything of a response was seen.
    private bool MayRepeat => request is { CanReplay: true, IsRepeatable: true } && !attempts.HasAnswered;

    /// <summary>Begins to read from the connection that is leased.</summary>
    public void Begin()
    {
        response.Attach(Backend.Input, request.Snapshot);
        EndTick = TimerWheel.Never;
    }

    /// <summary>Makes ready for the next exchange.</summary>
    public void Clear()
    {
        CloseTunnel();
        (_interimCount, _endTick, HasInterim, Fault) = (0, TimerWheel.Never, false, HttpFault.None);
    }

    public void CloseTunnel()
    {
        if (Tunnel is not null)
        {
            worker.CloseTunnel();
            Tunnel = null;
        }
    }

    /// <summary>From now on it is the backend that is waited for, until it has answered.</summary>
    public void StartClock() => EndTick = worker.Loop.Wheel.TickAfter(request.Ticks.BackendResponse);

    /// <summary>Waits for the backend when it has the whole request, or when its 100 is what the client waits for; but
    /// not while the body is on its way.</summary>
    public void RestartClock()
    {
        if (request.IsBodyTaken || request.WaitsForContinue)
        {
            StartClock();
        }
        else
        {
            EndTick = TimerWheel.Never;
        }
    }

    /// <summary>Takes what the backend sent: an interim head, the final one, a part of one, or its end.</summary>
    public ProxyFault Take(in ReadResult read) => response.TakeRead(read, request.Method) switch
    {
        ResponseStep.Head => TakeHead(worker.ResponseHead, isCleanEnd: read.IsCompleted && Backend.Error == 0),
        ResponseStep.Ended => TakeEarlyEnd(),
        ResponseStep.CutShort => TakeMalformed(HttpFault.None),
        ResponseStep.Malformed => TakeMalformed(worker.ResponseHead.Fault),
        _ => ProxyFault.None,
    };

    /// <summary>Nothing of the request was sent on this connection: any request may be sent on another one.</summary>
    public ProxyFault SendElsewhere()
    {
        if (!attempts.TryAgainUnsent())
        {
            return ProxyFault.ConnectFailed;
        }

        return Repeat();
    }

    /// <summary>No final head in time: the request goes to another backend, if its route says so and it may.</summary>
    public ProxyFault TakeTimeout()
    {
        bool isAgain = request.RetriesOnTimeout && MayRepeat
            && attempts.TryAgainAfterTimeout(CauseOf(CloseReason.BackendResponseTimeout));
        return isAgain ? Repeat() : ProxyFault.ResponseTimedOut;
    }

    /// <summary>What the ledger is told of why the backend's connection was closed.</summary>
    public CloseCause CauseOf(CloseReason reason)
    {
        if (reason == CloseReason.BackendProtocolError)
        {
            HttpFault fault = Fault != HttpFault.None ? Fault : response.BodyFault;
            return FaultSettings.OfResponse(fault, request.Snapshot.Limits);
        }

        Timeouts timeouts = request.Snapshot.Options.Timeouts;
        return reason == CloseReason.DrainDeadline && worker.IsDrainTimeoutOver
            ? new CloseCause(reason, SettingValue.Of("timeouts.drain", timeouts.Drain))
            : new CloseCause(reason, FiredSettings.OfExchange(
                reason, request.Route?.Timeouts, timeouts, attempts.Plan.MaxTunnels));
    }

    private ProxyFault TakeHead(ResponseHead head, bool isCleanEnd)
    {
        request.ReleaseFirstPiece();
        return head.IsInterim ? TakeInterim(head)
            : head.Status == 101 ? TakeSwitch(head)
            : TakeFinal(head, isCleanEnd);
    }

    private ProxyFault TakeEarlyEnd()
    {
        if (attempts.IsUnsent && request.First.IsHeld)
        {
            return SendElsewhere();
        }

        return MayRepeat && attempts.TryAgainAfterEnd() ? Repeat() : ProxyFault.ClosedBeforeResponse;
    }

    // Nothing of it went to the client, and what may be repeated does no harm twice (RFC 9110 section 9.2.2).
    private ProxyFault TakeMalformed(HttpFault fault)
    {
        Fault = fault;
        CloseReason reason = fault == HttpFault.None ? CloseReason.BackendReset : CloseReason.BackendProtocolError;
        bool mayRepeat = request is { CanReplay: true, IsRepeatable: true, Route.RetriesOnMalformed: true }
            && _interimCount == 0;
        if (mayRepeat && attempts.TryAgainAfterMalformed(CauseOf(reason)))
        {
            Fault = HttpFault.None;
            return Repeat();
        }

        return fault == HttpFault.None ? ProxyFault.ClosedBeforeResponse : ProxyFault.BadResponse;
    }

    private ProxyFault Repeat()
    {
        request.Readdress(attempts.Backend);
        return ProxyFault.None;
    }

    // RFC 9110 section 15.2: interim responses are passed on, but not to a 1.0 client, which knows none.
    private ProxyFault TakeInterim(ResponseHead head)
    {
        if (++_interimCount > request.Snapshot.Limits.MaxInterimResponses)
        {
            return Refuse(HttpFault.TooManyInterimResponses);
        }

        HasInterim = request.Version == HttpVersion.Http11;
        if (HasInterim)
        {
            response.PutHead(reply.RewriteInterim(switches: false), reply.Client.Output);
        }
        else
        {
            response.PassHead();
        }

        if (head.Status == 100)
        {
            request.EndWaiting();
        }

        RestartClock();
        return ProxyFault.None;
    }

    // RFC 9110 section 7.8: only a protocol that was asked for, and only by 101.
    private ProxyFault TakeSwitch(ResponseHead head)
    {
        bool matches = request.UpgradeIndex >= 0 && response.UpgradeIndexIn(reply.Listener) == request.UpgradeIndex;
        if (!matches)
        {
            return Refuse(HttpFault.UnaskedSwitch);
        }

        if (!worker.TryOpenTunnel(attempts.Plan.MaxTunnels))
        {
            return ProxyFault.TooManyTunnels;
        }

        ResponseRewrite rewrite = reply.RewriteInterim(switches: true);
        rewrite.SetCookie = reply.Affinity.CookieFor(attempts.Choice);
        response.PutHead(rewrite, reply.Client.Output);
        worker.Counters.AddResponse(head.Status, isOurs: false);
        attempts.ReportAnswer(head.Status);
        Tunnel = new Tunnel(reply.Client, Backend, request.Ticks.TunnelIdle);
        return ProxyFault.None;
    }

    private ProxyFault TakeFinal(ResponseHead head, bool isCleanEnd)
    {
        BodyFraming sent = response.Begin(request.Version, request.AcceptsTrailers);
        ResponseRewrite rewrite = reply.RewriteFinal(sent, isDelimited: !response.EndsWithClose);
        rewrite.SetCookie = reply.Affinity.CookieFor(attempts.Choice);
        if (!response.TryTakeHead(rewrite, isCleanEnd, reply.Client.Output))
        {
            return Refuse(response.BodyFault);
        }

        attempts.TakeTerms(head);
        worker.Counters.AddResponse(head.Status, isOurs: false);
        attempts.ReportAnswer(head.Status);
        return ProxyFault.None;
    }

    private ProxyFault Refuse(HttpFault fault)
    {
        Fault = fault;
        return ProxyFault.BadResponse;
    }
}
