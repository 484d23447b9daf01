using System.Net;
using L7Engine.Tests.Http;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Balancing;

/// <summary>A cookie that brings a client back to its backend, as clients and backends see it.</summary>
internal sealed class AffinityTests : EngineFixture
{
    private const int Backends = 3;

    [Test]
    public void The_first_response_binds_the_client_and_keeps_the_cookies_of_the_backend()
    {
        StartBound();

        string response = Ask(Msg.Get()).Text;

        Assert.That(response, Does.Contain("\r\nSet-Cookie: own=1\r\n"));
        Assert.That(CookieIn(response), Is.Not.Null);
        Assert.That(response, Does.Contain("; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax\r\n"));
    }

    [Test]
    public void A_bound_client_comes_back_to_its_backend_and_gets_no_cookie_again()
    {
        StartBound(loops: 3);
        string cookie = CookieIn(Ask(Msg.Get()).Text)!;

        string[] responses = [.. Enumerable.Range(0, 10).Select(_ => Ask(With(cookie)).Text)];

        Assert.That(responses.Select(CookieIn), Is.All.Null);
        Assert.That(Bed.Status.Backends.Select(b => b.Requests), Has.One.EqualTo(11));
    }

    [Test]
    public void The_backend_does_not_see_the_cookie()
    {
        StartBound();
        string cookie = CookieIn(Ask(Msg.Get()).Text)!;
        foreach (SimServer backend in Bed.Backends)
        {
            backend.OnAccepted = _ => { };
        }

        Ask(Msg.Get(fields: $"Cookie: a=1; {cookie}; b=2\r\n"));

        string seen = string.Concat(Bed.Backends.SelectMany(b => b.Peers).Select(p => p.Text));
        Assert.That(seen, Does.Contain("\r\nCookie: a=1; b=2\r\n"));
        Assert.That(seen, Does.Not.Contain("l7affinity"));
    }

