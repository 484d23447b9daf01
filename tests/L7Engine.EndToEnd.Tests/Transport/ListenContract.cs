using System.Net;
using System.Net.Sockets;
using L7Engine.Tests.Transport;
using L7Engine.Transport;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Transport;

/// <summary>Listening and connecting, where it is the kernel that answers.</summary>
internal abstract class ListenContract
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private ThreadBed _bed = null!;

    [SetUp]
    public void SetUp() => _bed = new ThreadBed(CreateTransport());

    [TearDown]
    public void TearDown() => _bed.Dispose();

    protected abstract ITransport CreateTransport();

    [Test]
    public void An_address_that_somebody_listens_at_is_in_use() => _bed.Run(loop =>
    {
        TransportListener first = loop.Listen(Loopback.AnyPort, Loopback.Settings);

        var refused = Assert.Throws<SocketException>(() => loop.Listen(first.Address, Loopback.Settings));

        Assert.That(refused.SocketErrorCode, Is.EqualTo(SocketError.AddressAlreadyInUse));
        return Task.CompletedTask;
    });

    [Test]
    public void An_address_that_is_not_ours_is_said_to_be() => _bed.Run(loop =>
    {
        var documentation = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0);

        var refused = Assert.Throws<SocketException>(() => loop.Listen(documentation, Loopback.Settings));

        Assert.That(refused.SocketErrorCode, Is.EqualTo(SocketError.AddressNotAvailable));
        return Task.CompletedTask;
    });

    [Test]
    public void A_shared_port_can_be_listened_at_twice() => _bed.Run(loop =>
    {
        ListenSettings shared = Loopback.Settings with { SharePort = true };
        TransportListener first = loop.Listen(Loopback.AnyPort, shared);
        TransportListener second = loop.Listen(first.Address, shared);

        Assert.That(second.Address, Is.EqualTo(first.Address));
        return Task.CompletedTask;
    });

    [Test]
    public void A_port_that_was_in_use_can_be_listened_at_again_at_once() => _bed.Run(async loop =>
    {
        TransportListener first = loop.Listen(Loopback.AnyPort, Loopback.Settings);
        ValueTask<TransportConnection?> accepting = first.AcceptAsync();
        TransportConnection client = await Loopback.ConnectAsync(loop, first.Address);
        TransportConnection server = (await accepting)!;
        server.Close();
        await client.Input.ReadAsync();
        client.Close();
        first.Close();

        TransportListener second = loop.Listen(first.Address, Loopback.Settings);

        Assert.That(second.Address, Is.EqualTo(first.Address));
    });

    [Test]
    public void Loops_listen_at_one_address_and_each_connection_has_one_of_them()
    {
        const int Clients = 64;
        EventLoop first = _bed.CreateLoop();
        EventLoop second = _bed.CreateLoop();
        List<TransportConnection> atFirst = [], atSecond = [];
        TransportListener listener = null!;
        _bed.Run(first, () =>
        {
            listener = first.Listen(Loopback.AnyPort, Loopback.Settings);
            _ = Loopback.AcceptAllAsync(listener, atFirst);
            return Task.CompletedTask;
        });
        _bed.Run(second, async () =>
        {
            ListenSettings settings = Loopback.Settings with { IsSibling = true };
            _ = Loopback.AcceptAllAsync(second.Listen(listener.Address, settings), atSecond);
            for (int i = 0; i < Clients; i++)
            {
                await Loopback.ConnectAsync(second, listener.Address);
            }

            while (atSecond.Count + await ThreadBed.OnAsync(first, () => atFirst.Count) < Clients)
            {
                await LoopDelay.Of(second, 1);
            }
        });

        Assert.That(atFirst, Has.All.Property("Loop").SameAs(first));
        Assert.That(atSecond, Has.All.Property("Loop").SameAs(second));
    }

    [Test]
    public void A_listener_for_both_families_shows_IPv4_clients_as_such() => _bed.Run(async loop =>
    {
        TransportListener listener = loop.Listen(new IPEndPoint(IPAddress.IPv6Any, 0), Loopback.Settings);
        ValueTask<TransportConnection?> accepting = listener.AcceptAsync();
        await Loopback.ConnectAsync(loop, new IPEndPoint(IPAddress.Loopback, listener.Address.Port));
        TransportConnection fourth = (await accepting)!;
        accepting = listener.AcceptAsync();
        await Loopback.ConnectAsync(loop, new IPEndPoint(IPAddress.IPv6Loopback, listener.Address.Port));
        TransportConnection sixth = (await accepting)!;

        Assert.That(fourth.RemoteAddress.ToIPEndPoint().Address, Is.EqualTo(IPAddress.Loopback));
        Assert.That(sixth.RemoteAddress.ToIPEndPoint().Address, Is.EqualTo(IPAddress.IPv6Loopback));
    });

    [Test]
    public void Connections_wait_in_the_backlog_while_accepting_is_off() => _bed.Run(async loop =>
    {
        TransportListener listener = loop.Listen(Loopback.AnyPort, Loopback.Settings);
        List<TransportConnection> accepted = [];
        Task accepting = Loopback.AcceptAllAsync(listener, accepted);
        listener.SetAccepting(false);
        await Loopback.ConnectAsync(loop, listener.Address);
        await LoopDelay.Of(loop, 1);
        int whileOff = accepted.Count;

        listener.SetAccepting(true);
        await LoopDelay.UntilAsync(loop, () => accepted.Count == 1);
        listener.Close();
        await accepting;

        Assert.That(whileOff, Is.Zero);
    });

    // The end is found by asking once more than there are connections, whatever the budget of a turn.
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(9)]
    [TestCase(64)]
    [TestCase(200)]
    public void Finishing_delivers_the_backlog_and_then_closes(int count) => _bed.Run(async loop =>
    {
        TransportListener listener = loop.Listen(Loopback.AnyPort, Loopback.Settings);
        listener.SetAccepting(false);
        List<TransportConnection> accepted = [];
        Task accepting = Loopback.AcceptAllAsync(listener, accepted);
        for (int i = 0; i < count; i++)
        {
            await Loopback.ConnectAsync(loop, listener.Address);
        }

        listener.SetAccepting(true);
        listener.Finish();
        await accepting;

        ConnectResult late = await loop.ConnectAsync(listener.Address, default, loop.Wheel.TickAfter(100));
        Assert.That(accepted, Has.Count.EqualTo(count));
        Assert.That(late.Error, Is.EqualTo(SocketError.ConnectionRefused));
    });

    [Test]
    public void Finishing_waits_with_the_backlog_while_accepting_is_off() => _bed.Run(async loop =>
    {
        TransportListener listener = loop.Listen(Loopback.AnyPort, Loopback.Settings);
        listener.SetAccepting(false);
        List<TransportConnection> accepted = [];
        Task accepting = Loopback.AcceptAllAsync(listener, accepted);
        await Loopback.ConnectAsync(loop, listener.Address);
        listener.Finish();
        await LoopDelay.Of(loop, 2);
        int whileOff = accepted.Count;
        bool hasEnded = accepting.IsCompleted;

        listener.SetAccepting(true);
        await accepting;

        Assert.That((whileOff, hasEnded, accepted.Count), Is.EqualTo((0, false, 1)));
    });

    [Test]
    public void Finishing_closes_at_once_where_nobody_waits_even_while_accepting_is_off() => _bed.Run(async loop =>
    {
        TransportListener listener = loop.Listen(Loopback.AnyPort, Loopback.Settings);
        listener.SetAccepting(false);
        Task accepting = Loopback.AcceptAllAsync(listener, []);
        listener.Finish();
        await accepting;

        ConnectResult late = await loop.ConnectAsync(listener.Address, default, loop.Wheel.TickAfter(100));
        Assert.That(late.Error, Is.EqualTo(SocketError.ConnectionRefused));
    });

    [Test]
    public void A_flood_of_connections_leaves_turns_for_the_others() => _bed.Run(async loop =>
    {
        TransportListener listener = loop.Listen(Loopback.AnyPort, Loopback.Settings);
        listener.SetAccepting(false);
        for (int i = 0; i < 300; i++)
        {
            await Loopback.ConnectAsync(loop, listener.Address);
        }

        listener.SetAccepting(true);
        int turn = 0, inTurn = 0, most = 0;
        for (int i = 0; i < 300; i++)
        {
            await listener.AcceptAsync();
            inTurn = turn == loop.Turn ? inTurn + 1 : 1;
            turn = loop.Turn;
            most = Math.Max(most, inTurn);
        }

        Assert.That(most, Is.LessThanOrEqualTo(64));
    });

    [Test]
    public void Connecting_to_a_host_that_does_not_answer_ends_at_its_deadline() => _bed.Run(async loop =>
    {
        // A full backlog drops what comes; connections that nobody accepts fill it.
        TransportListener full = loop.Listen(Loopback.AnyPort, Loopback.Settings with { Backlog = 1 });
        ConnectResult result;
        DateTimeOffset start;
        do
        {
            start = loop.UtcNow;
            result = await loop.ConnectAsync(full.Address, default, loop.Wheel.TickAfter(3));
        }
        while (result.Connection is not null);

        Assert.That(result.Error, Is.EqualTo(SocketError.TimedOut));
        Assert.That(result.IsLocalCause, Is.False);
        Assert.That(loop.UtcNow - start, Is.GreaterThanOrEqualTo(3 * Tick));
    });

    [Test]
    public void Opening_and_closing_thousands_leaves_nothing_behind() => _bed.Run(async loop =>
    {
        const int Rounds = 50, Pairs = 100;
        TransportListener listener = loop.Listen(Loopback.AnyPort, Loopback.Settings);
        int before = Descriptors();
        for (int round = 0; round < Rounds; round++)
        {
            await ChurnAsync(loop, listener, Pairs);
        }

        Assert.That(loop.Blocks.RentedCount, Is.Zero);
        Assert.That(loop.Wheel.Count, Is.Zero);
        Assert.That(Descriptors, Is.LessThan(before + Pairs));
        AssertNothingLeft(loop, listeners: 1);
    });

    /// <summary>Checks that no connection is left on the loop.</summary>
    protected abstract void AssertNothingLeft(EventLoop loop, int listeners);

    private static async Task ChurnAsync(EventLoop loop, TransportListener listener, int pairs)
    {
        var near = new List<TransportConnection>();
        var far = new List<TransportConnection>();
        for (int i = 0; i < pairs; i++)
        {
            near.Add(await Loopback.ConnectAsync(loop, listener.Address));
            far.Add((await listener.AcceptAsync())!);
            near[i].ReadDeadlineTick = loop.Wheel.TickAfter(1000);
            await near[i].Output.WriteAsync("x"u8.ToArray());
        }

        for (int i = 0; i < pairs; i++)
        {
            await far[i].Input.ReadAsync();

            // Each way to go: both at once, one after the other, with a reset.
            far[i].Close();
            if (i % 3 == 0)
            {
                await near[i].Input.ReadAsync();
            }

            near[i].Abort();
        }
    }

    private static int Descriptors() =>
        OperatingSystem.IsLinux() ? Directory.GetFiles("/proc/self/fd").Length : 0;
}
