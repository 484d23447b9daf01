using L7Engine.Tests.Support;

namespace L7Engine.Tests.Simulation;

/// <summary>One traffic through the whole engine under one idle timeout, and what was true of it.</summary>
internal sealed class GapReplay
{
    private static readonly TimeSpan ResponseTime = TimeSpan.FromMilliseconds(40);

    private readonly EngineBed _bed;
    private long _openCount;
    private long _openSince;
    private double _openTicks;

    private GapReplay(GapTraffic traffic, int seed, KeepAliveOptions keepAlive)
    {
        Traffic = traffic;
        _bed = new EngineBed(seed, configure: o => o with
        {
            Listeners = [o.Listeners[0] with { KeepAlive = keepAlive with { MaxRequests = 0, MaxAge = TimeSpan.Zero } }],
        });
        _bed.Backend.OnAccepted = peer =>
        {
            var answering = new SimTimer(Scheduler, () => peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
            peer.OnReceived = p =>
            {
                p.Clear();
                answering.After(ResponseTime);
            };
        };
        Scheduler.MaxSteps = long.MaxValue;
        _openSince = Scheduler.Now;
    }

    public GapTraffic Traffic { get; }

    public SimScheduler Scheduler => _bed.Network.Scheduler;

    /// <summary>Nobody asks any more.</summary>
    public bool IsOver { get; private set; }

    /// <summary>What the engine says it would be like.</summary>
    public WhatIfCurve Curve { get; private set; } = null!;

    /// <summary>Requests that found their connection open, of all.</summary>
    public double Share { get; private set; }

    /// <summary>Connections open, on the average.</summary>
    public double Open { get; private set; }

    public static GapReplay Run(
        GapTraffic traffic, int seed, int clients, TimeSpan duration, KeepAliveOptions keepAlive)
    {
        var replay = new GapReplay(traffic, seed, keepAlive);
        for (int i = 0; i < clients; i++)
        {
            _ = new GapClient(replay, (seed * 1_000_003) + i);
        }

        replay._bed.Network.RunFor(duration);
        replay.Conclude(duration);
        replay._bed.Stop();
        return replay;
    }

    public SimPeer Connect()
    {
        CountOpen(1);
        return _bed.Connect();
    }

    public void CountOpen(int by)
    {
        _openTicks += (double)_openCount * (Scheduler.Now - _openSince);
        _openSince = Scheduler.Now;
        _openCount += by;
    }

    private void Conclude(TimeSpan duration)
    {
        IsOver = true;
        CountOpen(0);
        LoadBalancerStatus status = _bed.Status;
        Curve = status.WhatIf[0];
        Share = status.RequestsOnReusedClientConnections / (double)status.Requests;
        Open = _openTicks / duration.Ticks;
    }
}
