using System.IO.Pipelines;
using L7Engine.Diagnostics;
using L7Engine.Proxying;
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
    private ClientLife _life;

    public ClientConnection(ClientListener listener, TransportConnection transport)
    {
        transport.Watcher = this;
        _life = new ClientLife(listener, transport);
        _life.Begin(listener.Table.Add(this));
    }

    public ConnectionId Id => _life.Id;

    public ClientListener Listener => _life.Listener;

    public ClientState State => _life.State;

    /// <summary>Whose it is.</summary>
    public ClientKey Client => _life.Client;

    /// <summary>When it was accepted, or its last response sent; milliseconds of the loop's clock.</summary>
    public long QuietSinceMilliseconds => _life.QuietSinceMilliseconds;

    public long OpenedMilliseconds => _life.OpenedMilliseconds;

    public int RequestCount => _life.RequestCount;

    public TransportConnection Transport => _life.Transport;

    /// <summary>The request that it carries; null between two.</summary>
    public Exchange? Exchange { get; private set; }

    /// <summary>True when it was told to end in good order.</summary>
    public bool IsDraining => _life.IsDraining;

    /// <summary>True when its client has too many: it is given time for a request that is answered 429.</summary>
    public bool IsRefused => _life.IsRefused;

    private Worker Worker => _life.Worker;

    private EventLoop Loop => Worker.Loop;

    /// <summary>Whether it is this client's, as the caps tell clients apart.</summary>
    public bool IsOf(in PeerAddress client) => Client == ClientKey.Of(client, Listener.Plan.Caps.IPv6PrefixLength);

    /// <summary>Begins to wait for the client. Call once, when the connection is known to the table.</summary>
    public void Start()
    {
        if (_life.IsServing)
        {
            // Told to end already.
            return;
        }

        if (_life.MustReset)
        {
            Close();
        }
        else if (!_life.IsQuietOutside)
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
                while (!TakeRead(await Transport.Input.ReadAsync()))
                {
                }

                if (Exchange is not { } exchange)
                {
                    break;
                }

                // (2, 3) are done with the head. (4) Lease a connection, (5) send the request: to another backend, or
                // on another connection, when HTTP allows.
                while (exchange.NeedsResponse)
                {
                    if (exchange.NeedsPlace)
                    {
                        exchange.TakePlace(await exchange.WaitForPlaceAsync());
                        continue;
                    }

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
                    _life.BeginTunnel();
                    await tunnel.RunAsync(await Transport.Output.FlushAsync());
                }

                // (8) End the lease, stop the upload, and let the connection persist or not.
                exchange.EndLease();
                if (exchange.IsUploading)
                {
                    await exchange.WaitForUploadAsync();
                }

                if (exchange.HasUnwantedBody)
                {
                    _life.SetDeadline(exchange.Ticks.EarlyAnswerDrain);
                    while (exchange.HasUnwantedBody && exchange.TrySkipBody(await Transport.Input.ReadAsync()))
                    {
                    }
                }

                if (!EndExchange())
                {
                    break;
                }

                if (_life.IsQuietOutside)
                {
                    _life.IsServing = false;
                    return;
                }
            }

            if (_life.MayStillSend)
            {
                Lingering lingering = _life.BeginLinger();
                while (lingering.Take(await Transport.Input.ReadAsync()))
                {
                }

                if (lingering.HasCrossed)
                {
                    Worker.Counters.Add(LoopCounter.RequestsCrossed);
                }
            }
        }
        catch (Exception bug)
        {
            Worker.ReportBug(bug, Id);
            _life.End(CloseReason.EngineFault);
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
        _life.Drain(slotTick);
        Exchange?.Drain();
    }

    /// <summary>Another configuration is in force: while it waits for a request, its deadline is the new one.</summary>
    public void Reconsider() => _life.Reconsider();

    /// <summary>Ends the connection, which carries no exchange, for others.</summary>
    public void Evict() => Stop(CloseReason.FairEviction);

    /// <summary>Ends the connection whatever it carries.</summary>
    public void Cut(CloseReason reason)
    {
        Stop(reason);
        _life.Cut();
        Exchange?.LoseClient(reason);
        Transport.Output.CancelPendingFlush();
    }

    void IConnectionWatcher.OnConnectionEvent(TransportConnection connection, ConnectionEvent what)
    {
        if (!_life.IsServing)
        {
            Wake(cancelsRead: what == ConnectionEvent.Deadline);
        }
        else if (what == ConnectionEvent.Failed)
        {
            // RFC 9112 section 9.6: a client that has finished sending still wants its response, one that reset none.
            Exchange?.LoseClient(CloseReason.Reset);
        }
        else if (what == ConnectionEvent.PeerFinished)
        {
            Exchange?.OnClientFinished();
        }
    }

    private void Serve()
    {
        _life.IsServing = true;
        _ = ServeAsync();
    }

    // The watcher is told before continuations run, and may not run any itself.
    private void Wake(bool cancelsRead)
    {
        if (cancelsRead)
        {
            Transport.Input.CancelPendingRead();
        }

        _life.IsServing = true;
        Loop.Defer(static connection => ((ClientConnection)connection!).Serve(), this);
    }

    private void Stop(CloseReason reason)
    {
        _life.End(reason);
        if (_life.IsServing)
        {
            Transport.Input.CancelPendingRead();
        }
        else
        {
            Wake(cancelsRead: true);
        }
    }

    /// <returns>True when an exchange has begun, or none will.</returns>
    private bool TakeRead(in ReadResult read)
    {
        RequestIntake intake = new(ref _life);
        switch (intake.Take(read))
        {
            case IntakeStep.NeedMore:
                return false;
            case IntakeStep.Request:
                BeginExchange();
                ClientStanding standing = _life.Standing(_life.NeedsPlaceToPersist ? TryPersist : null);
                intake.Advance(Exchange!.Begin(Transport, Listener.Plan, standing, intake.Parsed, intake.View));
                _life.RequestCount++;
                return true;
            case IntakeStep.HeadTimeout:
                BeginExchange();
                Exchange!.BeginTimedOut(Transport, Listener.Plan);
                return true;
            default:
                return true;
        }
    }

    private bool TryPersist() => _life.TryPersist();

    private void BeginExchange()
    {
        _life.MoveTo(ClientState.Exchanging);
        Exchange = Worker.RentExchange();
        Worker.Counters.Add(LoopCounter.ExchangesOpen);
    }

    /// <returns>True when the connection stays open for another request.</returns>
    private bool EndExchange()
    {
        Exchange exchange = Exchange!;
        bool staysOpen = _life.TakeEnd(exchange);
        Exchange = null;
        Worker.Return(exchange);
        Worker.Counters.Add(LoopCounter.ExchangesOpen, -1);
        return staysOpen;
    }

    private void Close() => _life.Close(Exchange);
}
