using System.Net.Sockets;
using L7Engine.Tests.Transport;
using L7Engine.Transport;
using L7Engine.Transport.Epoll;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Transport;

/// <summary>What can go wrong with edge-triggered events, and what accepted sockets inherit.</summary>
[TestFixture]
[Platform("Linux")]
internal sealed class EpollEventTests
{
    private readonly ThreadBed _bed = new(new EpollTransport());

    [OneTimeTearDown]
    public void TearDown() => _bed.Dispose();

    [Test]
    public void An_event_of_a_closed_connection_does_not_reach_the_one_that_has_its_place() => _bed.Run(async loop =>
    {
        TransportListener listener = loop.Listen(Loopback.AnyPort, Loopback.Settings);
        using Socket client = Connect(listener);
        using Socket otherClient = Connect(listener);
        TransportConnection first = (await listener.AcceptAsync())!;
        TransportConnection second = (await listener.AcceptAsync())!;
        await LoopDelay.Of(loop, 1);
        using Socket late = Connect(listener);

        // Both have an event in the next batch. Whichever is told first closes the other, and another connection takes
        // its descriptor and its slot before the event of the other has its turn.
        var thief = new Thief(first, second, listener);
        first.Watcher = second.Watcher = thief;
        client.Send("x"u8);
        otherClient.Send("x"u8);
        await LoopDelay.Of(loop, 1);

        Assert.That((thief.Told, thief.Newcomer!.Slot), Is.EqualTo((1, thief.SlotOfClosed)));
        Assert.That(thief.OfNewcomer.Events, Is.Empty);
    });

    [Test]
    public void An_accepted_socket_inherits_what_was_set_on_the_listener() => _bed.Run(async loop =>
    {
        (TransportConnection near, TransportConnection far) = await Loopback.OpenPairAsync(loop);
        foreach (int descriptor in new[] { ((EpollConnection)near).Descriptor, ((EpollConnection)far).Descriptor })
        {
            Assert.That(Option(descriptor, Native.TcpLevel, Native.TcpNoDelay), Is.Not.Zero);
            Assert.That(Option(descriptor, Native.SocketLevel, Native.KeepAlive), Is.Not.Zero);
            Assert.That(Option(descriptor, Native.TcpLevel, Native.TcpKeepIdle), Is.EqualTo(7200));
            Assert.That(Option(descriptor, Native.TcpLevel, Native.TcpKeepInterval), Is.EqualTo(75));
            Assert.That(Option(descriptor, Native.TcpLevel, Native.TcpKeepCount), Is.EqualTo(10));
        }
    });

    [Test]
    public void A_listener_that_nobody_asks_does_not_keep_the_loop_awake() => _bed.Run(async loop =>
    {
        TransportListener listener = loop.Listen(Loopback.AnyPort, Loopback.Settings);
        using Socket client = Connect(listener);
        await LoopDelay.Of(loop, 1);
        int turn = loop.Turn;
        await LoopDelay.Of(loop, 5);

        Assert.That(loop.Turn - turn, Is.LessThan(20));
        Assert.That(await listener.AcceptAsync(), Is.Not.Null);
    });

    [Test]
    public void The_process_may_open_as_many_descriptors_as_the_system_says()
    {
        Assert.That(new EpollTransport().DescriptorLimit, Is.GreaterThan(100));
    }

    private static Socket Connect(TransportListener listener)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(listener.Address);
        return socket;
    }

    private static int Option(int descriptor, int level, int name)
    {
        int value = 0;
        int bytes = sizeof(int);
        Assert.That(Native.GetOption(descriptor, level, name, ref value, ref bytes), Is.Zero);
        return value;
    }

    private sealed class Thief(TransportConnection first, TransportConnection second, TransportListener listener)
        : IConnectionWatcher
    {
        public int Told { get; private set; }

        public int SlotOfClosed { get; private set; }

        public EpollConnection? Newcomer { get; private set; }

        public WatcherLog OfNewcomer { get; } = new();

        public void OnConnectionEvent(TransportConnection connection, ConnectionEvent what)
        {
            Told++;
            var other = (EpollConnection)(connection == first ? second : first);
            SlotOfClosed = other.Slot;
            other.Close();

            Task<TransportConnection?> accepting = listener.AcceptAsync().AsTask();
            Assert.That(accepting.IsCompleted, "it waits in the backlog");
            Newcomer = (EpollConnection?)accepting.Result;
            Newcomer!.Watcher = OfNewcomer;
        }
    }
}
