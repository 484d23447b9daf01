using L7Engine.Host.Text;
using NUnit.Framework;

namespace L7Engine.Tests.Host;

[TestFixture]
internal sealed class WhatIfTextTests
{
    [Test]
    public void A_point_is_a_number_and_what_was_not_observed_is_never_one()
    {
        var curve = new WhatIfCurve
        {
            Listener = "web",
            IdleTimeout = TimeSpan.FromSeconds(75),
            Gaps = 12_345,
            Points =
            [
                Point(75, (0.7261, 0.7261), (1_234.54, 1_234.54)),
                Point(120, (0.7261, 0.8), (1_234.54, 2_000)),
            ],
        };

        Assert.That(WhatIfText.Lines(curve), Is.EqualTo(
        [
            "what if: listener web, idle timeout 75s, from 12,345 gaps between requests",
            "  idle timeout   requests that find it open   connections open, on average",
            "          75 s                       72.6 %                        1,234.5",
            "         120 s      between 72.6 and 80.0 %    between 1,234.5 and 2,000.0",
            "  This takes for granted that closing does not change when clients ask.",
        ]));
    }

    [Test]
    public void Persistence_that_is_off_is_called_so()
    {
        var curve = new WhatIfCurve { Listener = "web", IdleTimeout = TimeSpan.Zero, Gaps = 0, Points = [] };

        Assert.That(WhatIfText.Lines(curve).First(), Does.Contain("idle timeout off"));
    }

    private static WhatIfPoint Point(int seconds, (double Low, double High) share, (double Low, double High) open) => new()
    {
        IdleTimeout = TimeSpan.FromSeconds(seconds),
        ShareLow = share.Low,
        ShareHigh = share.High,
        OpenLow = open.Low,
        OpenHigh = open.High,
        Gaps = 1,
    };
}
