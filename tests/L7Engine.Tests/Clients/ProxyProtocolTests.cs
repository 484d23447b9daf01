using System.Net;
using L7Engine.Clients;
using L7Engine.Diagnostics;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Clients;

/// <summary>Connections of proxies that say, before any other byte, whose they are.</summary>
[TestFixture]
internal sealed class ProxyProtocolTests : EngineFixture
{
    private const string Line = "PROXY TCP4 192.0.2.1 203.0.113.7 12345 80\r\n";
    private const string Signature = "\r\n\r\n\0\r\nQUIT\n";
    private const string Binary = Signature + "!\u0011\0\u000C\u00C0\0\u0002\u0001\u00CB\0q\u000709\0P";
    private const string Local = Signature + " \0\0\u0003\u0004\0\0";

    [TestCase(Line, "192.0.2.1")]
    [TestCase("PROXY TCP6 2001:db8::7 2001:db8::1 1 80\r\n", "2001:db8::7")]
    [TestCase("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 80\r\n", "192.0.2.1")]
    [TestCase(Binary, "192.0.2.1")]
    [TestCase("PROXY UNKNOWN\r\n", "10.0.0.1")]
    [TestCase(Local, "10.0.0.1")]
    public void The_backend_is_told_of_the_client_that_the_proxy_names(string header, string client)
    {
        StartBehindProxies();
        SimPeer proxy = Ask("10.0.0.1", header + Msg.Get());

        Assert.That(Msg.Field(Backend.Text, "X-Forwarded-For"), Is.EqualTo(client));
        Send(Backend, Msg.Ok("done"));
        Assert.That(proxy.Text, Does.EndWith("done"));
    }

    [Test]
    public void The_header_is_for_the_connection_and_not_for_each_request()
    {
        StartBehindProxies();
        SimPeer proxy = Ask("10.0.0.1", Line + Msg.Get());
        Send(Backend, Msg.Ok());
        Backend.Clear();
        Send(proxy, Msg.Get("/again"));
        Assert.That(Msg.Field(Backend.Text, "X-Forwarded-For"), Is.EqualTo("192.0.2.1"));

        Send(Backend, Msg.Ok());
        proxy.Clear();
        Send(proxy, Line + Msg.Get());
        Assert.That(Msg.StatusOf(proxy.Text), Is.EqualTo(400));
    }

    [TestCase(Line)]
    [TestCase(Binary)]
    public void A_header_may_come_in_two_pieces_with_any_time_between_that_a_head_may_take(string header)
    {
        StartBehindProxies();
        Bed.AnswerWith(Msg.Ok("done"));
        string all = header + Msg.Get();
        for (int cut = 1; cut < all.Length; cut++)
        {
            SimPeer proxy = Ask("10.0.0.1", all[..cut]);
            Net.RunFor(TimeSpan.FromSeconds(20));
            Send(proxy, all[cut..]);

            Assert.That(proxy.Text, Does.EndWith("done"), $"cut {cut}");
            proxy.Close();
        }
    }

