using L7Engine.Tests.Simulation;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Backends.Reuse;

/// <summary>How long a connection may have been idle to be used again, and what is learned of the backend's limit.</summary>
[TestFixture]
internal sealed class ReuseTests : EngineFixture
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    [TestCase("GET", 501, 1)]
    [TestCase("PUT", 501, 1)]
    [TestCase("POST", 500, 1)]
    [TestCase("POST", 501, 2)]
    [TestCase("PATCH", 501, 2)]
    [TestCase("BREW", 501, 2)]
    public void A_request_that_can_be_sent_only_once_has_a_fresh_connection_past_half_a_second(string method, int idle, int connections)
    {
        Bed.AnswerWith(Msg.Ok());
        Ask(Msg.Get());
        RunFor(idle);
        Ask(Msg.Get(method: method));

        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(connections));
        Assert.That(Status.ReusesRefused, Is.EqualTo(connections - 1));
    }

    [Test]
    public void It_has_a_fresh_one_always_where_the_setting_is_zero()
    {
        StartPooled(new PoolOptions { NonIdempotentReuse = TimeSpan.Zero });
        Bed.AnswerWith(Msg.Ok());
        Ask(Msg.Get());
        Ask(Msg.Post("x"));

        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(2));
    }

    [TestCase(64_000, 1)]
    [TestCase(70_000, 2)]
    public void A_body_that_is_too_large_to_be_kept_can_be_sent_only_once(int bytes, int connections)
    {
        Bed.AnswerWith(Msg.Ok());
        Ask(Msg.Get());
        RunFor(600);
        Net.Link = new LinkSettings { SendBufferBytes = 100_000, ReceiveBufferBytes = 100_000 };
        Ask(Msg.Post(Msg.Text(bytes)).Replace("POST", "PUT", StringComparison.Ordinal));

        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(connections));
    }

    // The backend has been idle since it sent the response, not since the client took it.
    [TestCase("POST", 2)]
    [TestCase("GET", 1)]
    public void The_time_in_which_a_slow_client_takes_the_response_counts(string method, int connections)
    {
        Net.Link = new LinkSettings { SendBufferBytes = 1_000, ReceiveBufferBytes = 1_000 };
        SimPeer slow = Bed.Connect();
        Net.Link = new LinkSettings();
        slow.PauseReading();
        Send(slow, Msg.Get());
        Send(Backend, Msg.Ok(Msg.Text(8_000)));
        RunFor(1_000);
        slow.ResumeReading();
        Net.RunUntilIdle();
        Assert.That(Status.ConnectionsIdle, Is.EqualTo(1));
        Ask(Msg.Get(method: method));

        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(connections));
    }

    [Test]
    public void What_the_backend_announces_is_believed_at_once()
    {
        Bed.AnswerWith(Msg.Ok(fields: "Keep-Alive: timeout=5, max=100\r\n"));
        Ask(Msg.Get());
        RunFor(1_200);
        Assert.That(Status.LearnedIdleTimeout, Is.EqualTo(TimeSpan.FromSeconds(5)));
        Assert.That(Idle.Deadline!.Value.Name, Is.EqualTo("pool.learnIdleTimeout"));

        RunFor(2_600);
        Assert.That(Status.ConnectionsIdle, Is.EqualTo(1));
        RunFor(250);
        Assert.That((Status.ConnectionsIdle, Status.IdleConnectionsClosedFirst), Is.EqualTo((0, 1)));
        Assert.That(Bed.BackendCloses(CloseReason.PoolIdleDeadline), Is.EqualTo(1));
    }

    [Test]
    public void A_limit_is_learned_from_three_closes_and_from_then_on_we_close_first([Values] bool resets)
    {
        _ = new IdleLimitBackend(Net, Bed.Backend) { Limit = Limit, Resets = resets };
        for (int i = 0; i < 3; i++)
        {
            Assert.That(Status.LearnedIdleTimeout, Is.Null);
            Ask(Msg.Get("/0"));
            RunFor(4_000);
        }

        Assert.That(Status.LearnedIdleTimeout!.Value.TotalMilliseconds, Is.EqualTo(2_000).Within(5));
        Ask(Msg.Get("/0"));
        RunFor(1_350);
        Assert.That(Status.ConnectionsIdle, Is.EqualTo(1));
        RunFor(300);
        Assert.That((Status.ConnectionsIdle, Status.IdleConnectionsClosedFirst), Is.EqualTo((0, 1)));
    }

    [Test]
    public void Nothing_is_learned_where_that_is_off()
    {
        StartPooled(new PoolOptions { LearnIdleTimeout = false });
        _ = new IdleLimitBackend(Net, Bed.Backend) { Limit = Limit, Announces = true };
        for (int i = 0; i < 6; i++)
        {
            Ask(Msg.Get("/0"));
            RunFor(4_000);
        }

        Assert.That((Status.LearnedIdleTimeout, Status.IdleConnectionsClosedFirst), Is.EqualTo(((TimeSpan?)null, 0)));
        Assert.That(Bed.BackendCloses(CloseReason.BackendClosedIdle), Is.EqualTo(6));
    }

    [Test]
    public void Every_loop_keeps_to_what_others_have_learned()
    {
        Start(loops: 3);
        _ = new IdleLimitBackend(Net, Bed.Backend) { Limit = Limit };
        for (int i = 0; i < 40; i++)
        {
            Ask(Msg.Get("/0"));
            RunFor(i % 2 == 0 ? 10 : 4_000);
        }

        Assert.That(Status.LearnedIdleTimeout!.Value.TotalMilliseconds, Is.EqualTo(2_000).Within(5));
        Assert.That(Bed.BackendCloses(CloseReason.BackendClosedIdle), Is.LessThan(8));
        Assert.That(Status.IdleConnectionsClosedFirst, Is.GreaterThan(15));
    }

    [Test]
    public void A_limit_that_was_lowered_is_learned_while_the_old_one_was_just_used()
    {
        var backend = new IdleLimitBackend(Net, Bed.Backend) { Limit = TimeSpan.FromSeconds(6) };
        Learn(6_000);
        for (int i = 0; i < 3; i++)
        {
            Ask(Msg.Get("/0"));
            RunFor(4_500);
        }

        backend.Limit = Limit;
        for (int i = 0; i < 12; i++)
        {
            Ask(Msg.Get("/0"));
            RunFor(3_500);
        }

        Assert.That(Status.LearnedIdleTimeout!.Value.TotalMilliseconds, Is.EqualTo(2_000).Within(5));
    }

    [Test]
    public void A_limit_that_was_raised_is_found_out_by_one_request_every_ten_minutes_and_no_other_waits_as_long()
    {
        var backend = new IdleLimitBackend(Net, Bed.Backend) { Limit = Limit };
        Learn(2_000);
        backend.Limit = TimeSpan.FromMinutes(5);
        for (int i = 0; i < 600; i++)
        {
            Ask(Msg.Get("/0"));
            RunFor(2_350);
        }

        Assert.That(Status.LearnedIdleTimeout, Is.Null);
        Assert.That(Status.IdleConnectionsClosedFirst, Is.EqualTo(600_000 / 2_350).Within(10));
        Assert.That(Status.StaleReuses, Is.Zero);
    }

    [Test]
    public void A_limit_that_stays_is_confirmed_and_no_request_pays_for_it()
    {
        _ = new IdleLimitBackend(Net, Bed.Backend) { Limit = Limit };
        Learn(2_000);
        for (int i = 0; i < 1_000; i++)
        {
            Ask(Msg.Get("/0"));
            RunFor(2_350);
        }

        Assert.That(Status.LearnedIdleTimeout!.Value.TotalMilliseconds, Is.EqualTo(2_000).Within(5));
        Assert.That(Status.StaleReuses, Is.Zero);
        Assert.That(Bed.BackendCloses(CloseReason.BackendClosedIdle), Is.InRange(3 + 3, 3 + 4));
    }

    [Test]
    public void A_request_that_meets_the_close_is_counted_and_served()
    {
        Bed.AnswerWith(Msg.Ok("served"));
        SimPeer client = Bed.Connect();
        Net.RunUntilIdle();
        Net.Link = new LinkSettings { Latency = TimeSpan.FromMilliseconds(20) };
        Send(client, Msg.Get());
        RunFor(1_000);
        client.Clear();
        Backend.Close();
        Send(client, Msg.Get());

        Assert.That(client.Text, Does.EndWith("served"));
        Assert.That(Status.StaleReuses, Is.EqualTo(1));
    }

    [Test]
    public void A_backend_that_ends_in_the_middle_of_its_work_was_not_idle()
    {
        Ask(Msg.Get());
        Send(Backend, Msg.Ok());
        Ask(Msg.Get());
        RunFor(1_000);
        Backend.Reset();
        Net.RunUntilIdle();

        Assert.That(Status.StaleReuses, Is.Zero);
    }

    [Test]
    public void Hosts_that_are_gone_teach_nothing()
    {
        for (int i = 0; i < 5; i++)
        {
            Ask(Msg.Get());
            Send(Backend, Msg.Ok());
            RunFor(2_000);
            Backend.Vanish();
            RunFor(2_000);
        }

        Assert.That(Status.LearnedIdleTimeout, Is.Null);
    }

    private BackendStatus Status => Bed.Status.Backends[0];

    private ConnectionStatus Idle => Bed.Connections().Single(c => c.Side == ConnectionSide.Backend);

    private void Learn(int milliseconds)
    {
        for (int i = 0; i < 3; i++)
        {
            Ask(Msg.Get("/0"));
            RunFor(milliseconds + 2_000);
        }

        Assert.That(Status.LearnedIdleTimeout!.Value.TotalMilliseconds, Is.EqualTo(milliseconds).Within(5));
    }

    private void RunFor(int milliseconds) => Net.RunFor(TimeSpan.FromMilliseconds(milliseconds));
}
