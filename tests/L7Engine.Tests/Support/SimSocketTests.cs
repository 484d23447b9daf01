using System.Net;
using L7Engine.Transport;
using NUnit.Framework;

namespace L7Engine.Tests.Support;

/// <summary>The simulated sockets do what Linux does.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SimSocketTests
{
    private readonly SimNetwork _net = new(seed: 3);
    private readonly SimServer _server;
    private readonly SimPeer _client;

    public SimSocketTests()
    {
        _server = _net.Listen();
        _client = _net.Connect(_server.Address);
        _net.RunUntilIdle();
    }

    private SimPeer Server => _server.Peers[0];

    [Test]
    public void Both_sides_talk_and_end_each_on_its_own()
    {
        _client.Send("ping");
        _client.HalfClose();
        _net.RunUntilIdle();
        Server.Send("pong");
        Server.Close();
        _net.RunUntilIdle();

        Assert.That((Server.Text, _client.Text), Is.EqualTo(("ping", "pong")));
        Assert.That((Server.IsFinished, _client.IsFinished), Is.EqualTo((true, true)));
        Assert.That((Server.Error, _client.Error), Is.EqualTo((0, 0)));
    }

    [Test]
    public void Closing_with_bytes_unread_resets()
    {
        Server.PauseReading();
        _client.Send("unread");
        _net.RunUntilIdle();
        Server.Close();
        _net.RunUntilIdle();

        Assert.That(_client.Error, Is.EqualTo(ErrorNumber.ConnectionReset));
    }

    [Test]
    public void Bytes_for_a_closed_socket_are_answered_with_a_reset()
    {
        Server.Close();
        _net.RunUntilIdle();
        Assert.That((_client.IsFinished, _client.Error), Is.EqualTo((true, 0)));

        _client.Send("to nobody");
        _net.RunUntilIdle();
        _client.Send("again");

        Assert.That(_client.Error, Is.EqualTo(ErrorNumber.BrokenPipe), "as Linux names a reset that follows a FIN");
    }

    [Test]
    public void What_came_before_a_reset_is_received_before_it()
    {
        _client.PauseReading();
        Server.Send("before");
        _net.RunUntilIdle();
        Server.Reset();
        _net.RunUntilIdle();
        _client.ResumeReading();

        Assert.That((_client.Text, _client.Error), Is.EqualTo(("before", ErrorNumber.ConnectionReset)));
    }

    [Test]
    public void A_reset_discards_what_there_was_no_room_for()
    {
        _client.PauseReading();
        Server.Send(new byte[30_000]);
        _net.RunUntilIdle();
        Server.Reset();
        _net.RunUntilIdle();
        _client.ResumeReading();

        Assert.That(_client.Received.Length, Is.EqualTo(_net.Link.ReceiveBufferBytes));
        Assert.That(_client.Error, Is.EqualTo(ErrorNumber.ConnectionReset));
    }

    [Test]
    public void Buffers_are_bounded_both_sides()
    {
        Server.PauseReading();
        _client.Send(new byte[100_000]);
        _net.RunUntilIdle();

        int held = _net.Link.SendBufferBytes + _net.Link.ReceiveBufferBytes;
        Assert.That(_client.UnsentBytes, Is.EqualTo(100_000 - held));

        Server.ResumeReading();
        _net.RunUntilIdle();
        Assert.That((_client.UnsentBytes, Server.Received.Length), Is.EqualTo((0, 100_000)));
    }

    [Test]
    public void A_closed_socket_still_sends_what_it_was_given()
    {
        Server.PauseReading();
        _client.Send(new byte[20_000]);
        _client.Close();
        _net.RunUntilIdle();
        Server.ResumeReading();
        _net.RunUntilIdle();

        Assert.That((Server.Received.Length, Server.IsFinished, Server.Error), Is.EqualTo((20_000, true, 0)));
    }

    [Test]
    public void A_stalled_direction_delivers_nothing_until_the_stall_is_over()
    {
        TimeSpan start = _net.Now;
        _client.Socket.Out.StallFor(TimeSpan.FromSeconds(3));
        _client.Send("late");
        _net.RunFor(TimeSpan.FromSeconds(2));
        Assert.That(Server.Text, Is.Empty);

        _net.RunUntilIdle();

        Assert.That((Server.Text, _net.Now - start), Is.EqualTo(("late", TimeSpan.FromSeconds(3))));
    }

    [Test]
    public void A_vanished_peer_is_never_heard_of()
    {
        Server.Socket.Out.Stall();
        Server.Send("unheard");
        Server.Close();
        _net.RunFor(TimeSpan.FromHours(5));

        Assert.That((_client.Text, _client.IsFinished), Is.EqualTo(("", false)));
    }

    [TestCase(ConnectOutcome.Refused, ErrorNumber.ConnectionRefused)]
    [TestCase(ConnectOutcome.Unreachable, ErrorNumber.HostUnreachable)]
    public void Connecting_fails_as_was_decided(ConnectOutcome outcome, int errno)
    {
        _net.SetOutcome(_server.Address, outcome);
        SimPeer client = _net.Connect(_server.Address);
        _net.RunUntilIdle();

        Assert.That((client.IsOpen, client.Error), Is.EqualTo((false, errno)));
    }

    [Test]
    public void Nobody_listening_refuses()
    {
        _server.Close();
        SimPeer client = _net.Connect(_server.Address);
        _net.RunUntilIdle();

        Assert.That((client.IsOpen, client.Error), Is.EqualTo((false, ErrorNumber.ConnectionRefused)));
    }

    [Test]
    public void Listening_anywhere_is_reached_by_any_address()
    {
        _ = _net.Listen(new IPEndPoint(IPAddress.Any, 81));
        SimPeer client = _net.Connect(new IPEndPoint(IPAddress.Parse("10.1.2.3"), 81));
        _net.RunUntilIdle();

        Assert.That(client.IsOpen);
    }
}
