using L7Engine.Backends.Health;
using NUnit.Framework;

namespace L7Engine.Tests.Backends.Health;

[TestFixture]
internal sealed class FailureCountsTests
{
    [Test]
    public void Failures_in_a_row_cross_the_threshold_and_a_success_ends_the_row()
    {
        var counts = new FailureCounts();
        HealthSettings settings = Of(new EjectionOptions { FailureRate = 0 });

        Assert.That(Fail(counts, settings, 4), Has.All.EqualTo(HealthCause.None));
        counts.CountSuccess(0, settings);
        Assert.That(Fail(counts, settings, 4), Has.All.EqualTo(HealthCause.None));
        Assert.That(Fail(counts, settings, 1), Has.All.EqualTo(HealthCause.ConsecutiveFailures));
    }

    [Test]
    public void The_share_of_failures_counts_from_the_minimum_of_requests_on()
    {
        var counts = new FailureCounts();
        HealthSettings settings = Of(new EjectionOptions { ConsecutiveFailures = 0, MinimumRequests = 10 });

        var causes = new List<HealthCause>();
        for (int i = 0; i < 5; i++)
        {
            counts.CountSuccess(0, settings);
            causes.Add(counts.CountFailure(0, settings));
        }

        Assert.That(causes.SkipLast(1), Has.All.EqualTo(HealthCause.None));
        Assert.That(causes[^1], Is.EqualTo(HealthCause.FailureRate));
    }

    [Test]
    public void A_window_that_is_over_is_forgotten()
    {
        var counts = new FailureCounts();
        HealthSettings settings = Of(new EjectionOptions { ConsecutiveFailures = 0, MinimumRequests = 2 });

        Assert.That(counts.CountFailure(0, settings), Is.EqualTo(HealthCause.None));
        Assert.That(counts.CountFailure(10_000, settings), Is.EqualTo(HealthCause.None));
        Assert.That(counts.CountFailure(19_999, settings), Is.EqualTo(HealthCause.FailureRate));
    }

    [Test]
    public void With_neither_threshold_nothing_ejects()
    {
        var counts = new FailureCounts();
        HealthSettings settings = Of(new EjectionOptions { ConsecutiveFailures = 0, FailureRate = 0 });

        Assert.That(Fail(counts, settings, 1_000), Has.All.EqualTo(HealthCause.None));
    }

    private static List<HealthCause> Fail(FailureCounts counts, HealthSettings settings, int times) =>
        [.. Enumerable.Range(0, times).Select(_ => counts.CountFailure(0, settings))];

    private static HealthSettings Of(EjectionOptions ejection) => new(new HealthCheckOptions(), ejection, TimeSpan.Zero);
}
