using L7Engine.Tests.Support;
using L7Engine.Transport;

namespace L7Engine.Tests.Closes;

/// <summary>How client connections come to their ends: a line for each reason.</summary>
internal static class ClientScenarios
{
    private const string HalfABody = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf";

    private static readonly TimeSpan Short = TimeSpan.FromSeconds(3);
    private static readonly string Upgrade = Msg.Get(fields: "Upgrade: websocket\r\nConnection: Upgrade\r\n");

    public static readonly CloseScenario[] All =
    [
        Of(CloseReason.IdleTimeout, CloseParty.Engine, "keepAlive.idleTimeout=75s", () => Idle().Run(76)),
        Of(CloseReason.IdleTimeout, CloseParty.Engine, "keepAlive.idleTimeout=5s", () => OfRoute(idleSeconds: 5).Run(6)),
        Of(CloseReason.IdleTimeout, CloseParty.Engine, "keepAlive.idleTimeout=100s", () => OfRoute(100).Run(101)),
        Of(CloseReason.RequestLimit, CloseParty.Engine, "keepAlive.maxRequests=1", () =>
            Idle(l => l with { KeepAlive = new KeepAliveOptions { MaxRequests = 1 } }).Run(3)),
        Of(CloseReason.MaxAge, CloseParty.Engine, "keepAlive.maxAge=2s", () =>
        {
            Scene scene = Idle(l => l with { KeepAlive = new KeepAliveOptions { MaxAge = TimeSpan.FromSeconds(2) } });
            scene.Run(3);
            return scene.Send(Msg.Get()).Reply(Msg.Ok()).Run(3);
        }),
        Of(CloseReason.PersistenceOff, CloseParty.Engine, "keepAlive.enabled=false", () =>
            Idle(l => l with { KeepAlive = new KeepAliveOptions { Enabled = false } }).Run(3)),
        Of(CloseReason.PersistenceOff, CloseParty.Engine, "keepAlive.idleTimeout=0s", () =>
            Idle(l => l with { KeepAlive = new KeepAliveOptions { IdleTimeout = TimeSpan.Zero } }).Run(3)),
        Of(CloseReason.PersistenceOff, CloseParty.Engine, "keepAlive.idleTimeout=0s", () => OfRoute(0).Run(3)),
        Of(CloseReason.PersistentCap, CloseParty.Engine, "clientCaps.persistent=1", () =>
            Capped(new ClientCapsOptions { Persistent = 1 })),
        Of(CloseReason.ConnectionCap, CloseParty.Engine, "clientCaps.connections=1", () =>
            Capped(new ClientCapsOptions { Connections = 1 })),
        Of(CloseReason.ClientAskedClose, CloseParty.Engine, "", () => Answered(Msg.Get(fields: "Connection: close\r\n"))),
        Of(CloseReason.ClientClosed, CloseParty.Peer, "", () => Idle().Then(s => s.Client.Close())),
        Of(CloseReason.ClientAborted, CloseParty.Peer, "", () => Asking("GET / HT").Then(s => s.Client.Close())),
        Of(CloseReason.Reset, CloseParty.Peer, "", () => Idle().Then(s => s.Client.Reset())),
        Of(CloseReason.HeadTimeout, CloseParty.Engine, "timeouts.requestHead=30s", () => Asking("").Run(31)),
        Of(CloseReason.HeadTimeout, CloseParty.Engine, "timeouts.requestHead=30s", () => Asking("GET / HT").Run(33)),
        Of(CloseReason.HeadTimeout, CloseParty.Engine, "slowClients.requestHead=3s", () =>
            Slow(new SlowClientOptions { RequestHead = Short }).Run(4)),
        Of(CloseReason.BodyTimeout, CloseParty.Engine, "timeouts.requestBodyGap=60s", () =>
            Slow(new SlowClientOptions { MinimumRateBytes = 0 }).Send(HalfABody).Run(63)),
        Of(CloseReason.BodyTimeout, CloseParty.Engine, "slowClients.requestBodyGap=3s", () =>
            Slow(new SlowClientOptions { RequestBodyGap = Short }).Send(HalfABody).Run(6)),
        Of(CloseReason.SendTimeout, CloseParty.Engine, "timeouts.responseSendGap=60s", () =>
            Unread(new SlowClientOptions { MinimumRateBytes = 0 }).Run(61)),
        Of(CloseReason.SendTimeout, CloseParty.Engine, "slowClients.responseSendGap=3s", () =>
            Unread(new SlowClientOptions { ResponseSendGap = Short }).Run(4)),
        Of(CloseReason.MinimumRate, CloseParty.Engine, "slowClients.minimumRate=240B", () =>
            Slow(new SlowClientOptions()).Send(HalfABody).Run(9)),
        Of(CloseReason.QueueTimeout, CloseParty.Engine, "queue.timeout=10s", QueueTimeout),
        Of(CloseReason.ProtocolError, CloseParty.Engine, "", () => Asking("nonsense\r\n\r\n").Run(3)),
        Of(CloseReason.ProtocolError, CloseParty.Engine, "limits.maxRequestLine=300B", () =>
            Limited(new Limits { MaxRequestLineBytes = 300 }, Msg.Get("/" + new string('x', 300)))),
        Of(CloseReason.ProtocolError, CloseParty.Engine, "limits.maxRequestHead=1024B", () =>
            Limited(new Limits { MaxRequestHeadBytes = 1024, MaxRequestLineBytes = 300 }, Msg.Get(fields: Field(2000)))),
        Of(CloseReason.ProtocolError, CloseParty.Engine, "limits.maxRequestFields=1", () =>
            Limited(new Limits { MaxRequestFields = 1 }, Msg.Get(fields: Field(1)))),
        Of(CloseReason.ProtocolError, CloseParty.Engine, "limits.maxRequestBody=3B", () =>
            Limited(new Limits { MaxRequestBodyBytes = 3 }, Msg.Post("four"))),
        Of(CloseReason.ProtocolError, CloseParty.Engine, "limits.maxConnectionOptions=1", () =>
            Limited(new Limits { MaxConnectionOptions = 1 }, Msg.Get(fields: "Connection: a, b\r\n"))),
        Of(CloseReason.ProtocolError, CloseParty.Engine, "limits.maxChunkExtension=0B", () =>
            Limited(new Limits { MaxChunkExtensionBytes = 0 }, Msg.PostChunks() + "1;a=b\r\nx\r\n0\r\n\r\n")),
        Of(CloseReason.ProtocolError, CloseParty.Engine, "limits.maxTrailer=1024B", () =>
            Limited(new Limits { MaxTrailerBytes = 1024 }, Msg.PostChunks() + "0\r\n" + Field(2000) + "\r\n")),
        Of(CloseReason.RequestBodyUnread, CloseParty.Engine, "", () =>
            Asking("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999\r\n\r\n").Reply(Msg.Ok()).Run(3)),
        Of(CloseReason.RequestBodyUnread, CloseParty.Engine, "timeouts.earlyAnswerDrain=2s", () =>
            Asking("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n").Reply(Msg.Ok()).Run(6)),
        Of(CloseReason.FairEviction, CloseParty.Engine, "limits.maxClientConnections=10", Evicted),
        Of(CloseReason.BackendTruncated, CloseParty.Engine, "", () =>
            Asking(Msg.Get()).Reply(Msg.Ok("whole")[..^1]).Then(s => s.Backend.Close())),
        Of(CloseReason.UntilCloseEnd, CloseParty.Engine, "", () =>
            Asking("GET / HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n")
                .Reply("HTTP/1.1 200 OK\r\n\r\nall").Then(s => s.Backend.Close()).Run(3)),
        Of(CloseReason.Vanished, CloseParty.Network, "", () => LongIdle().Then(s => s.Client.Vanish())),
        Of(CloseReason.Unreachable, CloseParty.Network, "", () =>
            Asking(Msg.Get()).Then(s => s.Client.Vanish(ErrorNumber.HostUnreachable))),
        Of(CloseReason.Restarted, CloseParty.Peer, "", () => LongIdle().Run(7200).Then(s => s.Client.Reset())),
        Of(CloseReason.TunnelClosed, CloseParty.Engine, "", () =>
            Tunnel().Then(s => s.Backend.Close()).Then(s => s.Client.Close())),
        Of(CloseReason.TunnelIdle, CloseParty.Engine, "timeouts.tunnelIdle=3600s", () => Tunnel().Run(3601)),
        Of(CloseReason.Drain, CloseParty.Engine, "", () => Idle().Drain().Run(4)),
        Of(CloseReason.DrainDeadline, CloseParty.Engine, "timeouts.drain=30s", () => Asking(Msg.Get()).Drain().Run(31)),
        Of(CloseReason.DrainDeadline, CloseParty.Engine, "", () => Asking(Msg.Get()).Drain(seconds: 5).Run(6)),
        Of(CloseReason.Stopped, CloseParty.Engine, "", () => Asking(Msg.Get()).Stop()),
        Of(CloseReason.EngineFault, CloseParty.Engine, "", () => Bug()),
    ];

