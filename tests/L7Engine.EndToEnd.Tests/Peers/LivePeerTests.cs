using System.Net;
using System.Net.Sockets;
using L7Engine.EndToEnd.Tests.Support;
using L7Engine.EndToEnd.Tests.Transport;
using L7Engine.Transport;
using L7Engine.Transport.Epoll;
using L7Engine.Transport.Portable;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Peers;

/// <summary>What is known of the peer of a connection while it is open, with the kernel's own TCP.</summary>
[TestFixture(typeof(EpollTransport))]
[TestFixture(typeof(PortableTransport))]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.Children)]
internal sealed class LivePeerTests<TTransport> : IDisposable
    where TTransport : ITransport, new()
{
    // More probes than a test waits for.
    private static readonly TcpKeepAlive Probing = new(TimeSeconds: 1, IntervalSeconds: 1, Probes: 100);

    private readonly RoutedNetwork _network = new();
    private readonly ThreadBed _bed = new(new TTransport());
    private readonly EventLoop _loop;
    private readonly TransportConnection _connection;
    private readonly Socket _client;

    public LivePeerTests()
    {
        _loop = _network.Near.Do(() => _bed.CreateLoop());
        var settings = new ListenSettings(Backlog: 1, SharePort: false, Probing);
        TransportListener listener =
            On(() => _loop.Listen(new IPEndPoint(RoutedNetwork.NearAddress, 0), settings));
        _client = _network.Far.Do(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(listener.Address);
            return socket;
        });
        _connection = AcceptFrom(listener);
    }

    public void Dispose()
    {
        _client.Dispose();
        _bed.Dispose();
        _network.Dispose();
    }

    [Test]
    public void One_that_answers_is_alive()
    {
        Assert.That(Patience.Until(() => _network.Near.Count("TCPKeepAlive") > 2));

        Assert.That(Patience.Until(() => Report == new PeerReport(PeerStatus.Alive, 0)));
        Assert.That(
            On(_connection.ReadPeerSigns).SinceAckMilliseconds, Is.LessThan(On(() => _connection.IdleMilliseconds)));
    }

    [Test]
    public void One_that_does_not_answer_is_probed_and_the_probes_are_counted()
    {
        _network.LoseFarHost();
        Assert.That(Patience.Until(() => Report.Status == PeerStatus.Probing));
        int probes = Report.Probes;

        Assert.That(Patience.Until(() => Report.Probes > probes));
        Assert.That(Report.Status, Is.EqualTo(PeerStatus.Probing));
    }

    [Test]
    public void Of_one_that_does_not_acknowledge_nothing_can_be_said()
    {
        _network.CutWay(says: false);
        _bed.Run(_loop, async () =>
        {
            await _connection.Output.WriteAsync("x"u8.ToArray());
        });
        Assert.That(Patience.Until(() => On(_connection.ReadPeerSigns).Retransmits > 0));

        Assert.That(Report, Is.EqualTo(new PeerReport(PeerStatus.Unknown, 0)));
        Assert.That(On(_connection.ReadPeerSigns), Has
            .Property(nameof(PeerSigns.UnackedSegments)).EqualTo(1)
            .And.Property(nameof(PeerSigns.IsInFlight)).True);
    }

    private PeerReport Report => On(() => PeerReport.Of(_connection));

    private T On<T>(Func<T> function) =>
        ThreadBed.OnAsync(_loop, function).WaitAsync(Patience.Cap).GetAwaiter().GetResult();

    private TransportConnection AcceptFrom(TransportListener listener)
    {
        TransportConnection? accepted = null;
        _bed.Run(_loop, async () =>
        {
            accepted = await listener.AcceptAsync();
        });
        return accepted!;
    }
}
