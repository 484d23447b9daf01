using L7Engine.Load.Bench;
using L7Engine.Load.Bench.Report;
using NUnit.Framework;

namespace L7Engine.Tests.Load;

[TestFixture]
internal sealed class ReportTextTests
{
    [TestCase(48_312, "48,300")]
    [TestCase(999.6, "1,000")]
    [TestCase(9.996, "10.0")]
    [TestCase(64, "64")]
    [TestCase(2.839, "2.84")]
    [TestCase(0.01234, "0.0123")]
    [TestCase(0, "0")]
    [TestCase(100, "100")]
    [TestCase(-12.34, "-12.3")]
    public void A_figure_has_three_digits_that_count(double number, string expected) =>
        Assert.That(FigureText.Number(number), Is.EqualTo(expected));

    [TestCase(12.5, "12.5 µs")]
    [TestCase(1_250, "1.25 ms")]
    [TestCase(52_000_000, "52 s")]
    public void A_time_has_the_unit_that_suits_it(double microseconds, string expected) =>
        Assert.That(FigureText.Time(microseconds), Is.EqualTo(expected));

    [TestCase(0.5, "50 %")]
    [TestCase(0.99994, "99.994 %")]
    [TestCase(1, "100 %")]
    public void A_share_shows_what_is_missing(double share, string expected) =>
        Assert.That(FigureText.Share(share), Is.EqualTo(expected));

    [TestCase("202 µs", "221 µs", "202 to 221 µs")]
    [TestCase("900 µs", "1.10 ms", "900 µs to 1.10 ms")]
    [TestCase("2.71", "2.95", "2.71 to 2.95")]
    public void A_unit_that_both_ends_have_is_said_once(string low, string high, string expected) =>
        Assert.That(FigureText.Range(low, high), Is.EqualTo(expected));

    [TestCase(100, 90, 110, 80, 75, 85, 1.25, 1.1, 1.4, "A")]
    [TestCase(80, 75, 85, 100, 90, 110, 0.8, 0.7, 0.9, "B")]
    [TestCase(100, 85, 110, 80, 75, 86, 1.25, 1.1, 1.4, null, TestName = "intervals that overlap have no winner")]
    [TestCase(100, 90, 110, 80, 75, 85, 1.05, 0.99, 1.1, null, TestName = "a ratio that may be 1 has no winner")]
    public void A_winner_is_named_only_when_it_can_be_told(
        double first, double firstLow, double firstHigh, double second, double secondLow, double secondHigh,
        double ratio, double ratioLow, double ratioHigh, string? winner)
    {
        var comparison = new Comparison
        {
            Figure = "requests a second",
            First = "A",
            Second = "B",
            FirstValue = new Estimate(first, firstLow, firstHigh),
            SecondValue = new Estimate(second, secondLow, secondHigh),
            Ratio = new Estimate(ratio, ratioLow, ratioHigh),
        };

        Assert.That(comparison.Winner, Is.EqualTo(winner));
    }

    [Test]
    public void Where_less_is_better_the_lesser_wins()
    {
        var comparison = new Comparison
        {
            Figure = "processor time",
            First = "A",
            Second = "B",
            FirstValue = new Estimate(10, 9, 11),
            SecondValue = new Estimate(20, 19, 21),
            Ratio = new Estimate(0.5, 0.45, 0.55),
            IsMoreBetter = false,
        };

        Assert.That(comparison.Winner, Is.EqualTo("A"));
    }

    [Test]
    public void An_axis_from_nothing_ends_at_a_mark_past_all_values([Values(0.0, 0.7, 3, 99, 48_312)] double most)
    {
        var scale = Scale.FromZero(most, 10, 110);
        double[] ticks = [.. scale.Ticks()];

        Assert.That(ticks[0], Is.Zero);
        Assert.That(ticks[^1], Is.EqualTo(scale.Most).Within(0.01).Percent.And.AtLeast(most));
        Assert.That(ticks, Has.Length.InRange(2, 7));
        Assert.That((scale.At(0), scale.At(scale.Most)), Is.EqualTo((10.0, 110.0)));
    }

    [TestCase(1, 1)]
    [TestCase(120, 9_000)]
    [TestCase(0.3, 1_000_000)]
    public void A_logarithmic_axis_holds_all_values_between_its_marks(double least, double most)
    {
        var scale = Scale.Logarithmic([least, most, 0, double.NaN], 200, 20);

        Assert.That(scale.Least, Is.AtMost(least));
        Assert.That(scale.Most, Is.AtLeast(most));
        Assert.That(scale.Ticks().Count(), Is.InRange(2, 10));
        Assert.That(scale.Ticks().Select(scale.At), Is.Ordered.Descending);
    }
}
