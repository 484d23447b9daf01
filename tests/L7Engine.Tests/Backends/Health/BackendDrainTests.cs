using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Backends.Health;

/// <summary>One backend is taken out of service, and put back.</summary>
[TestFixture]
internal sealed class BackendDrainTests : EngineFixture
{
    [Test]
    public void It_gets_no_new_requests_its_idle_connections_close_and_what_is_in_flight_ends()
    {
        Start(backends: 2, loops: 2);
        Bed.AnswerWith(Msg.Ok());
        AskAll(8);
        Bed.Backend.OnAccepted = peer => peer.OnReceived = _ => { };
        foreach (SimPeer peer in Bed.Backend.Peers)
        {
            peer.OnReceived = _ => { };
        }

        long idle = First.ConnectionsIdle;
        SimPeer[] waiting = [.. Enumerable.Range(0, 4).Select(_ => Ask(Msg.Get()))];
        int inFlight = First.RequestsInFlight;
        int reused = (int)idle - (int)First.ConnectionsIdle;
        Assert.That((idle > 0, inFlight > 0), Is.EqualTo((true, true)));
        long before = First.Requests;

        Task<BackendDrainResult> drain = Drain();
        AskAll(20);
        Assert.That(drain.IsCompleted, Is.False);
        Assert.That((First.Requests, First.ConnectionsIdle, First.IsDrained, First.GetsRequests), Is.EqualTo((before, 0, true, false)));

        foreach (SimPeer peer in Bed.Backend.Peers.Where(p => !p.IsFinished))
        {
            peer.Send(Msg.Ok());
        }

        Net.RunFor(TimeSpan.FromMilliseconds(200));
        BackendDrainResult result = drain.GetAwaiter().GetResult();
        Assert.That((result.EndedInTime, result.StillInFlight), Is.EqualTo((inFlight, 0)));
        Assert.That(result.IdleClosed, Is.EqualTo((int)idle - reused));
        Assert.That(First.ConnectionsOpen, Is.Zero);
        Assert.That(waiting.All(w => Msg.StatusOf(w.Text) == 200));
    }

    [Test]
    public void The_deadline_ends_the_waiting_and_no_request()
    {
        Start(backends: 1);
        SimPeer client = Ask(Msg.Get());

        Task<BackendDrainResult> drain = Drain(TimeSpan.FromSeconds(3));
        Net.RunFor(TimeSpan.FromSeconds(2.9));
        Assert.That(drain.IsCompleted, Is.False);
        Net.RunFor(TimeSpan.FromSeconds(0.3));

        Assert.That(drain.GetAwaiter().GetResult(), Is.EqualTo(new BackendDrainResult(0, 0, 1)));
        Send(Backend, Msg.Ok("late"));
        Assert.That(client.Text, Does.EndWith("late"));
    }

    [Test]
    public void A_cancellation_ends_the_waiting()
    {
        Start(backends: 1);
        Ask(Msg.Get());
        using var cut = new CancellationTokenSource();
        Task<BackendDrainResult> drain = Drain(cut: cut.Token);

        cut.Cancel();
        Net.RunFor(TimeSpan.FromMilliseconds(200));

        Assert.That(drain.GetAwaiter().GetResult().StillInFlight, Is.EqualTo(1));
        Assert.That(First.IsDrained);
    }

    [Test]
    public void With_all_of_them_drained_requests_are_answered_503_until_one_is_resumed()
    {
        Start(backends: 1);
        Bed.AnswerWith(Msg.Ok());
        Task<BackendDrainResult> drain = Drain();
        Net.RunFor(TimeSpan.FromMilliseconds(200));
        Assert.That(drain.IsCompleted);
        Assert.That(Msg.StatusOf(Ask(Msg.Get()).Text), Is.EqualTo(503));

        Bed.Engine.ResumeBackend("default", Bed.Backend.Address);

        Assert.That(Msg.StatusOf(Ask(Msg.Get()).Text), Is.EqualTo(200));
        Assert.That(First.IsDrained, Is.False);
    }

    [Test]
    public void It_stays_drained_under_other_configurations_until_one_has_it_no_more()
    {
        Start(backends: 2);
        Drain();
        Net.RunFor(TimeSpan.FromMilliseconds(200));

        Bed.Apply(o => o with { Groups = [o.Groups[0] with { SlowStart = TimeSpan.FromSeconds(1) }] });
        Assert.That(First.IsDrained);

        Bed.Apply(o => o with { Groups = [o.Groups[0] with { Backends = [o.Groups[0].Backends[1]] }] });
        Bed.Apply(o => o);
        Assert.That(First.IsDrained, Is.False);
    }

    [Test]
    public void What_is_no_backend_cannot_be_drained_and_nothing_before_the_start()
    {
        Assert.Throws<ArgumentException>(() => Bed.Engine.DrainBackendAsync("other", Bed.Backend.Address));
        Assert.Throws<ArgumentException>(() => Bed.Engine.ResumeBackend("default", (System.Net.IPEndPoint)Valid.Backend.Address));
        var notStarted = new LoadBalancer(Valid.Options);
        Assert.Throws<InvalidOperationException>(
            () => notStarted.DrainBackendAsync("default", (System.Net.IPEndPoint)Valid.Backend.Address));
    }

    [Test]
    public void The_end_of_the_engine_ends_the_waiting()
    {
        Start(backends: 1);
        Ask(Msg.Get());
        Task<BackendDrainResult> drain = Drain(TimeSpan.FromHours(1));

        Bed.Stop();

        Assert.That(drain.IsCompleted);
    }

    [Test]
    public void Requests_that_wait_for_a_place_get_one_when_a_backend_is_resumed()
    {
        Start(
            o => o with { Groups = [o.Groups[0] with { Backends = [.. o.Groups[0].Backends.Select(b => b with { MaxConnections = 1 })] }] },
            backends: 2);
        Drain();
        Net.RunFor(TimeSpan.FromMilliseconds(200));
        SimPeer first = Ask(Msg.Get());
        SimPeer second = Ask(Msg.Get());
        Assert.That(Bed.Backends[0].Peers, Is.Empty);

        Bed.Engine.ResumeBackend("default", Bed.Backend.Address);
        Net.RunUntilIdle();

        Assert.That(Bed.Backends[0].Peers, Has.Count.EqualTo(1));
        Assert.That(first.IsFinished || second.IsFinished, Is.False);
    }

    private BackendStatus First => Bed.Status.Backends[0];

    private void AskAll(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Ask(Msg.Get());
        }
    }

    private Task<BackendDrainResult> Drain(TimeSpan? deadline = null, CancellationToken cut = default)
    {
        using NoContext _ = NoContext.Enter();
        Task<BackendDrainResult> drain = Bed.Engine.DrainBackendAsync("default", Bed.Backend.Address, deadline, cut);
        Net.RunUntilIdle();
        return drain;
    }
}
