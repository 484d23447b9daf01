using L7Engine.Backends.Health;
using NUnit.Framework;

namespace L7Engine.Tests.Backends.Health;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class EjectionBackoffTests
{
    private static readonly int[] Doubling = [10, 20, 40, 80, 160, 300, 300, 300];

    private EjectionBackoff _backoff;
    private long _now = 1_000_000;

    [Test]
    public void Each_ejection_lasts_twice_as_long_up_to_the_longest()
    {
        Assert.That(Doubling.Select(_ => EjectAfter(servedSeconds: 0)), Is.EqualTo(Doubling));
    }

    [Test]
    public void Whoever_serves_for_as_long_as_it_was_ejected_last_has_one_doubling_less()
    {
        EjectAfter(0);
        EjectAfter(0);
        Assert.That(EjectAfter(0), Is.EqualTo(40));

        Assert.That(EjectAfter(servedSeconds: 39), Is.EqualTo(80));
        Assert.That(EjectAfter(servedSeconds: 80), Is.EqualTo(80));
        Assert.That(EjectAfter(servedSeconds: 80 + 40), Is.EqualTo(40));
    }

    [Test]
    public void Whoever_serves_for_long_begins_anew()
    {
        for (int i = 0; i < 10; i++)
        {
            EjectAfter(0);
        }

        Assert.That(EjectAfter(servedSeconds: 3_600), Is.EqualTo(10));
    }

    private int EjectAfter(int servedSeconds)
    {
        _backoff.Return(_now);
        _now += servedSeconds * 1_000L;
        _backoff.Eject(_now, baseMilliseconds: 10_000, maxMilliseconds: 300_000);
        int seconds = (int)(_backoff.EndsAt - _now) / 1_000;
        _now = _backoff.EndsAt;
        return seconds;
    }
}
