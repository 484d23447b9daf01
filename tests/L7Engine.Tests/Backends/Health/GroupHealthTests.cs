using L7Engine.Backends.Health;
using NUnit.Framework;

namespace L7Engine.Tests.Backends.Health;

/// <summary>Who gets requests, whatever checks and requests say.</summary>
[TestFixture]
internal sealed class GroupHealthTests
{
    private static readonly TimeSpan Base = TimeSpan.FromSeconds(10);

    [Test]
    public void Failures_in_a_row_eject_and_the_time_of_the_ejection_brings_one_request_back()
    {
        var bed = new HealthBed(2);

        bed.Fail(0, 5);
        Assert.That(bed.Takes, Is.EqualTo("-+"));
        bed.Run(Base - TimeSpan.FromMilliseconds(100));
        Assert.That(bed.Takes[0], Is.EqualTo('-'));
        bed.Run(TimeSpan.FromMilliseconds(100));
        Assert.That(bed.Healths[0], Is.EqualTo(BackendHealth.Trial));

        Assert.That(bed[0].TryEnter(out bool isTrial) && isTrial);
        Assert.That(bed[0].TryEnter(out _), Is.False, "a second one");
        bed[0].ReportResponse(200, isTrial: true, bed.Now);
        Assert.That(bed[0].TryEnter(out isTrial) && !isTrial);
    }

    [Test]
    public void A_trial_that_fails_ejects_for_twice_as_long()
    {
        var bed = new HealthBed(2);
        bed.Fail(0, 5);
        bed.Run(Base);

        bed[0].TryEnter(out bool isTrial);
        bed[0].ReportFailure(RequestFailure.ConnectFailed, isTrial, bed.Now);

        bed.Run((2 * Base) - TimeSpan.FromMilliseconds(100));
        Assert.That(bed.Healths[0], Is.EqualTo(BackendHealth.Ejected));
        bed.Run(TimeSpan.FromMilliseconds(100));
        Assert.That(bed.Healths[0], Is.EqualTo(BackendHealth.Trial));
    }

    [Test]
    public void A_trial_that_says_nothing_or_takes_too_long_lets_the_next_request_try()
    {
        var bed = new HealthBed(2);
        bed.Fail(0, 5);
        bed.Run(Base);

        bed[0].TryEnter(out _);
        bed[0].GiveTrialBack();
        Assert.That(bed[0].TryEnter(out bool isTrial) && isTrial);

        bed.Run(Base);
        Assert.That(bed.Takes[0], Is.EqualTo('-'));
        bed.Run(TimeSpan.FromMilliseconds(100));
        Assert.That(bed.Takes[0], Is.EqualTo('+'));
    }

    [Test]
    public void A_trial_after_a_drain_has_its_whole_time()
    {
        var bed = new HealthBed(2);
        bed.Fail(0, 5);
        bed.Run(Base);
        bed[0].TryEnter(out _);
        bed.Run(TimeSpan.FromMilliseconds(100));

        bed.Group.TryDrain(bed[0], isDrained: true, bed.Now);
        bed.Run(2 * Base);
        bed.Group.TryDrain(bed[0], isDrained: false, bed.Now);
        Assert.That(bed[0].TryEnter(out bool isTrial) && isTrial);

        bed.Run(Base);
        Assert.That(bed.Takes[0], Is.EqualTo('-'));
        bed.Run(TimeSpan.FromMilliseconds(100));
        Assert.That(bed.Takes[0], Is.EqualTo('+'));
    }

    [TestCase(1, 0.5, 0)]
    [TestCase(1, 1.0, 0)]
    [TestCase(2, 0.5, 1)]
    [TestCase(2, 1.0, 1)]
    [TestCase(3, 0.5, 1)]
    [TestCase(4, 0.5, 2)]
    [TestCase(4, 1.0, 3)]
    [TestCase(4, 0.2, 0)]
    public void At_most_the_share_of_a_group_is_ejected_and_never_the_last_that_is_up(int backends, double share, int ejected)
    {
        var bed = new HealthBed(backends, o => o with { Ejection = new EjectionOptions { MaxShare = share } });

        for (int i = 0; i < backends; i++)
        {
            bed.Fail(i, 20);
        }

        Assert.That(bed.Healths.Count(h => h == BackendHealth.Ejected), Is.EqualTo(ejected));
        Assert.That(bed.Group.FailsOpen, Is.False);
    }

    [Test]
    public void The_last_one_up_is_not_ejected_when_checks_took_the_other_out()
    {
        var bed = new HealthBed(2, Checked);
        bed.Check(0, false, false, false);

        bed.Fail(1, 100);

        Assert.That(bed.Healths, Is.EqualTo(new[] { BackendHealth.Down, BackendHealth.Up }));
    }

    [Test]
    public void When_none_is_up_all_that_are_configured_get_requests_and_it_is_told_once()
    {
        var bed = new HealthBed(4, Checked, 1, 1, 0, 1);
        bed.Group.TryDrain(bed[3], isDrained: true, bed.Now);
        bed.Check(0, false, false, false);
        Assert.That(bed.Takes, Is.EqualTo("-+--"));

        bed.Check(1, false, false, false, false, false);
        bed.Check(0, false, false, false);

        Assert.That(bed.Takes, Is.EqualTo("++--"));
        Assert.That(bed.Changes.Count(c => c.Event == HealthEvent.FailOpenBegan), Is.EqualTo(1));
        Assert.That(bed.Group.FailOpens, Is.EqualTo(1));

        bed.Check(1, true, true, true);

        Assert.That(bed.Takes, Is.EqualTo("-+--"));
        Assert.That(bed.Changes.Count(c => c.Event == HealthEvent.FailOpenEnded), Is.EqualTo(1));
    }

