using System.Net;
using L7Engine.Backends.Names;
using L7Engine.Diagnostics;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Backends.Names;

/// <summary>When a name is asked for, and what is remembered of it.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class NameWatchTests
{
    private readonly SimNetwork _net = new();
    private readonly PlayedResolver _resolver = new();
    private readonly LogLines _log = new();
    private readonly HealthTotals _totals = new();
    private int _changes;

    [Test]
    public void It_is_asked_for_at_once_and_again_an_interval_after_each_answer()
    {
        _resolver.Set("a", "10.0.0.1");

        NameWatch watch = Start();
        Assert.That(watch.FirstOutcome.IsCompleted);
        Assert.That(_resolver.Asked, Has.Count.EqualTo(1));
        Run(29.9);
        Assert.That(_resolver.Asked, Has.Count.EqualTo(1));
        Run(0.2);
        Assert.That(_resolver.Asked, Has.Count.EqualTo(2));
        Run(300);

        Assert.That(_resolver.Asked, Has.Count.EqualTo(12));
    }

    [Test]
    public void Other_addresses_are_a_change_and_the_same_in_another_order_are_none()
    {
        _resolver.Set("a", "10.0.0.1", "10.0.0.2");
        NameWatch watch = Start();
        Assert.That(_changes, Is.EqualTo(1));

        _resolver.Set("a", "10.0.0.2", "10.0.0.1", "10.0.0.2");
        Run(31);
        Assert.That((_changes, Addresses(watch)), Is.EqualTo((1, "10.0.0.1 10.0.0.2")));
        _resolver.Set("a", "10.0.0.3");
        Run(31);

        Assert.That((_changes, Addresses(watch)), Is.EqualTo((2, "10.0.0.3")));
    }

    private static IEnumerable<TestCaseData> Failures() =>
    [
        new TestCaseData(() => Task.FromException<IPAddress[]>(new FormatException("x"))).SetArgDisplayNames("fails"),
        new TestCaseData(Task<IPAddress[]> () => throw new InvalidCastException("x")).SetArgDisplayNames("throws"),
        new TestCaseData(() => Task.FromCanceled<IPAddress[]>(new CancellationToken(true))).SetArgDisplayNames("is cancelled"),
        new TestCaseData(() => Task.FromResult<IPAddress[]>(null!)).SetArgDisplayNames("gives null"),
        new TestCaseData(() => Task.FromResult<IPAddress[]>([null!])).SetArgDisplayNames("gives a null in a list"),
        new TestCaseData(() => (Task<IPAddress[]>)null!).SetArgDisplayNames("gives no task"),
        new TestCaseData(() => Task.FromResult<IPAddress[]>([])).SetArgDisplayNames("gives no address"),
    ];

    [TestCaseSource(nameof(Failures))]
    public void Whatever_a_resolver_does_the_last_good_addresses_are_kept(Func<Task<IPAddress[]>> failure)
    {
        _resolver.Set("a", "10.0.0.1");
        NameWatch watch = Start();

        _resolver.Set("a", failure);
        Run(31);
        Assert.That((Addresses(watch), _changes), Is.EqualTo(("10.0.0.1", 1)));
        Assert.That(watch.Status.Failure, Is.Not.Null.And.Not.Empty);
        _resolver.Set("a", "10.0.0.2");
        Run(31);

        Assert.That((Addresses(watch), _changes, watch.Status.Failure), Is.EqualTo(("10.0.0.2", 2, (string?)null)));
    }

    [Test]
    public void A_failure_is_logged_once_and_so_is_its_end()
    {
        _resolver.Fail("a");
        Start();
        Run(600);
        Assert.That(_log.Of(422), Is.EqualTo(
            ["Name a of group g cannot be resolved: Name or service not known. Addresses kept from before: 0."]));

        _resolver.Fail("a", "another reason");
        Run(60);
        Assert.That(_log.Of(422).Count(), Is.EqualTo(1), "it has not changed that it cannot");
        _resolver.Set("a", "10.0.0.1");
        Run(600);

        Assert.That(_log.Of(421), Is.EqualTo(["Name a of group g was resolved; addresses: 1."]));
    }

    [Test]
    public void After_failures_it_is_asked_for_again_after_1_2_4_seconds_and_so_on_up_to_the_interval()
    {
        _resolver.Fail("a");
        Start();

        Assert.That(AskedWithin(130), Is.EqualTo([1, 3, 7, 15, 31, 61, 91, 121]).Within(0.1));
    }

    // With a crowd that asks all the while: it finds no address that serves.
    [Test]
    public void Who_asks_early_in_vain_gets_it_after_1_2_4_seconds_and_so_on_up_to_the_interval([Values] bool fails)
    {
        NameWatch watch = StartLost();
        if (fails)
        {
            _resolver.Fail("a");
        }

        Assert.That(AskedWithin(130, watch), Is.EqualTo([0, 1, 3, 7, 15, 31, 61, 91, 121]).Within(0.2));
    }

    [Test]
    public void When_nobody_asks_any_more_it_is_asked_for_once_an_interval_again()
    {
        NameWatch watch = StartLost();
        AskedWithin(10, watch);

        Assert.That(AskedWithin(100), Is.EqualTo([5, 35, 65, 95]).Within(0.2), "the one that was asked for, and others");
        Assert.That(AskedWithin(4, watch), Is.EqualTo([0, 1, 3]).Within(0.2), "what was in vain then was long ago");
    }

    [Test]
    public void Other_addresses_are_asked_for_within_a_second_when_they_do_not_serve_either()
    {
        NameWatch watch = StartLost();
        AskedWithin(14.5, watch);
        _resolver.Set("a", "10.0.0.2");

        Assert.That(AskedWithin(8, watch), Is.EqualTo([0.5, 1.5, 2.5, 4.5]).Within(0.2));
    }

    [Test]
    public void A_name_that_serves_again_is_asked_for_within_a_second_when_it_is_lost_again()
    {
        NameWatch watch = StartLost();
        AskedWithin(16, watch);
        watch.NoteServes();

        Assert.That(AskedWithin(4, watch), Is.EqualTo([0, 1, 3]).Within(0.2));
    }

    [Test]
    public void Who_asks_anew_does_not_wait_because_others_asked_in_vain()
    {
        NameWatch watch = StartLost();
        AskedWithin(16, watch);

        watch.AskAnew();

        Assert.That(AskedWithin(1), Has.Count.EqualTo(1));
    }

    [Test]
    public void Who_asks_early_within_a_second_of_the_last_time_waits_for_the_rest_of_it()
    {
        _resolver.Set("a", "10.0.0.1");
        NameWatch watch = Start();
        Run(0.4);

        watch.AskEarly();
        Run(0.5);
        Assert.That(_resolver.Asked, Has.Count.EqualTo(1));
        Run(0.2);

        Assert.That(_resolver.Asked, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_resolution_that_is_late_counts_as_failed_is_not_begun_twice_and_what_it_brings_is_taken()
    {
        _resolver.Set("a", "10.0.0.1");
        _resolver.IsSlow = true;
        NameWatch watch = Start();

        Run(4.9);
        Assert.That(watch.FirstOutcome.IsCompleted, Is.False);
        Run(0.2);
        Assert.That(watch.FirstOutcome.IsCompleted);
        Assert.That(watch.Status.Failure, Is.EqualTo("no answer within 5 s"));
        watch.AskEarly();
        Run(100);
        Assert.That(_resolver.Asked, Has.Count.EqualTo(1));
        _resolver.Release();

        Assert.That((Addresses(watch), watch.Status.Failure, _changes), Is.EqualTo(("10.0.0.1", (string?)null, 1)));
        Run(31);
        Assert.That(_resolver.Asked, Has.Count.EqualTo(2));
    }

    [Test]
    public void Who_asks_early_while_one_is_under_way_does_not_stop_later_ones_from_asking()
    {
        _resolver.Set("a", "10.0.0.1");
        _resolver.IsSlow = true;
        NameWatch watch = Start();
        watch.AskEarly();
        _resolver.Release();
        Run(2);

        watch.AskEarly();
        Run(0.1);

        Assert.That(_resolver.Asked, Has.Count.EqualTo(2));
    }

    [Test]
    public void Once_disposed_it_asks_no_more_and_what_is_under_way_ends_unheard()
    {
        _resolver.Set("a", "10.0.0.1");
        _resolver.IsSlow = true;
        NameWatch watch = Start();

        watch.Dispose();
        Assert.That(watch.FirstOutcome.IsCompleted, "who waits goes on");
        _resolver.Release();
        watch.AskEarly();
        watch.Apply(new NameOptions { Interval = TimeSpan.FromSeconds(1) });
        watch.Start();
        Run(100);

        Assert.That((_resolver.Asked.Count, _changes, Addresses(watch)), Is.EqualTo((1, 0, "")));
    }

    [Test]
    public void Another_interval_holds_at_once()
    {
        _resolver.Set("a", "10.0.0.1");
        NameWatch watch = Start();

        watch.Apply(new NameOptions { Interval = TimeSpan.FromSeconds(3) });
        Run(9.5);

        Assert.That(_resolver.Asked, Has.Count.EqualTo(4));
    }

    [Test]
    public void Each_resolution_is_counted_once_as_what_it_was_found_to_be_first()
    {
        _resolver.Set("a", "10.0.0.1");
        Start();
        _resolver.Fail("a");
        Run(30.5);
        Assert.That(Counted(), Is.EqualTo((1L, 1L)));

        _resolver.Set("a", "10.0.0.1");
        _resolver.IsSlow = true;
        Run(10);
        Assert.That(Counted(), Is.EqualTo((1L, 2L)), "it is late");
        _resolver.Release();
        Run(1);

        Assert.That(Counted(), Is.EqualTo((1L, 2L)));
    }

    // It was resolved a while ago, and will not be soon.
    private NameWatch StartLost()
    {
        _resolver.Set("a", "10.0.0.1");
        NameWatch watch = Start();
        Run(5);
        return watch;
    }

    /// <returns>When it was asked for, in seconds from now.</returns>
    /// <param name="watch">Is asked all the time, if any.</param>
    private List<double> AskedWithin(double seconds, NameWatch? watch = null)
    {
        List<double> asked = [];
        double began = _net.Now.TotalSeconds;
        while (_net.Now.TotalSeconds - began < seconds)
        {
            int before = _resolver.Asked.Count;
            watch?.AskEarly();
            Run(0.1);
            if (_resolver.Asked.Count > before)
            {
                asked.Add(Math.Round(_net.Now.TotalSeconds - began, 1));
            }
        }

        return asked;
    }

    private (long Ok, long Failed) Counted() =>
        (_totals[HealthCounter.NamesResolved], _totals[HealthCounter.NamesNotResolved]);

    private NameWatch Start()
    {
        var watch = new NameWatch(
            new NameKey("g", "a"), new NameOptions(),
            new NameSource(_resolver.ResolveAsync, _net.Clock, _log, () => _changes++) { Totals = _totals });
        watch.Start();
        return watch;
    }

    private void Run(double seconds) => _net.RunFor(TimeSpan.FromSeconds(seconds));

    private static string Addresses(NameWatch watch) => string.Join(' ', watch.Addresses.AsEnumerable());
}
