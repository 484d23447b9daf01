using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Proxying;

/// <summary>When a request that a backend has had is sent to another one, and when that is over.</summary>
[TestFixture]
internal sealed class FreshRetryTests : EngineFixture
{
    private static readonly RetryOptions NoBudget = new() { BudgetShare = 0, BudgetMinimum = 0 };
    private static readonly TimeSpan ResponseTime = TimeSpan.FromSeconds(60.2);

    [Test]
    public void A_fresh_connection_that_ends_before_the_response_is_followed_by_another_backend(
        [Values("GET", "HEAD", "OPTIONS", "PUT", "DELETE")] string method, [Values] bool reset)
    {
        Start(backends: 2);
        SimPeer client = Ask(Msg.Get("/again", method: method));
        int first = Only;
        End(Bed.Newest(first), reset);
        Assert.That(Bed.Newest(1 - first).Text, Does.StartWith($"{method} /again "));
        Send(Bed.Newest(1 - first), Msg.Ok(method == "HEAD" ? "" : "hi"));

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(200));
        Assert.That(Bed.BackendCloses(CloseReason.BackendReset), Is.EqualTo(1));
        AssertRetries(first, fresh: 1);
        AssertRetries(1 - first);
    }

    [TestCase("POST")]
    [TestCase("PATCH")]
    [TestCase("BREW")]
    public void A_request_that_may_not_be_repeated_is_answered_502(string method)
    {
        Start(backends: 2);
        SimPeer client = Ask(Msg.Get(method: method));
        int first = Only;
        End(Bed.Newest(first), reset: true);

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(502));
        Assert.That(Bed.Backends[1 - first].Peers, Is.Empty);
        AssertRetries(first);
    }

    [Test]
    public void After_a_byte_of_the_response_it_is_answered_502()
    {
        Start(backends: 2);
        SimPeer client = Ask(Msg.Get());
        int first = Only;
        Send(Bed.Newest(first), "H");
        End(Bed.Newest(first), reset: false);

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(502));
        Assert.That(Bed.Backends[1 - first].Peers, Is.Empty);
        AssertRetries(first);
    }

    [Test]
    public void The_second_fresh_connection_is_the_last()
    {
        Start(backends: 3);
        SimPeer client = Ask(Msg.Get());
        SimServer first = Bed.Backends[Only];
        End(first.Peers[0], reset: true);
        End(Bed.Backends.Single(b => b != first && b.Peers.Count > 0).Peers[0], reset: true);

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(502));
        Assert.That(Bed.Backends.Sum(b => b.Peers.Count), Is.EqualTo(2));
    }

    // A connection that was idle, a fresh one to the same backend, one to another: then it is over.
    [Test]
    public void A_request_is_sent_three_times_at_most()
    {
        Start(backends: 3);
        SimPeer client = Ask(Msg.Get("/warm"));
        int first = Only;
        Send(Bed.Newest(first), Msg.Ok());
        client.Clear();
        AskUntil(client, first);
        End(Bed.Newest(first), reset: true);
        End(Bed.Newest(first), reset: true);
        SimPeer third = Bed.Backends.Where((_, i) => i != first).SelectMany(b => b.Peers).Single(p => p.Text.Contains("/last"));
        End(third, reset: true);

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(502));
        AssertRetries(first, stale: 1, fresh: 1);
        Assert.That(Bed.Status.Backends.Sum(b => b.RetriesOnFresh + b.RetriesOnStale), Is.EqualTo(2));
    }

    [Test]
    public void Without_another_backend_it_is_answered_502_and_costs_no_budget()
    {
        SimPeer client = Ask(Msg.Get());
        End(Backend, reset: true);

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(502));
        AssertRetries(0);
    }

    [Test]
    public void Without_a_budget_it_is_answered_502_and_that_is_counted()
    {
        StartWith(NoBudget);
        SimPeer client = Ask(Msg.Get());
        int first = Only;
        End(Bed.Newest(first), reset: true);

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(502));
        AssertRetries(first, refused: 1);
    }

    [Test]
    public void So_many_a_second_are_within_the_budget_and_a_second_later_again()
    {
        StartWith(new RetryOptions { BudgetShare = 0, BudgetMinimum = 2 });
        KillAllOf(0);

        int[] statuses = [.. Enumerable.Range(0, 8).Select(_ => Msg.StatusOf(Ask(Msg.Get()).Text))];
        Assert.That(statuses.Count(s => s == 502), Is.EqualTo(2), "of four that met the bad one");
        Assert.That((Bed.Status.Backends[0].RetriesOnFresh, Bed.Status.Backends[0].RetriesRefused), Is.EqualTo((2, 2)));

        Net.RunFor(TimeSpan.FromSeconds(1));
        Assert.That(Msg.StatusOf(Ask(Msg.Get()).Text), Is.EqualTo(200));
        Assert.That(Msg.StatusOf(Ask(Msg.Get()).Text), Is.EqualTo(200));
    }

    // The one in this second is there for the next request.
    [Test]
    public void Where_no_backend_is_left_that_takes_requests_the_budget_is_not_touched()
    {
        Start(o => WithOneRetry(o, (1, 0), (0, 0)), backends: 2);
        KillAllOf(0);
        Assert.That(Msg.StatusOf(Ask(Msg.Get()).Text), Is.EqualTo(502));

        Bed.Apply(o => WithOneRetry(o, (1, 0), (1, 0)));
        AssertOneIsRetried();
    }

    [Test]
    public void A_retry_that_no_backend_can_be_connected_to_for_is_given_back()
    {
        Start(o => WithOneRetry(o, (3, 0), (1, 0)), backends: 2);
        KillAllOf(0);
        Net.SetOutcome(Bed.Backends[1].Address, ConnectOutcome.Refused);
        Assert.That(Msg.StatusOf(Ask(Msg.Get()).Text), Is.EqualTo(502));
        Assert.That(Msg.StatusOf(Ask(Msg.Get()).Text), Is.EqualTo(502));
        Assert.That(Bed.Status.Backends[0].RetriesOnFresh, Is.Positive);

        Net.SetOutcome(Bed.Backends[1].Address, ConnectOutcome.Reached);
        AssertOneIsRetried();
    }

    [Test]
    public void A_retry_that_waits_for_a_place_in_vain_is_given_back()
    {
        Start(o => WithOneRetry(o, (1, 0), (1, 1)), backends: 2);
        Bed.Backends[0].OnAccepted = peer => peer.OnReceived = p => p.Reset();
        while (Bed.Backends[1].Peers.Count == 0)
        {
            Ask(Msg.Post("x"));
        }

        SimPeer client = Ask(Msg.Get());
        Assert.That(client.Text, Is.Empty, "it waits");
        Net.RunFor(TimeSpan.FromSeconds(0.3));
        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(503));

        End(Bed.Newest(1), reset: true);
        KillAllOf(0);
        AssertOneIsRetried();
    }

    [Test]
    public void A_share_of_the_requests_is_within_the_budget()
    {
        StartWith(new RetryOptions { BudgetShare = 0.25, BudgetMinimum = 0 });
        KillAllOf(0);

        int refused = Enumerable.Range(0, 400).Count(_ => Msg.StatusOf(Ask(Msg.Get()).Text) == 502);

        Assert.That(refused, Is.EqualTo(100).Within(1), "half of all meet the bad one");
    }

    // What was tried is free: it cost no backend anything.
    [Test]
    public void Neither_a_refused_connect_nor_a_stale_connection_needs_a_budget()
    {
        StartWith(NoBudget);
        Net.SetOutcome(Bed.Backends[0].Address, ConnectOutcome.Refused);
        SimPeer client = Ask(Msg.Get("/warm"));
        Send(Bed.Newest(1), Msg.Ok());
        for (int i = 0; i < 2; i++)
        {
            Send(client, Msg.Get());
            End(Bed.Newest(1), reset: true);
            Send(Bed.Newest(1), Msg.Ok());
        }

        Assert.That(Bed.Status.Responses.Single(), Is.EqualTo(new StatusCount(2, 3)));
        AssertRetries(1, stale: 2);
        Assert.That(Bed.Status.Backends[0].RetriesAfterConnect, Is.EqualTo(Bed.Status.Backends[0].ConnectFailures));
    }

    [TestCase("GET")]
    [TestCase("POST")]
    public void A_response_that_does_not_begin_in_time_is_answered_504(string method)
    {
        Start(backends: 2);
        SimPeer client = Ask(Msg.Get(method: method));
        int first = Only;
        Net.RunFor(ResponseTime);

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(504));
        Assert.That(Bed.Backends[1 - first].Peers, Is.Empty);
        AssertRetries(first);
    }

    [Test]
    public void Where_the_route_says_so_it_is_sent_to_another_backend()
    {
        StartOn(new RouteOptions { RetryOnTimeout = true });
        SimPeer client = Ask(Msg.Get("/again"));
        int first = Only;
        Net.RunFor(ResponseTime);
        Assert.That(Bed.Newest(1 - first).Text, Does.StartWith("GET /again "));
        Send(Bed.Newest(1 - first), Msg.Ok("late"));

        Assert.That(client.Text, Does.EndWith("late"));
        Assert.That(Bed.BackendCloses(CloseReason.BackendResponseTimeout), Is.EqualTo(1));
        AssertRetries(first, timeout: 1);
    }

    [Test]
    public void The_second_backend_that_does_not_answer_in_time_is_the_last()
    {
        StartOn(new RouteOptions { RetryOnTimeout = true }, backends: 3);
        SimPeer client = Ask(Msg.Get());
        Net.RunFor(ResponseTime);
        Net.RunFor(ResponseTime);

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(504));
        Assert.That(Bed.Backends.Sum(b => b.Peers.Count), Is.EqualTo(2));
    }

    [TestCase("POST", "")]
    [TestCase("GET", "HTTP/1.1 2")]
    [TestCase("GET", "HTTP/1.1 103 Early Hints\r\n\r\n")]
    public void There_it_is_answered_504_too_if_it_may_not_be_repeated(string method, string answered)
    {
        StartOn(new RouteOptions { RetryOnTimeout = true });
        SimPeer client = Ask(Msg.Get(method: method));
        int first = Only;
        Send(Bed.Newest(first), answered);
        Net.RunFor(ResponseTime);

        Assert.That(client.Text, Does.Contain("HTTP/1.1 504 "));
        Assert.That(Bed.Backends[1 - first].Peers, Is.Empty);
    }

    [Test]
    public void There_it_is_answered_504_too_if_the_budget_is_spent()
    {
        StartOn(new RouteOptions { RetryOnTimeout = true }, NoBudget);
        SimPeer client = Ask(Msg.Get());
        int first = Only;
        Net.RunFor(ResponseTime);

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(504));
        AssertRetries(first, refused: 1);
    }

    [TestCase("\0garbage\r\n\r\n")]
    [TestCase("HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n")]
    [TestCase("HTTP/1.1 2")]
    public void Where_the_route_says_so_it_goes_elsewhere_when_no_response_came(string answered)
    {
        StartOn(new RouteOptions { RetryOnMalformed = true });
        SimPeer client = Ask(Msg.Get());
        int first = Only;
        Send(Bed.Newest(first), answered);
        Bed.Newest(first).Close();
        Net.RunUntilIdle();
        Send(Bed.Newest(1 - first), Msg.Ok());

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(200));
        Assert.That(Bed.Status.Backends[first].RetriesOnMalformed, Is.EqualTo(1));
    }

    [TestCase("GET", false, "\0garbage\r\n\r\n")]
    [TestCase("POST", true, "\0garbage\r\n\r\n")]
    [TestCase("GET", true, "HTTP/1.1 103 Early Hints\r\n\r\n\0garbage\r\n\r\n")]
    public void Else_what_is_no_response_is_answered_502(string method, bool says, string answered)
    {
        StartOn(new RouteOptions { RetryOnMalformed = says });
        SimPeer client = Ask(Msg.Get(method: method));
        int first = Only;
        Send(Bed.Newest(first), answered);

        Assert.That(client.Text, Does.Contain("HTTP/1.1 502 "));
        Assert.That(Bed.Backends[1 - first].Peers, Is.Empty);
    }

    // Connecting for the first time began a minute ago.
    [Test]
    public void Connecting_to_the_other_backend_has_time_of_its_own()
    {
        StartOn(new RouteOptions { RetryOnTimeout = true });
        SimPeer client = Ask(Msg.Get());
        int first = Only;
        Net.SetOutcome(Bed.Backends[1 - first].Address, ConnectOutcome.Unanswered);
        Net.RunFor(ResponseTime + TimeSpan.FromSeconds(3.5));
        Assert.That(client.Text, Is.Empty);
        Net.RunFor(TimeSpan.FromSeconds(0.7));

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(504));
        Assert.That(Bed.BackendCloses(CloseReason.BackendConnectTimeout), Is.EqualTo(1));
    }

    [Test]
    public void The_other_backend_is_told_its_own_authority()
    {
        Start(
            o => o with
            {
                Groups =
                [
                    o.Groups[0] with
                    {
                        Backends = [.. o.Groups[0].Backends.Select((b, i) => b with { Authority = $"host-{new string('x', i)}" })],
                    },
                ],
            },
            backends: 2);
        Ask("GET / HTTP/1.0\r\nX: y\r\n\r\n");
        int first = Only;
        End(Bed.Newest(first), reset: true);

        Assert.That(Msg.Field(Bed.Newest(1 - first).Text, "Host"), Is.EqualTo($"host-{new string('x', 1 - first)}"));
    }

    /// <summary>The only backend that was connected to.</summary>
    private int Only => Enumerable.Range(0, Bed.Backends.Count).Single(i => Bed.Backends[i].Peers.Count > 0);

    private void StartWith(RetryOptions retries) => StartOn(new RouteOptions(), retries);

    // A backend that fails is asked again and again here: it is not left out.
    private void StartOn(RouteOptions route, RetryOptions? retries = null, int backends = 2) => Start(
        o => o with
        {
            Routes = [route],
            Groups = [o.Groups[0] with
            {
                Retries = retries ?? new RetryOptions(),
                Ejection = new EjectionOptions { Enabled = false },
            }],
        },
        backends);

    private static LoadBalancerOptions WithOneRetry(
        LoadBalancerOptions options, params (int Weight, int MaxConnections)[] backends) => options with
        {
            Groups =
            [
                options.Groups[0] with
                {
                    Retries = new RetryOptions { BudgetShare = 0, BudgetMinimum = 1 },
                    Ejection = new EjectionOptions { Enabled = false },
                    Queue = new QueueOptions { Timeout = TimeSpan.FromSeconds(0.2) },
                    Backends =
                    [
                        .. options.Groups[0].Backends.Zip(backends, (backend, how) => backend with
                        {
                            Weight = how.Weight, MaxConnections = how.MaxConnections,
                        }),
                    ],
                },
            ],
        };

    // All are served, and one of them meets the bad backend first.
    private void AssertOneIsRetried()
    {
        long before = Bed.Status.Backends[0].RetriesOnFresh;
        while (Bed.Status.Backends[0].RetriesOnFresh == before)
        {
            Assert.That(Msg.StatusOf(Ask(Msg.Get()).Text), Is.EqualTo(200));
        }

        Assert.That(Bed.Status.Backends[0].RetriesRefused, Is.Zero);
    }

    /// <summary>One resets every request, the others answer.</summary>
    private void KillAllOf(int bad)
    {
        Bed.AnswerWith(Msg.Ok());
        Bed.Backends[bad].OnAccepted = peer => peer.OnReceived = p => p.Reset();
    }

    /// <summary>Asks until the request is with this backend, on the connection that it had.</summary>
    private void AskUntil(SimPeer client, int backend)
    {
        SimPeer idle = Bed.Newest(backend);
        idle.Clear();
        Send(client, Msg.Get("/last"));
        while (!idle.Text.Contains("/last", StringComparison.Ordinal))
        {
            Send(Bed.Backends.SelectMany(b => b.Peers).Single(p => p != idle && p.Text.Contains("/last")), Msg.Ok());
            Bed.Backends.SelectMany(b => b.Peers).ToList().ForEach(p => p.Clear());
            client.Clear();
            Send(client, Msg.Get("/last"));
        }
    }

    private void AssertRetries(
        int backend, int stale = 0, int fresh = 0, int timeout = 0, int refused = 0)
    {
        BackendStatus status = Bed.Status.Backends[backend];
        Assert.That(
            (status.RetriesOnStale, status.RetriesOnFresh, status.RetriesOnTimeout, status.RetriesRefused),
            Is.EqualTo((stale, fresh, timeout, refused)));
    }

    private void End(SimPeer peer, bool reset)
    {
        if (reset)
        {
            peer.Reset();
        }
        else
        {
            peer.Close();
        }

        Net.RunUntilIdle();
    }
}