    [Test]
    public void A_trial_alone_keeps_no_group_waiting()
    {
        var bed = new HealthBed(2, Checked);
        bed.Fail(0, 5);
        bed.Check(1, false, false, false);
        bed.Run(Base);
        Assert.That(bed.Healths[0], Is.EqualTo(BackendHealth.Trial));

        Assert.That(Enumerable.Range(0, 3).Select(_ => bed[0].TryEnter(out bool isTrial) && !isTrial), Has.All.True);
        bed[0].ReportResponse(200, isTrial: false, bed.Now);

        Assert.That(bed.Healths[0], Is.EqualTo(BackendHealth.Up));
        Assert.That(bed.Group.FailsOpen, Is.False);
    }

    [Test]
    public void Checks_that_pass_end_no_ejection()
    {
        var bed = new HealthBed(2, Checked);
        bed.Fail(0, 5);
        bed.Check(0, false, false, false);
        bed.Check(0, true, true, true);

        Assert.That(bed.Healths[0], Is.EqualTo(BackendHealth.Ejected));
        bed.Run(Base);
        Assert.That(bed.Healths[0], Is.EqualTo(BackendHealth.Trial));
    }

    [Test]
    public void A_status_counts_as_a_failure_where_it_is_listed()
    {
        var bed = new HealthBed(2, o => o with { Ejection = new EjectionOptions { Statuses = [503] } });

        for (int i = 0; i < 5; i++)
        {
            bed[0].ReportResponse(503, isTrial: false, bed.Now);
            bed[1].ReportResponse(500, isTrial: false, bed.Now);
        }

        Assert.That(bed.Healths, Is.EqualTo(new[] { BackendHealth.Ejected, BackendHealth.Up }));
    }

    [Test]
    public void One_that_joins_is_checked_once_before_it_gets_requests_and_one_of_a_new_group_is_not()
    {
        var bed = new HealthBed(1, Checked);
        bed.Apply(Checked, 2);
        Assert.That(bed.Healths, Is.EqualTo(new[] { BackendHealth.Up, BackendHealth.Detecting }));
        Assert.That(bed.Takes, Is.EqualTo("+-"));

        bed.Check(1, false, true);
        Assert.That(bed.Takes[1], Is.EqualTo('+'));

        bed.Apply(o => o, 3);
        Assert.That(bed.Takes[2], Is.EqualTo('+'), "without checks");
    }

    [Test]
    public void What_a_configuration_keeps_keeps_its_state_and_what_comes_back_is_new()
    {
        var bed = new HealthBed(3, Checked);
        bed.Check(0, false, false, false);
        bed.Fail(1, 5);
        bed.Group.TryDrain(bed[2], isDrained: true, bed.Now);

        bed.Apply(o => Checked(o) with { SlowStart = TimeSpan.FromSeconds(1) }, 3);

        Assert.That(bed.Healths, Is.EqualTo(new[] { BackendHealth.Down, BackendHealth.Ejected, BackendHealth.Up }));
        Assert.That(bed[2].IsDrained);
    }

    [Test]
    public void Without_checks_none_is_down_and_without_ejections_none_is_ejected()
    {
        var bed = new HealthBed(4, Checked);
        bed.Check(0, false, false, false);
        bed.Fail(1, 5);

        bed.Apply(o => o with { Ejection = new EjectionOptions { Enabled = false } }, 4);

        Assert.That(bed.Healths, Has.All.EqualTo(BackendHealth.Up));
        Assert.That(bed.Takes, Is.EqualTo("++++"));
        bed.Fail(1, 50);
        Assert.That(bed.Takes, Is.EqualTo("++++"));
    }

    [Test]
    public void A_weight_grows_from_a_tenth_over_the_time_of_the_slow_start()
    {
        var bed = new HealthBed(2, o => Checked(o) with { SlowStart = TimeSpan.FromSeconds(10) });
        Assert.That(bed[0].Share, Is.EqualTo(1), "who was there from the start");

        bed.Check(0, false, false, false);
        bed.Check(0, true, true, true);

        Assert.That(bed[0].Share, Is.EqualTo(0.1).Within(1e-9));
        bed.Run(TimeSpan.FromSeconds(5));
        Assert.That(bed[0].Share, Is.EqualTo(0.55).Within(1e-9));
        bed.Run(TimeSpan.FromSeconds(4.9));
        Assert.That(bed[0].Share, Is.LessThan(1));
        bed.Run(TimeSpan.FromSeconds(0.1));
        Assert.That(bed[0].Share, Is.EqualTo(1));
        Assert.That(bed.Group.Advance(bed.Now), Is.False, "nothing is left for time to do");
    }

    [Test]
    public void Nobody_enters_a_backend_that_is_drained_until_it_is_resumed()
    {
        var bed = new HealthBed(1);

        Assert.That(bed.Group.TryDrain(bed[0], isDrained: true, bed.Now));
        Assert.That(bed.Group.TryDrain(bed[0], isDrained: true, bed.Now), Is.False);
        Assert.That((bed[0].TryEnter(out _), bed.Group.FailsOpen), Is.EqualTo((false, false)));

        bed.Group.TryDrain(bed[0], isDrained: false, bed.Now);
        Assert.That(bed[0].TryEnter(out bool isTrial) && !isTrial);
    }

    private static BackendGroupOptions Checked(BackendGroupOptions options) =>
        options with { Health = new HealthCheckOptions { Path = "/" } };
}
