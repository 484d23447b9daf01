using System.Net;
using System.Net.Sockets;
using L7Engine.Backends;
using L7Engine.Diagnostics;
using L7Engine.EndToEnd.Tests.Transport;
using L7Engine.Transport;
using L7Engine.Transport.Epoll;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Backends;

/// <summary>What the kernel knows of an idle connection, and no event has told yet.</summary>
[TestFixture]
[Platform("Linux")]
internal sealed class IdleLookTests
{
    private readonly ThreadBed _bed = new(new EpollTransport());

    [OneTimeTearDown]
    public void TearDown() => _bed.Dispose();

    // The backend closes while the loop is in the middle of a turn: no event can come before the lease.
    [TestCase(true, ExpectedResult = false)]
    [TestCase(false, ExpectedResult = true)]
    public bool A_connection_that_has_just_been_closed_is_leased_only_unlooked_at(bool isLookedAt)
    {
        bool isLeased = false;
        _bed.Run(async loop =>
        {
            using var server = new TcpListener(IPAddress.Loopback, 0);
            server.Start();
            BackendPool pool = PoolOf(loop, (IPEndPoint)server.LocalEndpoint);
            TransportConnection connection = await Loopback.ConnectAsync(loop, pool.Backend.Address);
            using Socket peer = server.AcceptSocket();
            pool.LeaseNew(connection).Return();

            peer.Close();
            isLeased = pool.TryLease(isRepeatable: !isLookedAt, out _);

            Assert.That(pool.Counts.Idle, Is.Zero);
        });
        return isLeased;
    }

    [Test]
    public void A_connection_that_is_open_is_leased_looked_at_or_not() => _bed.Run(async loop =>
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        BackendPool pool = PoolOf(loop, (IPEndPoint)server.LocalEndpoint);
        pool.LeaseNew(await Loopback.ConnectAsync(loop, pool.Backend.Address)).Return();

        Assert.That(pool.TryLease(isRepeatable: false, out BackendLease lease));
        lease.Return();
        Assert.That(pool.TryLease(isRepeatable: true, out _));
    });

    private static BackendPool PoolOf(EventLoop loop, IPEndPoint address)
    {
        var options = new BackendOptions { Address = address };
        var group = new BackendGroupOptions { Backends = [options] };
        var backend = new Backend(0, 0, group, options, new Timeouts(), new BackendState());
        return new BackendPool(backend, loop, new CloseLedger(0), new LoopCounters());
    }
}