    [TestCase("GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [TestCase("PROXY TCP4 192.0.2.1 203.0.113.7 12345\r\n")]
    [TestCase("PROXY UNKNOWN\n")]
    [TestCase("\r\nPROXY UNKNOWN\r\n")]
    [TestCase(Signature + "\"\u0011\0\0")]
    public void What_begins_with_anything_else_is_closed_without_an_answer(string bytes)
    {
        StartBehindProxies();
        SimPeer proxy = Ask("10.0.0.1", bytes);

        Assert.That((proxy.IsFinished, proxy.Text), Is.EqualTo((true, "")));
        Assert.That(Bed.ClientCloses(CloseReason.ProtocolError), Is.EqualTo(1));
        Assert.That(Bed.Status.Requests, Is.Zero);
    }

    [TestCase("")]
    [TestCase("PROXY TCP4 192.0.2.1")]
    [TestCase(Signature)]
    public void A_header_that_does_not_come_is_waited_for_as_long_as_a_head(string part)
    {
        StartBehindProxies();
        SimPeer proxy = Ask("10.0.0.1", part);
        Net.RunFor(TimeSpan.FromSeconds(29.8));
        Assert.That(proxy.IsFinished, Is.False);
        Net.RunFor(TimeSpan.FromSeconds(0.4));

        Assert.That((proxy.IsFinished, proxy.Text), Is.EqualTo((true, "")));
        Assert.That(Bed.ClientCloses(CloseReason.HeadTimeout), Is.EqualTo(1));
    }

    // The loop sees at once that the time is over and that more has come.
    [TestCase("TCP4 192.0.2.1 203.0.113.7 12345 80\r\n", 200)]
    [TestCase("TCP4 192.0.2.1", 0)]
    [TestCase("TCP9", 0)]
    public void A_header_that_crosses_the_end_of_the_wait_counts_if_it_is_whole(string rest, int status)
    {
        for (int seed = 1; seed <= 10; seed++)
        {
            StartBehindProxies(seed: seed);
            Bed.AnswerWith(Msg.Ok());
            SimPeer[] proxies = [.. Enumerable.Range(0, 20).Select(_ => Ask("10.0.0.1", "PROXY "))];
            Net.Loops[0].StallFor(TimeSpan.FromSeconds(31));
            Array.ForEach(proxies, p => p.Send(rest + (status == 200 ? Msg.Get() : "")));
            Net.RunFor(TimeSpan.FromSeconds(40));

            Assert.That(proxies.Select(p => Msg.StatusOf(p.Text)), Is.All.EqualTo(status), $"seed {seed}");
            Assert.That(proxies.Count(p => !p.IsFinished), Is.EqualTo(status == 200 ? 20 : 0));
            Bed.Stop();
        }
    }

    [Test]
    public void A_proxy_that_closes_before_its_header_is_whole_is_gone()
    {
        StartBehindProxies();
        SimPeer proxy = Ask("10.0.0.1", "PROXY TCP4");
        proxy.Close();
        Net.RunUntilIdle();
        SimPeer whole = Ask("10.0.0.1", Line);
        whole.Close();
        Net.RunUntilIdle();

        Assert.That(Bed.ClientCloses(CloseReason.ClientClosed), Is.EqualTo(2));
    }

    [Test]
    public void Any_other_peer_speaks_plain_http_and_cannot_name_a_client()
    {
        StartBehindProxies();
        SimPeer liar = Ask("192.0.2.9", Line + Msg.Get());
        Assert.That(Msg.StatusOf(liar.Text), Is.EqualTo(400));

        Ask("192.0.2.9", Msg.Get());
        Assert.That(Msg.Field(Backend.Text, "X-Forwarded-For"), Is.EqualTo("192.0.2.9"));
    }

    [Test]
    public void Without_the_setting_a_header_is_a_malformed_request()
    {
        StartListener(l => l with { TrustedProxies = [IPNetwork.Parse("10.0.0.0/8")] });

        Assert.That(Msg.StatusOf(Ask("10.0.0.1", Line + Msg.Get()).Text), Is.EqualTo(400));
    }

    // Whether the proxy's own fields are believed is a matter of the proxy's address, not of the client that it names.
    [Test]
    public void A_trusted_proxy_appends_the_client_that_it_names()
    {
        StartBehindProxies(l => l with { Forwarded = new ForwardedOptions { Mode = ForwardedFields.Append } });
        Ask("10.0.0.1", Line + Msg.Get(fields: "X-Forwarded-For: 198.51.100.1\r\n"));

        Assert.That(Msg.Field(Backend.Text, "X-Forwarded-For"), Is.EqualTo("198.51.100.1, 192.0.2.1"));
    }

    [Test]
    public void The_caps_count_the_client_that_the_proxy_names([Values(1, 3)] int loops)
    {
        var caps = new ClientCapsOptions { Persistent = 1, Connections = 3 };
        StartBehindProxies(l => l with { ClientCaps = caps }, loops);
        Bed.AnswerWith(Msg.Ok());
        SimPeer first = Ask("10.0.0.1", Line + Msg.Get());
        SimPeer second = Ask("10.0.0.2", "PROXY TCP6 64:ff9b::192.0.2.1 ::1 1 80\r\n" + Msg.Get());
        SimPeer direct = Ask("192.0.2.1", "");
        SimPeer fourth = Ask("10.0.0.1", Line + Msg.Get());
        SimPeer other = Ask("10.0.0.1", "PROXY TCP4 192.0.2.2 203.0.113.7 12345 80\r\n" + Msg.Get());

        Assert.That((Msg.StatusOf(first.Text), first.IsFinished), Is.EqualTo((200, false)));
        Assert.That((Msg.StatusOf(second.Text), second.IsFinished), Is.EqualTo((200, true)), "past the persistent cap");
        Assert.That(direct.IsFinished, Is.False);
        Assert.That((fourth.IsReset, fourth.Text), Is.EqualTo((true, "")), "past the connections cap");
        Assert.That((Msg.StatusOf(other.Text), other.IsFinished), Is.EqualTo((200, false)));
        Assert.That(Bed.Engine.Clients[0].CountsOf(ClientKey.Of(PeerAddress.Of(IPEndPoint.Parse("192.0.2.1:1")), 64)),
            Is.EqualTo(new ClientCounts(3, 1)));
    }

    [Test]
    public void The_ledger_names_the_client_that_the_proxy_names()
    {
        StartBehindProxies();
        Ask("10.0.0.1", Line).Close();
        Net.RunUntilIdle();

        Assert.That(Bed.Closed().Select(c => c.Peer), Is.EqualTo([IPEndPoint.Parse("192.0.2.1:12345")]));
    }

    // Past three quarters of 20 it is kept track of whose connections there are; past 18 the client with the most goes.
    [Test]
    public void When_connections_run_short_those_of_a_proxy_count_for_the_clients_that_it_names()
    {
        Start(o => o with
        {
            Limits = new Limits { MaxClientConnections = 20 },
            Listeners = [o.Listeners[0] with { ProxyProtocol = true, TrustedProxies = [IPNetwork.Parse("10.0.0.0/8")] }],
        });
        Bed.AnswerWith(Msg.Ok());
        SimPeer[] direct = [.. Enumerable.Range(1, 15).Select(i => Ask($"192.0.2.{i}", Msg.Get()))];
        SimPeer[] named = [.. Enumerable.Range(1, 2).Select(i =>
            Ask("10.0.0.1", $"PROXY TCP4 198.51.100.{i} 203.0.113.7 12345 80\r\n" + Msg.Get()))];
        SimPeer[] two = [.. Enumerable.Range(1, 2).Select(_ => Ask("203.0.113.1", Msg.Get()))];

        Assert.That(direct.Concat(named).Count(c => c.IsFinished), Is.Zero);
        Assert.That(two.Count(c => c.IsFinished), Is.EqualTo(1));
    }

    [TestCase(Local)]
    [TestCase("PROXY UNKNOWN\r\n")]
    public void A_proxy_that_names_nobody_is_exempt(string header)
    {
        StartBehindProxies(l => l with { ClientCaps = new ClientCapsOptions { Persistent = 1, Connections = 1 } });
        Bed.AnswerWith(Msg.Ok());

        Assert.That(Enumerable.Range(0, 3).Select(_ => Ask("10.0.0.1", header + Msg.Get()).IsFinished), Is.All.False);
    }

    [Test]
    public void A_client_that_is_refused_behind_its_header_is_told_429()
    {
        StartBehindProxies(l => l with
        {
            ClientCaps = new ClientCapsOptions { Connections = 1, Refusal = CapRefusal.TooManyRequests },
        });
        Ask("10.0.0.1", Line);

        Assert.That(Msg.StatusOf(Ask("10.0.0.1", Line + Msg.Get()).Text), Is.EqualTo(429));
    }

    [Test]
    public void A_drain_ends_a_connection_that_waits_for_its_header()
    {
        StartBehindProxies();
        SimPeer proxy = Ask("10.0.0.1", "PROXY ");
        Task<DrainResult> drain = Bed.DrainAsync();
        Net.Wait(drain);

        Assert.That((proxy.IsFinished, Bed.ClientCloses(CloseReason.Drain)), Is.EqualTo((true, 1L)));
    }

    private void StartBehindProxies(
        Func<ListenerOptions, ListenerOptions>? configure = null, int loops = 1, int seed = 1) => Start(
        o =>
        {
            ListenerOptions listener =
                o.Listeners[0] with { ProxyProtocol = true, TrustedProxies = [IPNetwork.Parse("10.0.0.0/8")] };
            return o with { Listeners = [configure?.Invoke(listener) ?? listener] };
        },
        loops: loops,
        seed: seed);

    private SimPeer Ask(string from, string bytes)
    {
        SimPeer peer = Bed.Connect(IPAddress.Parse(from));
        Send(peer, bytes);
        return peer;
    }
}
