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

        List<double> asked = [];
        double began = _net.Now.TotalSeconds;
        for (int i = 0; i < 1_300; i++)
        {
            int before = _resolver.Asked.Count;
            Run(0.1);
            if (_resolver.Asked.Count > before)
            {
                asked.Add(Math.Round(_net.Now.TotalSeconds - began, 1));
            }
        }

        Assert.That(asked, Is.EqualTo([1, 3, 7, 15, 31, 61, 91, 121]).Within(0.1));
    }

    [Test]
    public void Who_asks_early_gets_it_once_a_second_however_many_ask()
    {
        _resolver.Set("a", "10.0.0.1");
        NameWatch watch = Start();
        Run(10);

        for (int i = 0; i < 100; i++)
        {
            watch.AskEarly();
            watch.AskEarly();
            Run(0.1);
        }

        Assert.That(_resolver.Asked, Has.Count.InRange(10, 12));
        int count = _resolver.Asked.Count;
        Run(28);
        Assert.That(_resolver.Asked, Has.Count.InRange(count, count + 1), "nobody asks any more");
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
