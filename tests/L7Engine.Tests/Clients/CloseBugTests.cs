using System.Net;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Clients;

/// <summary>A bug while a connection is closed: it is told, and everything else that a close is happens.</summary>
[TestFixture]
internal sealed class CloseBugTests : EngineFixture
{
    private readonly LogLines _log = new();

    [Test]
    public void One_that_keeps_it_from_learning_of_its_peer_leaves_nothing_open()
    {
        SimPeer client = StartWithIdleClient(out MemoryConnection connection);
        connection.HasBug = true;
        client.Reset();
        Net.RunUntilIdle();

        AssertItIsClosed(connection);
    }

    [Test]
    public void One_amid_the_end_of_its_socket_leaves_its_places_to_others()
    {
        SimPeer client = StartWithIdleClient(out MemoryConnection connection);
        connection.HasCloseBug = true;
        client.Close();
        Net.RunUntilIdle();

        AssertItIsClosed(connection);
    }

    [Test]
    public void One_in_what_follows_from_its_place_being_free_does_not_keep_others_from_it()
    {
        SimPeer[] busy = StartWithAllPlacesTaken();
        BreakResuming();
        busy[0].Reset();
        busy[1].Reset();
        Net.RunUntilIdle();

        Assert.That(_log.Of(604).ToList(), Has.Count.EqualTo(1));
        Assert.That((Bed.Status.ClientConnectionsOpen, Bed.ClientCloses(CloseReason.Reset)), Is.EqualTo((8, 2)));
        Bed.AnswerWith(Msg.Ok("done"));
        Assert.That(Ask(Msg.Get()).Text, Does.EndWith("done"));
    }

    [Test]
    public void A_drain_counts_a_connection_that_one_has_hit_and_ends()
    {
        SimPeer[] busy = StartWithAllPlacesTaken();
        using NoContext _ = NoContext.Enter();
        Task<DrainResult> drain = Bed.Engine.DrainClientAsync(IPAddress.Loopback, TimeSpan.FromSeconds(5));
        Net.RunFor(TimeSpan.FromSeconds(1));
        BreakResuming();
        busy[0].Reset();
        busy[1].Reset();
        Net.RunFor(TimeSpan.FromSeconds(10));

        Assert.That(_log.Of(604).ToList(), Has.Count.EqualTo(1));
        Assert.That(drain.IsCompletedSuccessfully);
        Assert.That(drain.Result, Is.EqualTo(new DrainResult(2, 8)));
    }

    // As many as its client may have. What it learns of a peer it asks for after a silence alone.
    private SimPeer StartWithIdleClient(out MemoryConnection connection)
    {
        HasBug = true;
        StartWith(o => o with
        {
            Listeners = [o.Listeners[0] with { ClientCaps = new ClientCapsOptions { Connections = 1 } }],
        });
        Bed.AnswerWith(Msg.Ok("done"));
        SimPeer client = Ask(Msg.Get());
        connection = Net.Loops[0].Connections.Single(c => !c.Socket.Remote.Equals(Bed.Backend.Address));
        Net.RunFor(TimeSpan.FromSeconds(2));
        return client;
    }

    private void AssertItIsClosed(MemoryConnection connection)
    {
        Assert.That(connection.Socket.IsClosed);
        Assert.That(Bed.OnlyClose(ConnectionSide.Client).Reason, Is.EqualTo(CloseReason.EngineFault));
        Assert.That(_log.Of(604).ToList(), Has.Count.EqualTo(1));
        Assert.That((Bed.Status.ClientConnectionsOpen, Bed.Status.ClientConnectionsIdle), Is.EqualTo((0, 0)));
        Assert.That(Bed.Connections().Where(c => c.Side == ConnectionSide.Client), Is.Empty);
        Assert.That(Ask(Msg.Get()).Text, Does.EndWith("done"));
    }

    private SimPeer[] StartWithAllPlacesTaken()
    {
        StartWith(o => o with { Limits = new Limits { MaxClientConnections = 10 } });
        return [.. Enumerable.Range(0, 10).Select(_ => Ask(Msg.Get()))];
    }

    // It happens as the second of them goes: from there on others may come.
    private void BreakResuming()
    {
        MemoryListener listener = Net.Loops[0].Listeners[0];
        listener.OnResumeAccepting = () =>
        {
            listener.OnResumeAccepting = null;
            throw new InvalidOperationException("A bug of a test.");
        };
    }

    private void StartWith(Func<LoadBalancerOptions, LoadBalancerOptions> configure) =>
        Take(new EngineBed(configure: configure, log: _log.Factory));
}
