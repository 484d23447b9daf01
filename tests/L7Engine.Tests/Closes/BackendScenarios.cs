using L7Engine.Tests.Support;
using L7Engine.Transport;

namespace L7Engine.Tests.Closes;

/// <summary>How connections to backends come to their ends: a line for each reason.</summary>
internal static class BackendScenarios
{
    private static readonly string Upgrade = Msg.Get(fields: "Upgrade: websocket\r\nConnection: Upgrade\r\n");

    public static readonly CloseScenario[] All =
    [
        Of(CloseReason.BackendClosedIdle, CloseParty.Peer, "", () => Idle().Then(s => s.Backend.Close())),
        Of(CloseReason.BackendStale, CloseParty.Peer, "", Stale),
        Of(CloseReason.BackendSentUnasked, CloseParty.Engine, "", () => Idle().Reply("more")),
        Of(CloseReason.BackendAskedClose, CloseParty.Engine, "", () =>
            Asking().Reply(Msg.Ok(fields: "Connection: close\r\n"))),
        Of(CloseReason.BackendConnectFailed, CloseParty.Peer, "", () => Connecting(ConnectOutcome.Refused)),
        Of(CloseReason.BackendConnectFailed, CloseParty.Network, "", () => Connecting(ConnectOutcome.Unreachable)),
        Of(CloseReason.BackendConnectTimeout, CloseParty.Engine, "timeouts.backendConnect=4s", () =>
            Connecting(ConnectOutcome.Unanswered).Run(5)),
        Of(CloseReason.LocalPorts, CloseParty.Engine, "", () => Connecting(ConnectOutcome.NoLocalPort)),
        Of(CloseReason.LocalDescriptors, CloseParty.Engine, "", () => Connecting(ConnectOutcome.NoDescriptor)),
        Of(CloseReason.LocalDescriptors, CloseParty.Engine, "", NoDescriptorToAcceptWith),
        Of(CloseReason.BackendSendTimeout, CloseParty.Engine, "timeouts.backendSendGap=60s", () =>
        {
            var scene = new Scene();
            scene.Bed.Backend.OnAccepted = peer => peer.PauseReading();
            return scene.Send(Msg.Post(Msg.Text(200_000))).Run(61);
        }),
        Of(CloseReason.BackendResponseTimeout, CloseParty.Engine, "timeouts.backendResponse=60s", () => Asking().Run(61)),
        Of(CloseReason.BackendBodyTimeout, CloseParty.Engine, "timeouts.backendBodyGap=60s", () =>
            Asking().Reply(Msg.Ok("whole")[..^1]).Run(61)),
        Of(CloseReason.BackendReset, CloseParty.Peer, "", () => Asking().Then(s => s.Backend.Reset())),
        Of(CloseReason.BackendProtocolError, CloseParty.Engine, "", () => Asking().Reply("nonsense\r\n\r\n")),
        Of(CloseReason.BackendProtocolError, CloseParty.Engine, "limits.maxResponseHead=1024B", () =>
            Limited(new Limits { MaxResponseHeadBytes = 1024 }, Msg.Ok(fields: Field(2000)))),
        Of(CloseReason.BackendProtocolError, CloseParty.Engine, "limits.maxResponseFields=1", () =>
            Limited(new Limits { MaxResponseFields = 1 }, Msg.Ok(fields: Field(1)))),
        Of(CloseReason.BackendProtocolError, CloseParty.Engine, "limits.maxInterimResponses=1", () =>
            Limited(new Limits { MaxInterimResponses = 1 }, "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n")),
        Of(CloseReason.BackendProtocolError, CloseParty.Engine, "limits.maxTrailer=1024B", () =>
            Limited(new Limits { MaxTrailerBytes = 1024 }, Msg.OkChunks() + "0\r\n" + Field(2000) + "\r\n")),
        Of(CloseReason.PoolIdleTimeout, CloseParty.Engine, "pool.idleTimeout=60s", () => Idle().Run(61)),
        Of(CloseReason.PoolIdleDeadline, CloseParty.Engine, "pool.learnIdleTimeout=true", () =>
            Asking().Reply(Msg.Ok(fields: "Keep-Alive: timeout=5\r\n")).Run(5)),
        Of(CloseReason.PoolFull, CloseParty.Engine, "pool.maxIdle=1", () => TwoIdle(new PoolOptions { MaxIdle = 1 })),
        Of(CloseReason.PoolMaxAge, CloseParty.Engine, "pool.maxAge=2s", () =>
            Idle(new PoolOptions { MaxAge = TimeSpan.FromSeconds(2) }).Run(3).Send(Msg.Get())),
        Of(CloseReason.PoolRequestLimit, CloseParty.Engine, "pool.maxRequests=1", () =>
            Idle(new PoolOptions { MaxRequests = 1 })),
        Of(CloseReason.PoolTrimmed, CloseParty.Engine, "", () => TwoIdle(new PoolOptions()).Run(12)),
        Of(CloseReason.PoolOff, CloseParty.Engine, "pool.enabled=false", () =>
            Idle(new PoolOptions { Enabled = false }).Run(2)),
        Of(CloseReason.PoolOff, CloseParty.Peer, "pool.enabled=false", () =>
            Idle(new PoolOptions { Enabled = false }).Then(s => s.Backend.Close())),
        Of(CloseReason.ExchangeAborted, CloseParty.Engine, "", () => Asking().Then(s => s.Client.Reset())),
        Of(CloseReason.UntilCloseEnd, CloseParty.Peer, "", () =>
            Asking().Reply("HTTP/1.1 200 OK\r\n\r\nall").Then(s => s.Backend.Close())),
        Of(CloseReason.Vanished, CloseParty.Network, "", () => Idle().Then(s => s.Backend.Vanish())),
        Of(CloseReason.Unreachable, CloseParty.Network, "", () =>
            Asking().Then(s => s.Backend.Vanish(ErrorNumber.HostUnreachable))),
        Of(CloseReason.Restarted, CloseParty.Peer, "", () =>
            Idle(new PoolOptions { IdleTimeout = TimeSpan.FromDays(1) }).Run(7200).Then(s => s.Backend.Reset())),
        Of(CloseReason.TunnelClosed, CloseParty.Peer, "", () =>
            Tunnel().Then(s => s.Backend.Close()).Then(s => s.Client.Close())),
        Of(CloseReason.TunnelIdle, CloseParty.Engine, "timeouts.tunnelIdle=3600s", () => Tunnel().Run(3601)),
        Of(CloseReason.TunnelLimit, CloseParty.Engine, "limits.maxTunnels=1", TunnelLimit),
        Of(CloseReason.Drain, CloseParty.Engine, "", () => Idle().Drain().Run(4)),
        Of(CloseReason.DrainDeadline, CloseParty.Engine, "timeouts.drain=30s", () => Asking().Drain().Run(31)),
        Of(CloseReason.Stopped, CloseParty.Engine, "", () => Asking().Stop()),
        Of(CloseReason.EngineFault, CloseParty.Engine, "", Bug),
    ];

