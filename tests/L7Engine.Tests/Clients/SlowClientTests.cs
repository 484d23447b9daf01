using L7Engine.Tests.Support;
using NUnit.Framework;
using NUnit.Framework.Constraints;

namespace L7Engine.Tests.Clients;

/// <summary>Slow heads, slow bodies and slow readers, to the tick: never early, at most one tick late.</summary>
[TestFixture]
internal sealed class SlowClientTests : EngineFixture
{
    private const int Rate = 240;
    private const string Upload = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n";

    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    // The kernel takes as much again, after it has refused: what the client's own kernel has room for.
    private const int BufferBytes = 1_500;
    private static readonly LinkSettings Narrow = new() { SendBufferBytes = BufferBytes, ReceiveBufferBytes = BufferBytes };

    // The phase within a tick, for every test that is exact.
    private static readonly int[] Offsets = [0, 1, 37, 99];

    private TimeSpan? _endedAt;

    [SetUp]
    public void Forget() => _endedAt = null;

    [TestCaseSource(nameof(Offsets))]
    public void A_dripping_head_ends_at_its_timeout(int offset)
    {
        StartSlow(new SlowClientOptions { RequestHead = TimeSpan.FromSeconds(7) }, offset);
        SimPeer client = Watched(Bed.Connect());
        Send(client, "GET /");
        TimeSpan start = Net.Now;
        Drip(client, "x", TimeSpan.FromMilliseconds(130));

        AssertEnded(start + TimeSpan.FromSeconds(7));
        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(408));
        AssertCloses(client, CloseReason.HeadTimeout);
    }

    [TestCaseSource(nameof(Offsets))]
    public void A_silent_body_has_the_grace_and_no_more(int offset)
    {
        StartSlow(new SlowClientOptions(), offset);
        SimPeer client = Watched(Ask(Upload + Msg.Text(5_000)));
        TimeSpan start = Net.Now;
        Net.RunFor(TimeSpan.FromSeconds(6));

        AssertEnded(start + Grace);
        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(408), "what came with the head earns nothing");
        Assert.That(Msg.Field(client.Text, "Connection"), Is.EqualTo("close"));
        AssertCloses(client, CloseReason.MinimumRate);
        Assert.That(Bed.BackendCloses(CloseReason.ExchangeAborted), Is.EqualTo(1));
    }

    [Test]
    public void A_body_that_drips_just_too_slowly_is_answered_408([ValueSource(nameof(Offsets))] int offset,
        [Values(Rate - 1, Rate - 40, 1)] int bytesPerSecond)
    {
        StartSlow(new SlowClientOptions(), offset);
        SimPeer client = Watched(Ask(Upload));
        TimeSpan start = Net.Now;
        Drip(client, Msg.Text(bytesPerSecond), TimeSpan.FromSeconds(1));

        Assert.That(_endedAt - start, IsDue(bytesPerSecond, earnedBytes: 0));
        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(408));
        AssertCloses(client, CloseReason.MinimumRate);
    }

    [Test]
    public void A_body_that_drips_just_fast_enough_is_waited_for_as_long_as_it_takes()
    {
        SimPeer client = Watched(Ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 480000\r\n\r\n"));
        for (int i = 0; i < 2_000; i++)
        {
            Net.RunFor(TimeSpan.FromSeconds(1));
            Send(client, Msg.Text(Rate));
        }

        Send(Backend, Msg.Ok("done"));
        Assert.That(client.Text, Does.EndWith("done"));
    }

    [TestCaseSource(nameof(Offsets))]
    public void A_reader_that_takes_nothing_is_reset_after_the_grace(int offset)
    {
        StartSlow(new SlowClientOptions(), offset);
        SimPeer client = AskForMuch(out TimeSpan start);
        TimeSpan due = Grace + (TimeSpan.FromSeconds(1) * BufferBytes / Rate);
        Net.RunFor(due - Millisecond);
        Assert.That(Bed.Status.ClientConnectionsOpen, Is.EqualTo(1));
        Net.RunFor(Tick + Millisecond);

        Assert.That(Net.Now - start, Is.EqualTo(due + Tick));
        AssertReset(client, CloseReason.MinimumRate);
    }

    // Linux lets a send buffer grow to megabytes: what it holds, the client has not taken.
    [Test]
    public void What_our_own_kernel_takes_earns_a_reader_nothing()
    {
        SimPeer client = AskForMuch(out _);
        Net.RunFor(Grace);
        client.Socket.In.Link = Narrow with { SendBufferBytes = 500_000 };
        Read(client, 1_000);
        Net.RunFor(TimeSpan.FromSeconds(11));

        AssertReset(client, CloseReason.MinimumRate);
    }

    [Test]
    public void A_reader_just_too_slow_is_reset([ValueSource(nameof(Offsets))] int offset,
        [Values(Rate - 1, Rate - 40, 1)] int bytesPerSecond)
    {
        StartSlow(new SlowClientOptions(), offset);
        SimPeer client = AskForMuch(out TimeSpan start);
        TimeSpan read = start;
        while (Bed.ClientCloses(CloseReason.MinimumRate) == 0)
        {
            TimeSpan look = TimeSpan.FromMilliseconds(25);
            Net.RunFor(look);
            if (Net.Now - read >= TimeSpan.FromSeconds(1))
            {
                read = Net.Now;
                Read(client, bytesPerSecond);
            }
        }

        Assert.That(Net.Now - start, IsDue(bytesPerSecond, BufferBytes));
        AssertReset(client, CloseReason.MinimumRate);
    }

    [Test]
    public void A_reader_just_fast_enough_is_waited_for_as_long_as_it_takes()
    {
        StartSlow(new SlowClientOptions(), 0);
        SimPeer client = AskForMuch(out _);
        for (int i = 0; i < 1_000; i++)
        {
            Net.RunFor(TimeSpan.FromSeconds(1));
            Read(client, Rate);
        }

        client.ResumeReading();
        Net.RunUntilIdle();
        Assert.That(Bed.Status.ClientConnectionsIdle, Is.EqualTo(1));
    }

    // Whichever comes first names the reason.
    [Test]
    public void A_gap_shorter_than_the_grace_is_a_gap()
    {
        StartSlow(new SlowClientOptions { RequestBodyGap = TimeSpan.FromSeconds(4), ResponseSendGap = TimeSpan.FromSeconds(3) }, 0);
        SimPeer sender = Watched(Ask(Upload));
        TimeSpan start = Net.Now;
        Net.RunFor(TimeSpan.FromSeconds(5));
        AssertEnded(start + TimeSpan.FromSeconds(4));
        AssertCloses(sender, CloseReason.BodyTimeout);

        SimPeer reader = AskForMuch(out start);
        Net.RunFor(TimeSpan.FromSeconds(3) + Tick + Tick);
        AssertReset(reader, CloseReason.SendTimeout);
    }

    [Test]
    public void Waits_add_up_over_an_exchange_and_not_over_two()
    {
        SimPeer client = Bed.Connect();
        for (int i = 0; i < 3; i++)
        {
            Send(client, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n");
            Net.RunFor(TimeSpan.FromSeconds(2));
            Send(client, "a");
            Net.RunFor(TimeSpan.FromSeconds(2));
            Send(client, "b");
            Send(Backend, Msg.Ok());
        }

        Assert.That(Bed.Status.Requests, Is.EqualTo(3));
        Assert.That(Bed.Status.ClientConnectionsIdle, Is.EqualTo(1));
        Send(client, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n");
        Net.RunFor(TimeSpan.FromSeconds(2));
        Send(client, "a");
        Net.RunFor(TimeSpan.FromSeconds(2));
        Send(client, "b");
        client.Clear();
        Net.RunFor(TimeSpan.FromSeconds(1.2));

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(408));
    }

    [Test]
    public void A_minimum_of_zero_is_none()
    {
        StartSlow(new SlowClientOptions { MinimumRateBytes = 0 }, 0);
        SimPeer client = Ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n");
        for (int i = 0; i < 3; i++)
        {
            Net.RunFor(TimeSpan.FromSeconds(59));
            Send(client, "x");
        }

        Send(Backend, Msg.Ok("done"));
        Assert.That(client.Text, Does.EndWith("done"));
    }

    // RFC 9110 section 10.1.1: it waits for us, and not we for it.
    [Test]
    public void A_client_that_waits_to_be_told_to_go_on_is_not_slow()
    {
        SimPeer client = Ask(
            "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n");
        Net.RunFor(TimeSpan.FromSeconds(30));
        Send(Backend, "HTTP/1.1 100 Continue\r\n\r\n");
        Net.RunFor(Grace - Millisecond);
        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(100));
        client.Clear();
        Net.RunFor(Tick + Millisecond);

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(408), "from there on it is waited for");
    }

    // A response that runs may end well, but its connection cannot go on.
    [Test]
    public void A_body_too_slow_under_a_response_that_runs_closes_behind_it_with_its_reason()
    {
        SimPeer client = Ask(Upload);
        Send(Backend, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
        Net.RunFor(TimeSpan.FromSeconds(20));
        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(200));
        Send(Backend, "cd");

        Assert.That(client.Text, Does.EndWith("abcd"));
        Assert.That(client.IsFinished);
        AssertCloses(client, CloseReason.MinimumRate);
        Assert.That(Bed.BackendCloses(CloseReason.ExchangeAborted), Is.EqualTo(1));
    }

    [Test]
    public void A_backend_that_waits_for_a_body_too_slow_is_not_the_slow_one()
    {
        SimPeer client = Ask(Upload);
        Send(Backend, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
        Net.RunFor(TimeSpan.FromSeconds(61));

        AssertCloses(client, CloseReason.MinimumRate);
        Assert.That(Bed.BackendCloses(CloseReason.ExchangeAborted), Is.EqualTo(1));
    }

    [Test]
    public void A_tunnel_is_exempt()
    {
        const string Upgrade = "Connection: upgrade\r\nUpgrade: websocket\r\n";
        SimPeer client = Ask(Msg.Get(fields: Upgrade));
        Send(Backend, $"HTTP/1.1 101 Switching Protocols\r\n{Upgrade}\r\n");
        client.PauseReading();
        Send(Backend, Msg.Text(500_000));
        Net.RunFor(TimeSpan.FromMinutes(10));
        client.ResumeReading();
        Net.RunUntilIdle();

        Assert.That(client.Text, Does.EndWith(Msg.Text(500_000)));
    }

    [Test]
    public void Each_listener_has_its_own()
    {
        StartSlow(new SlowClientOptions { MinimumRateGrace = TimeSpan.FromSeconds(1), MinimumRateBytes = 1_000 }, 0);
        SimPeer client = Watched(Ask(Upload));
        TimeSpan start = Net.Now;
        Net.RunFor(TimeSpan.FromMilliseconds(500));
        Send(client, Msg.Text(1_000));
        Net.RunFor(TimeSpan.FromSeconds(2));

        AssertEnded(start + TimeSpan.FromSeconds(2));
    }

    private void StartSlow(SlowClientOptions options, int offsetMilliseconds)
    {
        StartListener(l => l with { SlowClients = options });
        Net.RunFor(TimeSpan.FromMilliseconds(offsetMilliseconds));
    }

    private SimPeer Watched(SimPeer client)
    {
        client.OnReceived = _ => _endedAt ??= Net.Now;
        return client;
    }

    /// <summary>Opens a connection with small buffers, asks for more than fits them, and takes none of it.</summary>
    private SimPeer AskForMuch(out TimeSpan waitStart)
    {
        Net.Link = Narrow;
        SimPeer client = Bed.Connect();
        Net.Link = new LinkSettings();
        client.PauseReading();
        Send(client, Msg.Get());
        Send(Backend, Msg.Ok(Msg.Text(1_000_000)));
        waitStart = Net.Now;
        return client;
    }

    private void Read(SimPeer client, int bytes)
    {
        Assert.That(client.Socket.Receive(new byte[bytes]), Is.EqualTo(bytes));
        Net.RunUntilIdle();
    }

    private void Drip(SimPeer client, string text, TimeSpan interval)
    {
        while (_endedAt is null && client.IsOpen)
        {
            Net.RunFor(interval);
            Send(client, text);
        }
    }

    // The plain oracle: bytes come on each whole second, and those that come within the tick before it is looked are in
    // time.
    private static RangeConstraint IsDue(int bytesPerSecond, int earnedBytes)
    {
        TimeSpan? earliest = null;
        for (int second = 1; ; second++, earnedBytes += bytesPerSecond)
        {
            TimeSpan due = Grace + (TimeSpan.FromSeconds(1) * earnedBytes / Rate);
            earliest ??= due <= TimeSpan.FromSeconds(second) ? due : null;
            if (due + Tick < TimeSpan.FromSeconds(second))
            {
                return Is.InRange(earliest!.Value, due + Tick + TimeSpan.FromMilliseconds(25));
            }
        }
    }

    private void AssertEnded(TimeSpan due) => Assert.That(_endedAt, Is.InRange(due, due + Tick));

    private void AssertCloses(SimPeer client, CloseReason reason)
    {
        client.Close();
        Net.RunFor(TimeSpan.FromSeconds(3));
        Assert.That(Bed.ClientCloses(reason), Is.EqualTo(1));
    }

    private void AssertReset(SimPeer client, CloseReason reason)
    {
        Assert.That(Bed.ClientCloses(reason), Is.EqualTo(1));
        client.ResumeReading();
        Net.RunUntilIdle();
        Assert.That(client.IsReset);
    }
}