    private static CloseScenario Of(CloseReason reason, CloseParty first, string setting, Func<EngineBed> play) =>
        new(ConnectionSide.Client, reason, first, setting, play);

    private static Scene Idle(Func<ListenerOptions, ListenerOptions>? listener = null) =>
        new Scene(o => o with { Listeners = [listener?.Invoke(o.Listeners[0]) ?? o.Listeners[0]] })
            .Send(Msg.Get()).Reply(Msg.Ok());

    private static Scene Asking(string request) => new Scene().Send(request);

    private static Scene LongIdle() =>
        Idle(l => l with { KeepAlive = new KeepAliveOptions { IdleTimeout = TimeSpan.FromDays(1) } });

    /// <summary>A client that persists, and another connection of its.</summary>
    private static EngineBed Capped(ClientCapsOptions caps)
    {
        Scene scene = Idle(l => l with { ClientCaps = caps });
        scene.Bed.AnswerWith(Msg.Ok());
        scene.Bed.Newest().OnReceived = peer => peer.Send(Msg.Ok());
        scene.Bed.Ask(Msg.Get());
        return scene.Run(3);
    }

    private static Scene OfRoute(int idleSeconds)
    {
        var own = new RouteKeepAliveOptions { IdleTimeout = TimeSpan.FromSeconds(idleSeconds) };
        return new Scene(o => o with { Routes = [new RouteOptions(), new RouteOptions { Path = "/own", KeepAlive = own }] })
            .Send(Msg.Get("/own")).Reply(Msg.Ok());
    }

