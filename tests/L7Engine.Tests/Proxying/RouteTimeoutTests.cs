using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Proxying;

/// <summary>Timeouts that a route has of its own, beside those of all others.</summary>
[TestFixture]
internal sealed class RouteTimeoutTests : EngineFixture
{
    private static readonly TimeSpan Own = TimeSpan.FromMinutes(5);

    private static readonly string Upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";

    [TestCase("/", 60, "timeouts.backendResponse=60s")]
    [TestCase("/own", 300, "routes[].timeouts.backendResponse=300s")]
    public void A_response_may_take_as_long_as_its_route_says(string target, int seconds, string setting)
    {
        Start(With(new RouteTimeoutOptions { BackendResponse = Own }));
        SimPeer client = Ask(Msg.Get(target));

        AssertEndsAfter(seconds, () => Msg.StatusOf(client.Text) == 504);
        Assert.That(BackendSetting(), Is.EqualTo(setting));
    }

    [TestCase("/", 60, "timeouts.backendBodyGap=60s")]
    [TestCase("/own", 300, "routes[].timeouts.backendBodyGap=300s")]
    public void A_stream_of_events_may_be_silent_for_as_long_as_its_route_says(string target, int seconds, string setting)
    {
        Start(With(new RouteTimeoutOptions { BackendBodyGap = Own }));
        SimPeer client = Ask(Msg.Get(target));
        Send(Backend, Msg.OkChunks() + Msg.Chunk("event"));

        AssertEndsAfter(seconds, () => client.IsFinished || client.IsReset);
        Assert.That(BackendSetting(), Is.EqualTo(setting));
    }

    [TestCase("/", 60, "timeouts.backendSendGap=60s")]
    [TestCase("/own", 300, "routes[].timeouts.backendSendGap=300s")]
    public void A_backend_may_take_nothing_for_as_long_as_the_route_says(string target, int seconds, string setting)
    {
        Start(With(new RouteTimeoutOptions { BackendSendGap = Own }));
        Bed.Backend.OnAccepted = peer => peer.PauseReading();
        SimPeer client = Ask($"POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n" + new string('x', 900_000));

        AssertEndsAfter(seconds, () => Msg.StatusOf(client.Text) == 504);
        Assert.That(BackendSetting(), Is.EqualTo(setting));
    }

    [TestCase("/", 20, "slowClients.requestBodyGap=20s")]
    [TestCase("/own", 300, "routes[].timeouts.requestBodyGap=300s")]
    public void A_request_body_may_pause_for_as_long_as_its_route_says_whatever_the_listener_does(
        string target, int seconds, string setting)
    {
        var slow = new SlowClientOptions { MinimumRateBytes = 0, RequestBodyGap = TimeSpan.FromSeconds(20) };
        Start(o => With(new RouteTimeoutOptions { RequestBodyGap = Own })(o) with
        {
            Listeners = [o.Listeners[0] with { SlowClients = slow }],
        });
        SimPeer client = Ask($"POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf");

        AssertEndsAfter(seconds, () => Msg.StatusOf(client.Text) == 408);
        client.Close();
        Net.RunUntilIdle();
        Assert.That(Bed.OnlyClose(ConnectionSide.Client).Setting?.ToString(), Is.EqualTo(setting));
    }

    [TestCase("/", 3_600, "timeouts.tunnelIdle=3600s")]
    [TestCase("/own", 300, "routes[].timeouts.tunnelIdle=300s")]
    public void A_tunnel_may_be_silent_for_as_long_as_its_route_says(string target, int seconds, string setting)
    {
        Start(With(new RouteTimeoutOptions { TunnelIdle = Own }));
        SimPeer client = Ask(Msg.Get(target, Upgrade));
        Send(Backend, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");

        AssertEndsAfter(seconds, () => client.IsFinished || client.IsReset);
        Assert.That(Bed.Closed().Select(c => c.Setting?.ToString()), Is.EqualTo([setting, setting]));
    }

    private static Func<LoadBalancerOptions, LoadBalancerOptions> With(RouteTimeoutOptions timeouts) => o => o with
    {
        Routes = [new RouteOptions(), new RouteOptions { Path = "/own", Timeouts = timeouts }],
    };

    private string? BackendSetting() => Bed.OnlyClose(ConnectionSide.Backend).Setting?.ToString();

    private void AssertEndsAfter(int seconds, Func<bool> hasEnded)
    {
        Net.RunFor(TimeSpan.FromSeconds(seconds - 0.2));
        Assert.That(hasEnded(), Is.False, "too early");
        Net.RunFor(TimeSpan.FromSeconds(0.5));
        Assert.That(hasEnded(), "too late");
    }
}
