using System.Net;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Clients;

/// <summary>What becomes of connections when places for them run short.</summary>
[TestFixture]
internal sealed class ShortageTests : EngineFixture
{
    private const string PartOfAHead = "GET / HTTP/1.1\r\nHost: x\r\n";

    private static readonly IPAddress Hoarder = IPAddress.Parse("127.0.0.9");
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);

    [Test]
    public void Past_nine_tenths_the_client_with_the_most_loses_its_oldest_until_four_fifths_are_left()
    {
        StartWithPlaces(20);
        SimPeer[] others = Idle(4);
        SimPeer[] hoard = [.. Many(14, _ => AskFrom(Hoarder))];
        Assert.That(Evictions, Is.Zero, "18 of 20");

        SimPeer newest = AskFrom(Hoarder);

        Assert.That(Evictions, Is.EqualTo(3));
        Assert.That(hoard.Take(3).Select(c => (c.IsFinished, c.IsReset)), Is.All.EqualTo((true, false)));
        Assert.That(hoard.Skip(3).Concat(others).Append(newest).Select(c => c.IsFinished), Is.All.False);
    }

    [Test]
    public void Silent_connections_and_half_heads_count_as_idle_ones_do([Values("", PartOfAHead)] string sent)
    {
        StartWithPlaces(20);
        SimPeer[] others = Idle(12);
        SimPeer[] hoard = [.. Many(7, _ => ConnectFrom(Hoarder, sent))];

        Assert.That(Evictions, Is.EqualTo(3));
        Assert.That(hoard.Count(c => c.IsFinished), Is.EqualTo(3));
        Assert.That(hoard.Select(c => c.Text), Is.All.Empty);
        Assert.That(others.Select(c => c.IsFinished), Is.All.False);
    }

    [Test]
    public void What_lingers_goes_first_and_for_its_own_reason()
    {
        StartWithPlaces(20);
        SimPeer[] lingering = [.. Many(3, _ => AskFrom(Hoarder, "nonsense\r\n\r\n"))];
        SimPeer[] idle = Idle(16);

        Assert.That((Bed.Status.ClientConnectionsOpen, Evictions), Is.EqualTo((16, 0)));
        Assert.That(Bed.ClientCloses(CloseReason.ProtocolError), Is.EqualTo(3));
        Assert.That(lingering.Select(c => Msg.StatusOf(c.Text)), Is.All.EqualTo(400));
        Assert.That(idle.Select(c => c.IsFinished), Is.All.False);
    }

    [TestCase(14, 30)]
    [TestCase(17, 5)]
    public void What_goes_on_sending_is_lingered_for_shorter_once_three_quarters_are_taken(int idle, int seconds)
    {
        StartWithPlaces(20);
        Idle(idle - 1);
        SimPeer client = AskFrom(Hoarder, "nonsense\r\n\r\n");
        for (int i = 0; i < seconds; i++)
        {
            client.Send("x");
            Net.RunFor(TimeSpan.FromSeconds(0.97));
        }

        Assert.That(Bed.ClientCloses(CloseReason.ProtocolError), Is.Zero);
        client.Send("x");
        Net.RunFor(TimeSpan.FromSeconds(1.5));

        Assert.That(Bed.ClientCloses(CloseReason.ProtocolError), Is.EqualTo(1));
    }

    [Test]
    public void Exchanges_are_never_closed_for_others_which_wait_until_four_fifths_are_left()
    {
        StartWithPlaces(10);
        SimPeer[] busy = [.. Many(10, i => AskFrom(AddressOf(i)))];
        SimPeer late = AskFrom(AddressOf(10));
        Net.RunFor(TimeSpan.FromSeconds(5));
        Assert.That((Bed.Status.ClientConnectionsOpen, Evictions), Is.EqualTo((10, 0)));

        foreach (SimPeer client in busy.Take(2))
        {
            Assert.That(late.Text, Is.Empty);
            client.Reset();
            Net.RunUntilIdle();
        }

        Bed.Newest().Send(Msg.Ok());
        Net.RunUntilIdle();
        Assert.That(late.Text, Does.Contain("200 OK"));
        Assert.That(busy.Skip(2).Select(c => c.IsFinished), Is.All.False);
    }

    [Test]
    public void Tunnels_are_never_closed_for_others()
    {
        StartWithPlaces(10);
        Bed.AnswerWith("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
        SimPeer[] tunnels = [.. Many(5, _ => AskFrom(Hoarder, Msg.Get(fields: "Upgrade: websocket\r\nConnection: Upgrade\r\n")))];
        Many(40, i => ConnectFrom(AddressOf(i), ""));
        Net.RunFor(TimeSpan.FromSeconds(10));

        Assert.That(Bed.Status.Tunnels, Is.EqualTo(5));
        Assert.That(tunnels.Select(c => c.IsFinished), Is.All.False);
        Assert.That(Evictions, Is.Positive);
    }

    [Test]
    public void An_only_connection_has_a_second_before_it_goes()
    {
        StartWithPlaces(10);
        Many(9, i => AskFrom(AddressOf(i)));
        SimPeer silent = ConnectFrom(AddressOf(9), "");
        Net.RunFor(TimeSpan.FromSeconds(0.9));
        Assert.That(silent.IsFinished, Is.False);
        Net.RunFor(TimeSpan.FromSeconds(0.3));

        Assert.That((silent.IsFinished, Evictions), Is.EqualTo((true, 1)));
    }

    [Test]
    public void Of_only_connections_those_go_that_were_quiet_for_longest()
    {
        StartWithPlaces(20);
        SimPeer[] idle = Idle(18);
        Net.RunFor(TimeSpan.FromSeconds(2));
        Send(idle[0], Msg.Get());
        Net.RunFor(TimeSpan.FromSeconds(2));

        AskFrom(AddressOf(18));

        Assert.That(idle.Index().Where(c => c.Item.IsFinished).Select(c => c.Index), Is.EqualTo((int[])[1, 2, 3]));
    }

    // The bookkeeping begins at 75 %, with what is there by then.
    [Test]
    public void What_was_idle_before_anyone_kept_track_has_its_place_in_the_order()
    {
        StartWithPlaces(20);
        Bed.AnswerWith(Msg.Ok());
        SimPeer[] hoard = [.. Many(10, _ => AskFrom(Hoarder))];
        foreach (SimPeer used in hoard.Take(5))
        {
            Net.RunFor(TimeSpan.FromSeconds(1));
            Send(used, Msg.Get());
        }

        Idle(9);

        Assert.That(hoard.Index().Where(c => c.Item.IsFinished).Select(c => c.Index), Is.EqualTo((int[])[5, 6, 7]));
    }

    [Test]
    public void After_a_shortage_nothing_is_left_of_it_and_the_next_one_ends_as_well()
    {
        StartWithPlaces(20);
        Bed.AnswerWith(Msg.Ok());
        for (int round = 0; round < 3; round++)
        {
            SimPeer[] hoard = [.. Many(19, _ => AskFrom(Hoarder))];
            Assert.That(Evictions, Is.EqualTo(3 * (round + 1)));
            Array.ForEach(hoard, c => c.Close());
            Net.RunUntilIdle();
            Assert.That(Bed.Status.ClientConnectionsOpen, Is.Zero);
        }
    }

    // The loop sees both at once: it has not read the request when it looks for a connection to close.
    [Test]
    public void A_request_that_crosses_the_close_is_answered([Range(1, 20)] int seed)
    {
        Start(o => o with { Limits = new Limits { MaxClientConnections = 20 } }, seed: seed);
        Bed.AnswerWith(Msg.Ok("done"));
        SimPeer[] hoard = [.. Many(18, _ => AskFrom(Hoarder))];
        Array.ForEach(hoard, c => c.Clear());
        Net.Loops[0].StallFor(TimeSpan.FromSeconds(1));

        Array.ForEach(hoard, c => c.Send(Msg.Get()));
        SimPeer another = Bed.Connect();
        Net.RunFor(TimeSpan.FromSeconds(3));

        Assert.That(hoard.Select(c => Msg.StatusOf(c.Text)), Is.All.EqualTo(200), $"seed {seed}");
        Assert.That(another.IsFinished, Is.False);
    }

    [Test]
    public void Without_a_descriptor_to_accept_with_idle_backend_connections_go_first(
        [Values(1, 3)] int loops, [Range(1, 5)] int seed)
    {
        Start(loops: loops, seed: seed);
        Bed.AnswerWith(Msg.Ok("done"));
        SimPeer client = AskFrom(AddressOf(1));
        Assert.That(Bed.Status.BackendConnectionsIdle, Is.Positive);
        SetAcceptError(ErrorNumberOfNoDescriptor);

        SimPeer late = AskFrom(AddressOf(2));
        Assert.That((late.Text, Bed.Status.BackendConnectionsIdle), Is.EqualTo(("", 0)));
        Assert.That(Bed.BackendCloses(CloseReason.LocalDescriptors), Is.EqualTo(1));
        SetAcceptError(0);
        Net.RunFor(Tick);

        Assert.That(late.Text, Does.EndWith("done"));
        Send(client, Msg.Get());
        Assert.That(Bed.Status.BackendConnectionsIdle, Is.Positive, "what comes back is kept again");
    }

    private const int ErrorNumberOfNoDescriptor = 24;

    private long Evictions => Bed.ClientCloses(CloseReason.FairEviction);

    private static IPAddress AddressOf(int client) => new([127, 1, 0, (byte)client]);

    private static T[] Many<T>(int count, Func<int, T> make) => [.. Enumerable.Range(0, count).Select(make)];

    private void StartWithPlaces(int places) => StartLimited(new Limits { MaxClientConnections = places });

    /// <summary>Clients with an idle connection each.</summary>
    private SimPeer[] Idle(int count)
    {
        Bed.AnswerWith(Msg.Ok());
        return Many(count, i => AskFrom(AddressOf(i)));
    }

    private SimPeer AskFrom(IPAddress address, string? request = null) => ConnectFrom(address, request ?? Msg.Get());

    private SimPeer ConnectFrom(IPAddress address, string text)
    {
        SimPeer client = Bed.Connect(address);
        client.Send(text);
        Net.RunUntilIdle();
        return client;
    }

    private void SetAcceptError(int error)
    {
        foreach (MemoryListener listener in Net.Loops.SelectMany(loop => loop.Listeners))
        {
            listener.AcceptError = error;
        }
    }
}