    [TestCase("l7affinity=")]
    [TestCase("l7affinity=x")]
    [TestCase("l7affinity=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void A_bad_cookie_counts_as_none(string cookie)
    {
        StartBound();

        Assert.That(CookieIn(Ask(With(cookie)).Text), Is.Not.Null);
    }

    // Another site of the same domain may have set one of the same name.
    [Test]
    public void A_good_cookie_behind_a_bad_one_counts()
    {
        StartBound();
        string cookie = CookieIn(Ask(Msg.Get()).Text)!;

        Assert.That(CookieIn(Ask(With($"l7affinity=x; {cookie}")).Text), Is.Null);
        Assert.That(CookieIn(Ask(With($"l7affinity=1; l7affinity=2; l7affinity=3; l7affinity=4; {cookie}")).Text),
            Is.Not.Null);
    }

    [Test]
    public void Past_half_of_its_life_it_is_renewed_for_the_same_backend_and_past_all_of_it_it_is_void()
    {
        StartBound();
        string first = CookieIn(Ask(Msg.Get()).Text)!;

        Net.RunFor(TimeSpan.FromMinutes(29));
        Assert.That(CookieIn(Ask(With(first)).Text), Is.Null);

        Net.RunFor(TimeSpan.FromMinutes(2));
        string? second = CookieIn(Ask(With(first)).Text);
        Assert.That(second, Is.Not.Null.And.Not.EqualTo(first));
        Assert.That(Bed.Status.Backends.Select(b => b.Requests), Has.One.EqualTo(3));

        Net.RunFor(TimeSpan.FromMinutes(31));
        Assert.That(CookieIn(Ask(With(first)).Text), Is.Not.Null);
        Assert.That(Bed.Status.Backends.Select(b => b.Requests), Has.One.EqualTo(1));
    }

    [Test]
    public void Where_the_backend_is_down_another_serves_and_binds_the_client_anew()
    {
        StartBound();
        string cookie = CookieIn(Ask(Msg.Get()).Text)!;
        Net.SetOutcome(Bed.Backends[Serving()].Address, ConnectOutcome.Refused);

        string response = Ask(With(cookie)).Text;
        string? next = CookieIn(response);

        Assert.That(Msg.StatusOf(response), Is.EqualTo(200));
        Assert.That(next, Is.Not.Null);
        Assert.That(CookieIn(Ask(With(next!)).Text), Is.Null);
    }

    [Test]
    public void Where_the_backend_is_only_full_another_serves_and_the_client_stays_bound()
    {
        StartBound(o => o with { MaxConnections = 1 });
        string cookie = CookieIn(Ask(Msg.Get()).Text)!;
        int bound = Serving();
        Bed.Backends[bound].OnAccepted = peer => peer.OnReceived = p => p.Clear();
        Ask(With(cookie));

        string response = Ask(With(cookie)).Text;

        Assert.That(Msg.StatusOf(response), Is.EqualTo(200));
        Assert.That(CookieIn(response), Is.Null);
    }

    [Test]
    public void With_weight_0_a_backend_still_serves_those_that_are_bound_to_it()
    {
        StartBound();
        string cookie = CookieIn(Ask(Msg.Get()).Text)!;
        int bound = Serving();
        Bed.Apply(o => o with
        {
            Groups =
            [
                o.Groups[0] with
                {
                    Backends = [.. o.Groups[0].Backends.Select((b, i) => i == bound ? b with { Weight = 0 } : b)],
                },
            ],
        });

        Assert.That(CookieIn(Ask(With(cookie)).Text), Is.Null);
        Ask(Msg.Get());
        Ask(Msg.Get());

        Assert.That(Bed.Status.Backends[bound].Requests, Is.EqualTo(2));
    }

    [Test]
    public void Where_the_backend_is_configured_no_more_the_client_is_bound_anew()
    {
        StartBound();
        string cookie = CookieIn(Ask(Msg.Get()).Text)!;
        int bound = Serving();
        Bed.Apply(o => o with
        {
            Groups = [o.Groups[0] with { Backends = [.. o.Groups[0].Backends.Where((_, i) => i != bound)] }],
        });

        Assert.That(CookieIn(Ask(With(cookie)).Text), Is.Not.Null);
    }

    [TestCase("https", true, AffinitySecure.Auto, true)]
    [TestCase("http", true, AffinitySecure.Auto, false)]
    [TestCase("https", false, AffinitySecure.Auto, false)]
    [TestCase("http", false, AffinitySecure.Always, true)]
    [TestCase("https", true, AffinitySecure.Never, false)]
    public void It_is_for_HTTPS_only_where_the_client_came_by_it(
        string proto, bool isTrusted, AffinitySecure secure, bool expected)
    {
        Start(
            o => o with
            {
                Listeners = [o.Listeners[0] with { TrustedProxies = isTrusted ? [IPNetwork.Parse("127.0.0.1/32")] : [] }],
                Groups = [o.Groups[0] with { Affinity = Enabled with { Secure = secure } }],
            });
        Bed.AnswerWith(Msg.Ok());

        string response = Ask(Msg.Get(fields: $"X-Forwarded-Proto: {proto}\r\n")).Text;

        Assert.That(response.Contains("; Secure\r\n", StringComparison.Ordinal), Is.EqualTo(expected));
    }

    [Test]
    public void A_switch_of_protocol_binds_too()
    {
        StartBound();
        Bed.AnswerWith("HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");

        string response = Ask(Msg.Get(fields: "Connection: upgrade\r\nUpgrade: websocket\r\n")).Text;

        Assert.That(Msg.StatusOf(response), Is.EqualTo(101));
        Assert.That(CookieIn(response), Is.Not.Null);
    }

    [Test]
    public void An_answer_of_our_own_and_an_interim_response_bind_nobody()
    {
        StartBound();
        Bed.AnswerWith("HTTP/1.1 103 E\r\n\r\n" + Msg.Ok());
        string response = Ask(Msg.Get()).Text;
        Assert.That(Msg.HeadOf(response), Does.StartWith("HTTP/1.1 103").And.Not.Contain("Cookie"));
        Assert.That(CookieIn(Msg.BodyOf(response)), Is.Not.Null);

        foreach (SimServer backend in Bed.Backends)
        {
            Net.SetOutcome(backend.Address, ConnectOutcome.Refused);
        }

        foreach (SimPeer peer in Bed.Backends.SelectMany(b => b.Peers))
        {
            peer.Close();
        }

        Net.RunUntilIdle();
        string refused = Ask(Msg.Get()).Text;
        Assert.That(Msg.StatusOf(refused), Is.EqualTo(502));
        Assert.That(refused, Does.Not.Contain("Set-Cookie"));
    }

    [Test]
    public void Without_it_a_cookie_of_that_name_is_anybodys()
    {
        Start();
        Bed.AnswerWith(Msg.Ok());

        string response = Ask(With("l7affinity=x")).Text;

        Assert.That(response, Does.Not.Contain("Set-Cookie"));
    }

    [Test]
    public void A_bound_request_allocates_nothing()
    {
        Start(
            o => o with
            {
                Listeners = [o.Listeners[0] with { KeepAlive = new KeepAliveOptions { MaxRequests = 0 } }],
                Groups = [o.Groups[0] with { Affinity = Enabled }],
            },
            Backends);
        byte[] response = Wire.Bytes(Msg.Ok("x"));
        Bed.AnswerWith(Msg.Ok("x"));
        byte[] request = Wire.Bytes(With(CookieIn(Ask(Msg.Get()).Text)!));
        foreach (SimPeer backend in Bed.Backends.SelectMany(b => b.Peers))
        {
            backend.OnReceived = p =>
            {
                p.Clear();
                p.Send(response);
            };
        }

        int answers = 0;
        SimPeer client = Bed.Connect();
        client.OnReceived = p =>
        {
            p.Clear();
            answers++;
        };
        long allocated = Allocated.BytesBy(() => Send(client, request, 8 * 500));

        Assert.That(answers, Is.AtLeast(8 * 500));
        Assert.That(allocated, Is.Zero);
    }

    private void Send(SimPeer client, byte[] request, int times)
    {
        for (int i = 0; i < times; i++)
        {
            client.Send(request);
            Net.RunUntilIdle();
        }
    }

    private static AffinityOptions Enabled => new() { Enabled = true, Key = "AAAAAAAAAAAAAAAAAAAAAA==" };

    private static string With(string cookie) => Msg.Get(fields: $"Cookie: {cookie}\r\n");

    private static string? CookieIn(string response) => response.Split("\r\n")
        .SingleOrDefault(l => l.StartsWith("Set-Cookie: l7affinity=", StringComparison.Ordinal))?["Set-Cookie: ".Length..]
        .Split(';')[0];

    private void StartBound(Func<BackendOptions, BackendOptions>? change = null, int loops = 1)
    {
        Start(
            o => o with
            {
                Groups =
                [
                    o.Groups[0] with
                    {
                        Affinity = Enabled,
                        Backends = [.. o.Groups[0].Backends.Select(b => change?.Invoke(b) ?? b)],
                        Pool = new PoolOptions { Enabled = false },
                    },
                ],
            },
            Backends, loops: loops);
        Bed.AnswerWith(Msg.Ok(fields: "Set-Cookie: own=1\r\nConnection: close\r\n"));
    }

    private int Serving() => Bed.Status.Backends.ToList().FindIndex(b => b.Requests > 0);
}
