using System.Net;
using L7Engine.Backends;
using L7Engine.Backends.Places;
using L7Engine.Diagnostics;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Backends.Places;

/// <summary>Places at backends that are handed on to whoever waits, alone and under many threads.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class GroupPlacesTests
{
    private const int Max = 100;

    private readonly List<QueuedRequest> _woken = [];

    [Test]
    public void A_place_that_is_given_back_goes_to_who_waits_and_is_never_free_between()
    {
        GroupPlaces places = Full(out Backend backend);
        QueuedRequest waiting = Enter(places, backend);

        places.Release(backend.State);

        Assert.That(_woken, Is.EqualTo([waiting]));
        Assert.That((places.StepOf(waiting), backend.State.InFlight, places.Waiting), Is.EqualTo((QueueStep.Granted, 1, 0)));
        Assert.That(places.Claim(waiting), Is.SameAs(backend.State));
    }

    [Test]
    public void A_place_that_has_become_free_before_the_wait_is_taken_at_once()
    {
        GroupPlaces places = Full(out Backend backend);
        places.Release(backend.State);

        Assert.That(Enter(places, backend).Step, Is.EqualTo(QueueStep.Granted));
        Assert.That((places.Waiting, backend.State.InFlight), Is.EqualTo((0, 1)));
    }

    [Test]
    public void Who_has_left_gets_nothing_and_who_has_a_place_already_keeps_it()
    {
        GroupPlaces places = Full(out Backend backend);
        QueuedRequest gone = Enter(places, backend);
        QueuedRequest granted = Enter(places, backend);

        QueueStep left = places.Leave(gone, QueueStep.Left);
        places.Release(backend.State);

        Assert.That((left, places.StepOf(gone)), Is.EqualTo((QueueStep.Left, QueueStep.Left)));
        Assert.That(places.Leave(granted, QueueStep.TimedOut), Is.EqualTo(QueueStep.Granted));
    }

    [Test]
    public void A_place_for_a_loop_that_has_ended_goes_to_the_next()
    {
        GroupPlaces places = Full(out Backend backend);
        QueuedRequest dead = new(() => false);
        places.Enter(dead, [backend], Max);
        QueuedRequest alive = Enter(places, backend);

        places.Release(backend.State);

        Assert.That((places.Claim(dead), places.Claim(alive)), Is.EqualTo(((BackendState?)null, backend.State)));
    }

    [Test]
    public void A_place_for_loops_that_have_all_ended_is_free()
    {
        GroupPlaces places = Full(out Backend backend);
        places.Enter(new QueuedRequest(() => false), [backend], Max);

        places.Release(backend.State);

        Assert.That((backend.State.InFlight, places.Waiting), Is.EqualTo((0, 0)));
    }

    [Test]
    public void A_backend_that_was_tried_is_left_to_others_and_its_place_is_free()
    {
        GroupPlaces places = Full(out Backend backend);
        QueuedRequest choosy = NewRequest();
        choosy.NoteTried(backend.State);
        places.Enter(choosy, [backend], Max);

        places.Release(backend.State);

        Assert.That((choosy.Step, backend.State.InFlight), Is.EqualTo((QueueStep.Waiting, 0)));
    }

    [TestCase(0)]
    [TestCase(2)]
    public void Past_its_length_the_queue_lets_nobody_in(int max)
    {
        GroupPlaces places = Full(out Backend backend);
        QueueStep[] steps = [.. Enumerable.Range(0, 3).Select(_ => Enter(places, backend, max).Step)];

        Assert.That(steps.Count(s => s == QueueStep.Waiting), Is.EqualTo(max));
        Assert.That(steps[^1], Is.EqualTo(QueueStep.Refused));
    }

    [Test]
    public void A_full_queue_of_one_client_makes_room_for_another()
    {
        GroupPlaces places = Full(out Backend backend);
        QueuedRequest[] many = [.. Enumerable.Range(0, 3).Select(_ => Enter(places, backend, max: 3))];
        QueuedRequest other = NewRequest(client: 9);

        Assert.That(places.Enter(other, [backend], 3), Is.EqualTo(QueueStep.Waiting));
        Assert.That(_woken, Is.EqualTo([many[2]]));
        Assert.That((many[2].Step, places.Waiting), Is.EqualTo((QueueStep.Refused, 3)));
    }

    [Test]
    public void More_places_go_to_those_who_wait_and_fewer_are_not_handed_on()
    {
        GroupPlaces places = Full(out Backend backend);
        QueuedRequest[] waiting = [.. Enumerable.Range(0, 4).Select(_ => Enter(places, backend))];

        places.Apply([With(backend, max: 3)]);
        Assert.That((backend.State.InFlight, places.Waiting), Is.EqualTo((3, 2)));
        places.Apply([With(backend, max: 2)]);
        places.Release(backend.State);

        Assert.That((backend.State.InFlight, places.Waiting), Is.EqualTo((2, 2)));
        Assert.That(waiting.Count(w => w.Step == QueueStep.Granted), Is.EqualTo(2));
    }

    [Test]
    public void A_backend_that_is_added_serves_who_waits_and_one_that_gets_nothing_new_does_not()
    {
        GroupPlaces places = Full(out Backend backend);
        Enter(places, backend);
        Enter(places, backend);

        places.Apply([With(backend, max: 1, weight: 0), New(port: 2, max: 1)]);
        places.Release(backend.State);

        Assert.That((places.Waiting, _woken.Count, backend.State.InFlight), Is.EqualTo((1, 1, 0)));
    }

    // Each thread is a loop: it takes a place or waits for one, holds it for a moment, and gives it back; now and then
    // it leaves while it waits. If a wake-up were lost, a thread would wait for ever.
    [Test]
    public void Over_many_threads_no_maximum_is_exceeded_and_nobody_is_forgotten([Range(1, 5)] int seed)
    {
        Backend[] backends = [New(port: 1, max: 1), New(port: 2, max: 2)];
        var stress = new PlaceStress(backends);

        Thread[] threads =
        [
            .. Enumerable.Range(0, 8).Select(i => new Thread(() => stress.Live((100 * seed) + i)) { IsBackground = true }),
        ];
        Array.ForEach(threads, t => t.Start());
        bool[] ended = [.. threads.Select(t => t.Join(TimeSpan.FromMinutes(2)))];

        Assert.That(ended, Has.All.True, $"seed {seed}");
        Assert.That(stress.Exceeded, Is.Zero, $"seed {seed}");
        Assert.That((stress.Places.Waiting, backends.Sum(b => b.State.InFlight)), Is.EqualTo((0, 0)), $"seed {seed}");
        Assert.That(stress.Waited, Is.GreaterThan(1_000), $"seed {seed}");
    }

    // The only place is given back in the moment in which another request enters the queue: one of the two must see the
    // other, for nobody comes after them.
    [Test]
    public void Who_enters_while_the_only_place_is_given_back_has_it([Range(1, 5)] int seed)
    {
        GroupPlaces places = Full(out Backend backend);
        var request = new QueuedRequest(() => true);
        int forgotten = 0;
        var meeting = new Meeting(seed, () => places.Release(backend.State));
        while (meeting.GoesOn)
        {
            meeting.Do(() => places.Enter(request, [backend], Max));
            forgotten += places.Leave(request, QueueStep.Left) == QueueStep.Granted ? 0 : 1;
            _ = places.Claim(request) ?? (backend.State.TryTakePlace(1) ? backend.State : null);
            request.Clear();
        }

        meeting.Join();
        Assert.That(forgotten, Is.Zero, $"seed {seed}");
    }

    private QueuedRequest Enter(GroupPlaces places, Backend backend, int max = Max)
    {
        QueuedRequest request = NewRequest();
        places.Enter(request, [backend], max);
        return request;
    }

    private QueuedRequest NewRequest(int client = 1)
    {
        QueuedRequest request = null!;
        request = new QueuedRequest(() =>
        {
            _woken.Add(request);
            return true;
        })
        {
            Client = ClientKey.Of(PeerAddress.Of(0xFFFF_0000_0000 | (UInt128)client, 0), 64),
        };
        return request;
    }

    private static GroupPlaces Full(out Backend backend)
    {
        backend = New(port: 1, max: 1);
        Assert.That(backend.State.TryTakePlace(1));
        return new GroupPlaces([backend]);
    }

    private static Backend New(int port, int max) => With(null, max, weight: 1, port);

    private static Backend With(Backend? same, int max, int weight = 1, int port = 1)
    {
        var options = new BackendOptions
        {
            Address = new IPEndPoint(IPAddress.Loopback, port),
            Weight = weight,
            MaxConnections = max,
        };
        return new Backend(
            0, 0, new BackendGroupOptions { Backends = [options] }, options, new Timeouts(), same?.State ?? new BackendState());
    }
}
