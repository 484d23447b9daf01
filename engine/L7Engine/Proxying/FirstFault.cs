using System.IO.Pipelines;
using L7Engine.Http;
using L7Engine.Transport;

namespace L7Engine.Proxying;

/// <summary>What goes wrong in one exchange, from whichever task or event; and what that means for its connections.
/// </summary>
/// <remarks>
/// Not thread-safe: the loop's thread owns it. The first cause of a failure is the one that counts; what comes after it
/// only ends what still waits. Connections are closed by their owner, later.
/// </remarks>
internal sealed class FirstFault(
    Worker worker, RequestForwarding request, ResponseForwarding response, ClientReply reply, ResponseHeads heads,
    BackendAttempts attempts)
{
    private ProxyFault _fault;
    private HttpFault _requestFault;
    private CloseReason _clientLoss;

    public bool HasFailed => _fault != ProxyFault.None;

    /// <summary>Which rule of HTTP the request broke, if that was the cause.</summary>
    public HttpFault OfRequest => _requestFault;

    /// <summary>How the client was too slow with its body; None when it was not.</summary>
    public ProxyFault OfSlowBody { get; set; }

    /// <summary>True when the response was cut short, and only a reset can show that to the client.</summary>
    public bool MustReset => (response is { HasBegun: true, EndsWithClose: true } && HasFailed)
        || heads.Tunnel is { WasReset: true } || _clientLoss is CloseReason.SendTimeout or CloseReason.MinimumRate;

    /// <summary>Why the backend's connection is closed, if it is.</summary>
    public CloseReason BackendReason => this switch
    {
        _ when heads.Tunnel is { } tunnel => tunnel.BackendReason,
        { _clientLoss: CloseReason.DrainDeadline or CloseReason.Stopped } => _clientLoss,
        { OfSlowBody: not ProxyFault.None } => CloseReason.ExchangeAborted,
        { HasFailed: true } => _fault.BackendReason,
        _ when response.HasSurplus => CloseReason.BackendSentUnasked,
        _ when response.EndsWithStream => CloseReason.UntilCloseEnd,
        _ when !response.BackendKeepsOpen => CloseReason.BackendAskedClose,
        _ => CloseReason.ExchangeAborted,
    };

    /// <summary>Whether the client's connection stays open in the end, and if not, why.</summary>
    public PersistenceDecision Decision => this switch
    {
        _ when heads.Tunnel is { } tunnel => new PersistenceDecision(tunnel.ClientReason),
        { _clientLoss: not CloseReason.None } => new PersistenceDecision(_clientLoss),
        { OfSlowBody: not ProxyFault.None } => new PersistenceDecision(OfSlowBody.ClientReason),
        { HasFailed: true } when response.HasBegun => new PersistenceDecision(_fault.ClientReason),
        _ => reply.Decision,
    };

    /// <summary>Notes a failure, and ends what waits for a backend.</summary>
    public void Fail(ProxyFault fault)
    {
        if (HasFailed || fault == ProxyFault.None)
        {
            return;
        }

        _fault = fault;
        if (attempts.HasLease)
        {
            attempts.Blame(fault);
        }

        attempts.EndWaits();
        worker.LogFault(reply.Client.RemoteAddress, fault);
    }

    /// <summary>The request breaks a rule.</summary>
    public void FailRequest(HttpFault fault)
    {
        if (!HasFailed)
        {
            _requestFault = fault;
        }

        Fail(ProxyFault.BadRequest);
    }

    /// <summary>The upload has come to its end before the body did.</summary>
    public void FailUpload(ProxyFault fault)
    {
        // A response that runs may still end well: only what the client did to its own framing ends it. Who was never
        // told to go on owes no body once it has its answer (RFC 9110 section 10.1.1), and may finish (RFC 9112 9.6).
        bool isOwed = fault == ProxyFault.BodyCutShort && !request.WaitsForContinue;
        if (!response.HasBegun || isOwed)
        {
            Fail(fault);
        }
    }

    /// <summary>A bug has ended the upload.</summary>
    public void FailUpload(Exception bug)
    {
        worker.ReportBug(bug, default);
        LoseClient(CloseReason.EngineFault);
    }

    /// <summary>Ends whatever the exchange waits for: its client is lost or given up.</summary>
    public void LoseClient(CloseReason reason)
    {
        if (_clientLoss == CloseReason.None)
        {
            _clientLoss = reason;
        }

        if (heads.Tunnel is { } tunnel)
        {
            tunnel.Cut(reason);
        }
        else
        {
            Fail(ProxyFault.ClientGone);
        }
    }

    /// <summary>Takes how a write to the client has ended.</summary>
    public void TakeClientFlush(FlushResult written)
    {
        TransportConnection client = reply.Client;
        if (written.IsCanceled)
        {
            LoseClient(client.IsWriteTooSlow ? CloseReason.MinimumRate : CloseReason.SendTimeout);
        }
        else if (written.IsCompleted)
        {
            LoseClient(client.Error != 0 ? CloseReason.Reset : CloseReason.ClientAborted);
        }
    }

    /// <summary>Makes an answer of our own when there is no response to relay.</summary>
    public void Settle()
    {
        if (_fault is ProxyFault.None or ProxyFault.ClientGone || response.HasBegun)
        {
            return;
        }

        bool isBad = _fault == ProxyFault.BadRequest;
        bool mustClose = isBad ? _requestFault.ClosesConnection || !request.IsBodyTaken : _fault.ClosesClient;
        reply.Answer(
            isBad ? _requestFault.StatusCode : _fault.StatusCode,
            mustClose ? _fault.ClientReason : CloseReason.None);
    }

    /// <summary>Makes ready for the next exchange.</summary>
    public void Clear() => (_fault, _requestFault, _clientLoss, OfSlowBody) =
        (ProxyFault.None, HttpFault.None, CloseReason.None, ProxyFault.None);
}
