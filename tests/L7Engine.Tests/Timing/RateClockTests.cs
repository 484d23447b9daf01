using L7Engine.Timing;
using NUnit.Framework;

namespace L7Engine.Tests.Timing;

[TestFixture]
internal sealed class RateClockTests
{
    private static readonly MinimumRate Rate = new(240, 5_000);

    [Test]
    public void A_peer_that_moves_nothing_has_the_grace()
    {
        var clock = new RateClock();
        clock.StartWait(1_234, 1_000_000);

        Assert.That(clock.DueTick(Rate, 1_000_000), Is.EqualTo(63), "6234 ms, rounded up");
        Assert.That(clock.IsOver(Rate, 6_233, 1_000_000), Is.False);
        Assert.That(clock.IsOver(Rate, 6_234, 1_000_000));
    }

    [Test]
    public void Every_byte_since_the_first_wait_earns_time()
    {
        var clock = new RateClock();
        clock.StartWait(0, 500);

        Assert.That(clock.DueTick(Rate, 740), Is.EqualTo(60));
        Assert.That(clock.DueTick(Rate, 741), Is.EqualTo(61), "the fraction of a millisecond is the peer's");
    }

    [Test]
    public void Between_waits_it_stands_still()
    {
        var clock = new RateClock();
        clock.StartWait(0, 0);
        clock.EndWait(4_000);
        Assert.That(clock.IsOver(Rate, 1_000_000, 0), Is.False);
        clock.StartWait(1_000_000, 0);

        Assert.That(clock.DueTick(Rate, 0), Is.EqualTo(10_010));
    }

    [Test]
    public void A_wait_that_goes_on_is_started_once()
    {
        var clock = new RateClock();
        clock.StartWait(0, 0);
        clock.StartWait(4_000, 0);

        Assert.That(clock.DueTick(Rate, 0), Is.EqualTo(50));
    }

    [Test]
    public void Without_a_minimum_nothing_is_ever_due()
    {
        var clock = new RateClock();
        clock.StartWait(0, 0);

        Assert.That(clock.DueTick(default, 0), Is.EqualTo(TimerWheel.Never));
        Assert.That(clock.IsOver(default, long.MaxValue, 0), Is.False);
    }

    // The oracle adds up milliseconds one by one.
    [Test]
    public void It_agrees_with_an_oracle_over_random_waits_and_bytes([Range(1, 20)] int seed)
    {
        var random = new Random(seed);
        var rate = new MinimumRate(random.Next(1, 2_000), random.Next(0, 3_000));
        var clock = new RateClock();
        long now = random.Next(1_000_000);
        long bytes = random.Next(1_000);
        (long waited, long moved, bool hasWaited) = (0, 0, false);
        for (int step = 0; step < 300; step++)
        {
            bool waits = random.Next(3) > 0;
            if (waits)
            {
                clock.StartWait(now, bytes);
                hasWaited = true;
            }

            for (int i = random.Next(200); i > 0; i--)
            {
                now++;
                waited += waits ? 1 : 0;
                bool isOver = hasWaited && (waited - rate.GraceMilliseconds) * rate.BytesPerSecond >= moved * 1_000;
                Assert.That(clock.IsOver(rate, now, bytes), Is.EqualTo(isOver), $"seed {seed}, step {step}");
            }

            int more = random.Next(2) * random.Next(100);
            bytes += more;
            moved += hasWaited ? more : 0;
            clock.EndWait(now);
        }
    }
}
