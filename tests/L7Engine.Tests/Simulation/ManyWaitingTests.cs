using System.Net;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Simulation;

/// <summary>A thousand clients that ask a group with ten places.</summary>
[TestFixture]
internal sealed class ManyWaitingTests : EngineFixture
{
    private const int Clients = 1_000;
    private const int Places = 10;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly List<SlowServer> _servers = [];

    // All come at once. With a service time of 50 ms, 200 a second are served: all within 5 s.
    [Test]
    public void All_are_served_in_order_and_the_backends_never_have_more_than_ten(
        [Values(1, 3)] int loops, [Range(1, 3)] int seed)
    {
        StartWith(new QueueOptions(), TimeSpan.FromMilliseconds(50), loops, seed);
        SimPeer[] clients = [.. Enumerable.Range(0, Clients).Select(i => AskFrom(i, $"/{i}"))];

        Net.RunFor(TimeSpan.FromSeconds(6));

        Assert.That(clients.Select(c => Msg.StatusOf(c.Text)), Is.All.EqualTo(200));
        Assert.That((_servers.Max(s => s.MostAtOnce), _servers.Sum(s => s.MostAtOnce)), Is.EqualTo((5, Places)));
        Assert.That(Group.RequestsQueued, Is.EqualTo(Clients - Places));
        Assert.That((Group.RequestsWaiting, Group.QueueTimeouts, Group.QueueRefusals), Is.EqualTo((0, 0L, 0L)));
        Assert.That(Group.LongestWait.TotalSeconds, Is.InRange(4.9, 5.3), "as long as all before it took");
        AssertInOrder();
    }

    // 20 a second are served: of those that came at once 200 in time, and give or take those at the very deadline.
    [Test]
    public void Who_is_not_served_in_time_gets_503_then_and_nobody_waits_longer([Values(1, 3)] int loops)
    {
        StartWith(new QueueOptions(), TimeSpan.FromMilliseconds(500), loops, seed: 1);
        SimPeer[] clients = [.. Enumerable.Range(0, Clients).Select(i => AskFrom(i, $"/{i}"))];

        Net.RunFor(TimeSpan.FromSeconds(9.9));
        Assert.That(clients.Count(c => Msg.StatusOf(c.Text) == 503), Is.Zero, "not early");
        Net.RunFor(TimeSpan.FromSeconds(0.1) + (2 * Tick));

        SimPeer[] late = [.. clients.Where(c => Msg.StatusOf(c.Text) == 503)];
        Assert.That(late, Has.Length.InRange(Clients - 220, Clients - 200));
        Assert.That(late.Select(c => Msg.Field(c.Text, "Retry-After")), Is.All.EqualTo("1"));
        Assert.That((Group.RequestsWaiting, Group.QueueTimeouts), Is.EqualTo((0, (long)late.Length)));
        Assert.That(Group.LongestWait, Is.LessThanOrEqualTo(TimeSpan.FromSeconds(10) + (2 * Tick)));
        Net.RunFor(TimeSpan.FromSeconds(1));
        Assert.That(clients.Count(c => Msg.StatusOf(c.Text) == 200), Is.EqualTo(Clients - late.Length));
    }

    // One client has 900 connections, a hundred have one each: each of them is served before the one's second hundred.
    [Test]
    public void Nobody_waits_for_all_that_another_asks([Values(1, 3)] int loops)
    {
        StartWith(new QueueOptions(), TimeSpan.FromMilliseconds(50), loops, seed: 1);
        SimPeer[] hoard = [.. Enumerable.Range(0, 900).Select(i => AskFrom(0, $"/hoard-{i}"))];
        SimPeer[] others = [.. Enumerable.Range(1, 100).Select(i => AskFrom(i, $"/{i}"))];

        Net.RunUntil(() => others.All(c => c.Text.Length > 0));

        // Ten had their place before, and turns alternate only while others wait.
        Assert.That(hoard.Count(c => c.Text.Length > 0), Is.LessThanOrEqualTo(3 * Places));
        Net.RunFor(TimeSpan.FromSeconds(6));
        Assert.That(hoard.Select(c => Msg.StatusOf(c.Text)), Is.All.EqualTo(200));
    }