    private static CloseScenario Of(CloseReason reason, CloseParty first, string setting, Func<EngineBed> play) =>
        new(ConnectionSide.Backend, reason, first, setting, play);

    private static Scene Asking() => new Scene().Send(Msg.Get());

    private static Scene Idle(PoolOptions? pool = null) =>
        new Scene(o => o with { Groups = [o.Groups[0] with { Pool = pool ?? new PoolOptions() }] })
            .Send(Msg.Get()).Reply(Msg.Ok());

    private static Scene Connecting(ConnectOutcome outcome)
    {
        var scene = new Scene();
        scene.Bed.Network.SetOutcome(scene.Bed.Backend.Address, outcome);
        return scene.Send(Msg.Get());
    }

    private static EngineBed Limited(Limits limits, string response) =>
        new Scene(o => o with { Limits = limits }).Send(Msg.Get()).Reply(response);

    private static Scene Tunnel() => new Scene().Send(Upgrade).Reply(Scene.Switched);

    private static EngineBed NoDescriptorToAcceptWith()
    {
        Scene scene = Idle();
        scene.Bed.Network.Loops[0].Listeners[0].AcceptError = ErrorNumber.ProcessFileTableFull;
        scene.Bed.Connect();
        return scene.Run(0);
    }

    // The backend's FIN is on its way when the next request is written.
    private static EngineBed Stale()
    {
        var scene = new Scene();
        scene.Bed.Network.Link = new LinkSettings { Latency = TimeSpan.FromMilliseconds(5) };
        scene.Send(Msg.Get()).Reply(Msg.Ok());
        scene.Backend.Close();
        return scene.Send(Msg.Get());
    }

    private static Scene TwoIdle(PoolOptions pool)
    {
        var scene = new Scene(o => o with { Groups = [o.Groups[0] with { Pool = pool }] });
        scene.Send(Msg.Get());
        scene.Bed.Ask(Msg.Get());
        foreach (SimPeer peer in scene.Bed.Backend.Peers)
        {
            scene.Then(_ => peer.Send(Msg.Ok()));
        }

        return scene;
    }

    private static EngineBed TunnelLimit()
    {
        var scene = new Scene(o => o with { Limits = new Limits { MaxTunnels = 1 } });
        scene.Send(Upgrade).Reply(Scene.Switched);
        scene.Bed.Ask(Upgrade);
        return scene.Reply(Scene.Switched);
    }

    private static EngineBed Bug()
    {
        Scene scene = Idle();
        scene.BreakBackend();
        return scene.Send(Msg.Get());
    }

    private static string Field(int bytes) => $"X-Field: {new string('x', bytes)}\r\n";
}
