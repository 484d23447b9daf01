using System.Net;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Clients;

/// <summary>Listeners that stop while connections wait to be accepted, and how the places for these hold.</summary>
[TestFixture]
internal sealed class FinishingListenerTests : EngineFixture
{
    private static readonly IPEndPoint Second = new(IPAddress.Loopback, 4001);

    [Test]
    public void Connections_that_wait_in_the_backlog_are_served_before_a_drain_ends()
    {
        StartLimited(new Limits { MaxClientConnections = 1 });
        Bed.AnswerWith(Msg.Ok());
        SimPeer first = Ask(Msg.Get());
        SimPeer[] waiting = [.. Enumerable.Range(0, 5).Select(_ => Ask(Msg.Get()))];
        Assert.That(waiting.Select(w => w.Text), Is.All.Empty);
        foreach (SimPeer peer in waiting.Append(first))
        {
            peer.OnEnded = p => p.Close();
        }

        Task<DrainResult> drain = Bed.DrainAsync();

        Assert.That(Net.Wait(drain), Is.EqualTo(new DrainResult(6, 0)));
        Assert.That(waiting.Select(w => Msg.Field(w.Text, "Connection")), Is.All.EqualTo("close"));
    }

    [Test]
    public void What_waits_in_the_backlog_of_a_drain_is_let_in_as_places_become_free_and_not_past_the_maximum(
        [Values(1, 3)] int loops, [Range(1, 5)] int seed)
    {
        const int Places = 10, Waiting = 40;
        int most = Places + loops - 1;
        Start(o => o with { Limits = new Limits { MaxClientConnections = Places } }, loops: loops, seed: seed);
        SimPeer[] busy = [.. Enumerable.Range(0, Places).Select(_ => Closing(Ask(Msg.Get())))];
        SimPeer[] waiting = [.. Enumerable.Range(0, Waiting).Select(_ => Closing(Ask(Msg.Get())))];
        Task<DrainResult> drain = Bed.DrainAsync();
        Net.RunFor(TimeSpan.FromSeconds(1));
        Assert.That(Bed.Status.ClientConnectionsOpen, Is.InRange(Places, most));

        Bed.AnswerWith(Msg.Ok("late"));
        busy[0].Reset();
        while (!drain.IsCompleted)
        {
            Net.RunFor(TimeSpan.FromMilliseconds(1));
            Assert.That(Bed.Status.ClientConnectionsOpen, Is.LessThanOrEqualTo(most), $"seed {seed}");
        }

        Assert.That(waiting.Select(w => w.Text).Where(t => !t.EndsWith("late", StringComparison.Ordinal)), Is.Empty);
        Assert.That(Net.Wait(drain).CutAtDeadline, Is.EqualTo(Places - 1), "the busy ones");
    }

    [Test]
    public void What_waits_for_a_place_at_the_deadline_is_reset()
    {
        StartLimited(new Limits { MaxClientConnections = 2 });
        SimPeer[] busy = [.. Enumerable.Range(0, 2).Select(_ => Ask(Msg.Get()))];
        SimPeer late = Ask(Msg.Get());
        Task<DrainResult> drain = Bed.DrainAsync(TimeSpan.FromSeconds(5));
        Net.RunFor(TimeSpan.FromSeconds(4.8));
        Assert.That((late.IsReset, late.Text, drain.IsCompleted), Is.EqualTo((false, "", false)));

        Assert.That(Net.Wait(drain), Is.EqualTo(new DrainResult(0, 2)));
        Assert.That(late.IsReset);
        Assert.That(Bed.Status.ClientConnectionsAccepted, Is.EqualTo(busy.Length));
    }

    [Test]
    public void A_drain_at_the_maximum_stops_listening_at_once_where_nobody_waits()
    {
        StartLimited(new Limits { MaxClientConnections = 1 });
        Ask(Msg.Get());
        Task<DrainResult> drain = Bed.DrainAsync();
        Net.RunFor(TimeSpan.FromSeconds(1));

        Assert.That(Bed.Connect(), Has.Property(nameof(SimPeer.IsOpen)).False);
        Net.Wait(drain);
    }

    [Test]
    public void A_listener_whose_backlog_waits_for_places_does_not_hold_up_later_changes()
    {
        Start(o => WithSecond(o) with { Limits = new Limits { MaxClientConnections = 2 } });
        SimPeer[] busy = [AskSecond(), AskSecond()];
        SimPeer waiting = AskSecond();
        Task<ApplyResult> removal = Apply(OnlyFirst(Bed.Options));
        Net.RunFor(TimeSpan.FromSeconds(2));
        Assert.That((removal.IsCompletedSuccessfully, waiting.IsReset), Is.EqualTo((true, false)));

        Task<ApplyResult> next = Apply(OnlyFirst(Bed.Options) with { Timeouts = new Timeouts { Linger = TimeSpan.FromSeconds(3) } });
        Net.RunFor(TimeSpan.FromSeconds(2));

        Assert.That(next.IsCompletedSuccessfully);
        Bed.AnswerWith(Msg.Ok("let in"));
        busy[0].Reset();
        Net.RunFor(TimeSpan.FromSeconds(1));
        Assert.That(waiting.Text, Does.EndWith("let in"));
    }