    // The queue is full of one client's: it gives way to those who come, and to nobody else.
    [Test]
    public void A_full_queue_takes_in_who_has_less_in_it([Values(1, 3)] int loops)
    {
        StartWith(new QueueOptions { MaxWaiting = 100 }, TimeSpan.FromMilliseconds(50), loops, seed: 1);
        SimPeer[] hoard = [.. Enumerable.Range(0, 200).Select(i => AskFrom(0, $"/hoard-{i}"))];
        Net.RunFor(TimeSpan.FromMilliseconds(10));
        Assert.That(hoard.Count(c => Msg.StatusOf(c.Text) == 503), Is.EqualTo(200 - Places - 100));

        SimPeer[] others = [.. Enumerable.Range(1, 50).Select(i => AskFrom(i, $"/{i}"))];
        Net.RunFor(TimeSpan.FromSeconds(2));

        Assert.That(others.Select(c => Msg.StatusOf(c.Text)), Is.All.EqualTo(200));
        Assert.That(hoard.Count(c => Msg.StatusOf(c.Text) == 200), Is.InRange(Places + 50, Places + 60));
        Assert.That(Group.RequestsWaiting, Is.Zero);
    }

    // Half of those who wait go away, one way or another: no place is wasted on them, and none is lost.
    [Test]
    public void Those_who_go_cost_the_others_nothing([Values(1, 3)] int loops, [Range(1, 3)] int seed)
    {
        StartWith(new QueueOptions(), TimeSpan.FromMilliseconds(50), loops, seed);
        SimPeer[] clients = [.. Enumerable.Range(0, Clients).Select(i => AskFrom(i, $"/{i}"))];
        Net.RunFor(TimeSpan.FromMilliseconds(75));
        for (int i = 1; i < Clients; i += 2)
        {
            if (clients[i].Text.Length == 0)
            {
                Leave(clients[i], reset: i % 4 == 1);
            }
        }

        Net.RunFor(TimeSpan.FromSeconds(3.2));

        Assert.That(clients.Where((_, i) => i % 2 == 0).Select(c => Msg.StatusOf(c.Text)), Is.All.EqualTo(200));
        Assert.That((Group.RequestsWaiting, Bed.Status.Backends.Sum(b => b.RequestsInFlight)), Is.EqualTo((0, 0)));
        Assert.That(_servers.Sum(s => s.Served.Count), Is.LessThanOrEqualTo((Clients / 2) + (3 * Places)));
    }

    private GroupStatus Group => Bed.Status.Groups[0];

    private static void Leave(SimPeer client, bool reset)
    {
        if (reset)
        {
            client.Reset();
        }
        else
        {
            client.Close();
        }
    }

    private void StartWith(QueueOptions queue, TimeSpan serviceTime, int loops, int seed)
    {
        Start(
            o => o with
            {
                Groups = [o.Groups[0] with
                {
                    Queue = queue,
                    Backends = [.. o.Groups[0].Backends.Select(b => b with { MaxConnections = Places / 2 })],
                }],
            },
            backends: 2,
            seed,
            loops);
        _servers.AddRange(Bed.Backends.Select(b => new SlowServer(Net, b, serviceTime)));
    }

    private SimPeer AskFrom(int client, string target)
    {
        SimPeer peer = Bed.Connect(new IPAddress([127, 1, (byte)(client / 250), (byte)(1 + (client % 250))]));
        peer.Send(Msg.Get(target));

        // One after the other, so that there is an order; all in a tenth of a millisecond.
        Net.RunFor(TimeSpan.FromTicks(1));
        return peer;
    }

    // Each client has one request: turns are in the order of arrival. Places end in pairs, whose order is by chance.
    private void AssertInOrder()
    {
        int[] served = [.. _servers.SelectMany(s => s.Served).OrderBy(s => s.Time).Select(s => int.Parse(s.Target[1..], null))];
        int furthest = served.Select((client, place) => Math.Abs(client - place)).Max();
        Assert.That(furthest, Is.LessThan(2 * Places), "nobody is overtaken by those who came later");
    }
}