    private static Scene Slow(SlowClientOptions slow) =>
        new(o => o with { Listeners = [o.Listeners[0] with { SlowClients = slow }] });

    /// <summary>A client that takes nothing of a response that no buffer can hold.</summary>
    private static Scene Unread(SlowClientOptions slow)
    {
        Scene scene = Slow(slow).Send(Msg.Get());
        scene.Client.PauseReading();
        return scene.Reply(Msg.Ok(Msg.Text(200_000)));
    }

    private static EngineBed Answered(string request) => Asking(request).Reply(Msg.Ok()).Bed;

    private static EngineBed Limited(Limits limits, string request) =>
        new Scene(o => o with { Limits = limits }).Send(request).Run(3);

    private static Scene Tunnel() => Asking(Upgrade).Reply(Scene.Switched);

    private static EngineBed Bug()
    {
        Scene scene = Idle();
        scene.BreakBackend();
        return scene.Send(Msg.Get()).Bed;
    }

    // Places for ten, of which one client takes all: past nine it loses as many as bring it down to eight.
    private static EngineBed Evicted()
    {
        var scene = new Scene(o => o with { Limits = new Limits { MaxClientConnections = 10 } });
        for (int i = 0; i < 9; i++)
        {
            scene.Bed.Connect();
            scene.Run(0.1);
        }

        return scene;
    }

    // One place, which another client has.
    private static EngineBed QueueTimeout()
    {
        var scene = new Scene(o => o with
        {
            Groups = [o.Groups[0] with { Backends = [o.Groups[0].Backends[0] with { MaxConnections = 1 }] }],
        });
        scene.Bed.Ask(Msg.Get());
        return scene.Send(Msg.Get()).Run(13);
    }

    private static string Field(int bytes) => $"X-Field: {new string('x', bytes)}\r\n";
}
