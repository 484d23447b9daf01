using L7Engine.Backends;
using NUnit.Framework;

namespace L7Engine.Tests.Backends;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class IdlePlacesTests
{
    private readonly IdlePlaces _places = new();

    [Test]
    public void A_loop_alone_has_all_places()
    {
        IdleShare share = Join();

        Assert.That(Take(share, 10, max: 10), Is.EqualTo(10));
        Assert.That(share.TryTake(max: 10), Is.False);
    }

    [Test]
    public void Who_has_less_than_its_part_takes_from_who_has_most()
    {
        int told = 0;
        IdleShare richest = Join(() => told++);
        IdleShare other = Join();
        IdleShare poor = Join();
        Take(richest, 7, max: 12);
        Take(other, 5, max: 12);

        Assert.That(Take(poor, 12, max: 12), Is.EqualTo(4));
        Assert.That((richest.Count, other.Count, poor.Count, _places.Count), Is.EqualTo((4, 4, 4, 12)));
        Assert.That(told, Is.EqualTo(1), "it has not listened yet");
    }

    [Test]
    public void A_connection_whose_place_was_taken_away_gives_none_back()
    {
        IdleShare rich = Join();
        IdleShare poor = Join();
        Take(rich, 2, max: 2);
        poor.TryTake(max: 2);
        rich.Release(left: 1);

        Assert.That((rich.Count, poor.Count, _places.Count), Is.EqualTo((1, 1, 2)));
        rich.Release(left: 0);
        Assert.That((rich.Count, _places.Count), Is.EqualTo((0, 1)));
    }

    [Test]
    public void A_loop_that_has_gone_leaves_its_part_to_the_others()
    {
        IdleShare gone = Join();
        IdleShare stays = Join();
        IdleShare comes = Join();
        Take(stays, 6, max: 6);
        _places.Leave(gone);

        Assert.That(Take(comes, 6, max: 6), Is.EqualTo(3));
    }

    // Each loop's connections are counted a second time, as its pool would.
    [Test]
    public void Loops_that_take_from_each_other_at_once_lose_no_place_and_make_none()
    {
        const int Max = 12;
        int most = 0;

        Parallel.For(0, 4, seed =>
        {
            var random = new Random(seed);
            int isTold = 0;
            int idle = 0;
            IdleShare share = Join(() => Volatile.Write(ref isTold, 1));
            for (int step = 0; step < 20_000; step++)
            {
                if (Interlocked.Exchange(ref isTold, 0) == 1)
                {
                    share.Listen();
                    while (idle > share.Count)
                    {
                        share.Release(--idle);
                    }
                }

                if (random.Next(2) == 0 && share.TryTake(Max))
                {
                    idle++;
                }
                else if (idle > 0)
                {
                    share.Release(--idle);
                }

                most = Math.Max(most, _places.Count);
            }

            while (idle > 0)
            {
                share.Release(--idle);
            }

            Assert.That(share.Count, Is.Zero);
        });

        Assert.That((_places.Count, most <= Max), Is.EqualTo((0, true)));
    }

    private static int Take(IdleShare share, int count, int max) =>
        Enumerable.Range(0, count).Count(_ => share.TryTake(max));

    private IdleShare Join(Action? tell = null)
    {
        var share = new IdleShare(_places, tell ?? (() => { }));
        _places.Join(share);
        return share;
    }
}
