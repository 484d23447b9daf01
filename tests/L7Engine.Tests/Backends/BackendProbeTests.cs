using L7Engine.Tests.Support;
using L7Engine.Transport;
using NUnit.Framework;

namespace L7Engine.Tests.Backends;

/// <summary>When a connection to a backend begins to probe it: before that could matter, and no sooner than needed.
/// </summary>
[TestFixture]
internal sealed class BackendProbeTests : EngineFixture
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1_100);

    private static readonly TcpKeepAlive Asked = new(TimeSeconds: 10, IntervalSeconds: 2, Probes: 3);

    [Test]
    public void A_connection_that_ends_with_its_first_response_never_probes([Values] bool closesAtOnce)
    {
        StartProbing();
        Ask(Msg.Get());
        MemoryConnection connection = ToBackend();
        Send(Backend, Msg.Ok("once", "Connection: close\r\n"));
        if (closesAtOnce)
        {
            Backend.Close();
        }

        Net.RunFor(TimeSpan.FromSeconds(5));

        Assert.That(connection.KeepAlive.Probes, Is.Zero);
        Assert.That(Bed.Status.BackendConnectionsOpen, Is.Zero);
    }

    [Test]
    public void A_connection_that_is_kept_probes_from_then_on()
    {
        StartProbing();
        Ask(Msg.Get());
        Assert.That(ToBackend().KeepAlive.Probes, Is.Zero);
        Send(Backend, Msg.Ok());

        Assert.That(ToBackend().KeepAlive, Is.EqualTo(Asked));
    }

    [Test]
    public void A_connection_whose_first_response_is_waited_for_probes_within_a_second()
    {
        StartProbing();
        Ask(Msg.Get());
        Net.RunFor(Patience);

        Assert.That(ToBackend().KeepAlive, Is.EqualTo(Asked));
        Send(Backend, Msg.Ok());
    }

    // What has kept the pool busy before does not make the next one late.
    [Test]
    public void Each_of_many_connections_probes_within_a_second()
    {
        StartProbing();
        var opened = new List<MemoryConnection>();
        for (int i = 0; i < 30; i++)
        {
            Ask(Msg.Get());
            opened.Add(Net.Loops[0].Connections.Except(opened).Single(IsToBackend));
            Net.RunFor(TimeSpan.FromMilliseconds(170));
        }

        Net.RunFor(Patience - TimeSpan.FromMilliseconds(170));

        Assert.That(opened.Select(c => c.KeepAlive), Is.All.EqualTo(Asked));
    }

    [Test]
    public void A_tunnel_probes()
    {
        StartProbing();
        Ask(Msg.Get(fields: "Upgrade: websocket\r\nConnection: Upgrade\r\n"));
        Send(Backend, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
        Net.RunFor(Patience);

        Assert.That(ToBackend().KeepAlive, Is.EqualTo(Asked));
    }

    [Test]
    public void A_response_that_goes_on_and_on_has_its_connection_probe()
    {
        StartProbing();
        Ask(Msg.Get());
        Send(Backend, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n");
        Net.RunFor(Patience);

        Assert.That(ToBackend().KeepAlive, Is.EqualTo(Asked));
    }

    [Test]
    public void Nothing_probes_where_that_is_off()
    {
        StartPooled(new PoolOptions { TcpKeepAlive = new TcpKeepAliveOptions { Enabled = false } });
        Ask(Msg.Get());
        Net.RunFor(Patience);
        Send(Backend, Msg.Ok());

        Assert.That(ToBackend().KeepAlive.Probes, Is.Zero);
    }

    // It holds for bytes that are on their way, the first ones, too.
    [Test]
    public void How_long_bytes_may_be_unacknowledged_is_set_from_the_beginning()
    {
        StartPooled(new PoolOptions
        {
            TcpKeepAlive = new TcpKeepAliveOptions { UserTimeout = TimeSpan.FromHours(5) },
        });
        Ask(Msg.Get());

        Assert.That(ToBackend().KeepAlive.UserTimeoutMilliseconds, Is.EqualTo(5 * 3_600_000));
        Send(Backend, Msg.Ok());
    }

    private MemoryConnection ToBackend() => Net.Loops[0].Connections.Single(IsToBackend);

    private bool IsToBackend(MemoryConnection connection) => connection.Socket.Remote.Equals(Bed.Backend.Address);

    private void StartProbing() => StartPooled(new PoolOptions
    {
        TcpKeepAlive = new TcpKeepAliveOptions
        {
            Time = TimeSpan.FromSeconds(Asked.TimeSeconds),
            Interval = TimeSpan.FromSeconds(Asked.IntervalSeconds),
            Probes = Asked.Probes,
        },
    });
}