    [Test]
    public void An_address_where_a_backlog_waits_for_places_is_opened_anew_once_it_is_free()
    {
        Start(o => WithSecond(o) with { Limits = new Limits { MaxClientConnections = 1 } });
        SimPeer busy = AskSecond();
        SimPeer waiting = AskSecond();
        Apply(OnlyFirst(Bed.Options));
        Task<ApplyResult> again = Apply(Bed.Options);
        Net.RunFor(TimeSpan.FromSeconds(5));
        Assert.That(again.IsCompleted, Is.False);

        Bed.AnswerWith(Msg.Ok("let in"));
        busy.Reset();
        Net.RunFor(TimeSpan.FromSeconds(1));

        Assert.That(again.IsCompletedSuccessfully);
        Assert.That(waiting.Text, Does.EndWith("let in"));
        Assert.That(Net.Connect(Second), Has.Property(nameof(SimPeer.IsReset)).False);
    }

    [Test]
    public void A_drain_of_everything_waits_for_no_address_and_ends_the_change_that_does()
    {
        Task<ApplyResult> again = OpenWhereABacklogWaits();
        Task<ApplyResult> behind = Apply(Bed.Options);
        Task<DrainResult> drain = Bed.DrainAsync(TimeSpan.FromSeconds(5));
        Net.RunFor(TimeSpan.FromSeconds(1));

        foreach (Task<ApplyResult> apply in new[] { again, behind })
        {
            Assert.That(apply.Exception?.InnerException, Is.TypeOf<InvalidOperationException>());
            Assert.That(apply.Exception!.InnerException!.Message, Does.StartWith("It drains"));
        }

        Net.RunFor(TimeSpan.FromSeconds(5));
        Assert.That(drain.IsCompletedSuccessfully);
        Assert.That(drain.Result, Is.EqualTo(new DrainResult(0, 1)));
    }

    [Test]
    public void What_is_no_configuration_does_not_wait_for_an_address_to_be_free()
    {
        Task<ApplyResult> again = OpenWhereABacklogWaits();
        using NoContext _ = NoContext.Enter();
        Task<DrainResult> drain = Bed.Engine.DrainClientAsync(IPAddress.Parse("127.0.0.77"));
        Net.RunFor(TimeSpan.FromSeconds(1));

        Assert.That((drain.IsCompletedSuccessfully, again.IsCompleted), Is.EqualTo((true, false)));
    }

    [Test]
    public void A_change_that_has_waited_for_an_address_sees_what_has_changed_meanwhile()
    {
        Task<ApplyResult> again = OpenWhereABacklogWaits();
        using NoContext _ = NoContext.Enter();
        Task<DrainResult> drain = Bed.Engine.DrainListenerAsync("default");
        Net.RunFor(TimeSpan.FromMinutes(1));

        Assert.That(drain.IsCompletedSuccessfully);
        Assert.That(again.Result, Has.Property(nameof(ApplyResult.ListenersOpened)).EqualTo(2));
        Assert.That(Bed.Engine.LocalEndPoints, Has.Count.EqualTo(2));
    }

    [Test]
    public void Who_disposes_of_the_engine_ends_the_change_that_waits_for_an_address()
    {
        Task<ApplyResult> again = OpenWhereABacklogWaits();
        Bed.Stop();

        Assert.That(again.Exception?.InnerException, Is.TypeOf<ObjectDisposedException>());
    }

    // All places are taken, one by a client of a listener that has gone and is to be there again: another waits there.
    private Task<ApplyResult> OpenWhereABacklogWaits()
    {
        Start(o => WithSecond(o) with { Limits = new Limits { MaxClientConnections = 1 } });
        AskSecond();
        AskSecond();
        Apply(OnlyFirst(Bed.Options));
        Task<ApplyResult> again = Apply(Bed.Options);
        Net.RunFor(TimeSpan.FromSeconds(5));
        Assert.That(again.IsCompleted, Is.False);
        return again;
    }

    private static LoadBalancerOptions WithSecond(LoadBalancerOptions options) =>
        options with { Listeners = [options.Listeners[0], new ListenerOptions { Name = "b", Address = Second }] };

    private static LoadBalancerOptions OnlyFirst(LoadBalancerOptions options) =>
        options with { Listeners = [options.Listeners[0]] };

    private static SimPeer Closing(SimPeer peer)
    {
        peer.OnEnded = p => p.Close();
        return peer;
    }

    private SimPeer AskSecond()
    {
        SimPeer peer = Net.Connect(Second);
        Send(peer, Msg.Get());
        return peer;
    }

    private Task<ApplyResult> Apply(LoadBalancerOptions options)
    {
        using NoContext _ = NoContext.Enter();
        return Bed.Engine.ApplyAsync(options);
    }
}
