using L7Engine.Clients;
using NUnit.Framework;

namespace L7Engine.Tests.Clients;

/// <summary>How many places are taken, and when that is too many.</summary>
[TestFixture]
internal sealed class ClientPlacesTests
{
    [Test]
    public void Each_mark_of_a_thousand_is_passed_once_on_the_way_up_and_once_on_the_way_down()
    {
        var places = new ClientPlaces(1_000, loops: 1);

        var up = Changes(places, 1_000, p => p.Take());
        var down = Changes(places, 1_000, p => p.GiveBack());

        Assert.That(up, Is.EqualTo(((int, Shortage)[])[(751, Shortage.Near), (901, Shortage.Here), (1_000, Shortage.Complete)]));
        Assert.That(down, Is.EqualTo(((int, Shortage)[])[(800, Shortage.Near), (650, Shortage.None)]));
    }

    [Test]
    public void The_excess_is_what_is_above_four_fifths_once_nine_tenths_were_passed()
    {
        var places = new ClientPlaces(100, loops: 1);
        Times(90, () => places.Take());
        Assert.That(places.Excess, Is.Zero);

        places.Take();
        Assert.That(places.Excess, Is.EqualTo(11));
        Times(10, () => places.GiveBack());
        Assert.That(places.Excess, Is.EqualTo(1));
        places.GiveBack();
        Assert.That(places.Excess, Is.Zero);
    }

    [Test]
    public void However_few_there_are_all_free_is_no_shortage_and_all_taken_is_a_complete_one([Range(1, 30)] int maximum)
    {
        var places = new ClientPlaces(maximum, loops: 1);

        Times(maximum, () => places.Take());
        Assert.That(places.Shortage, Is.EqualTo(Shortage.Complete));
        Times(maximum, () => places.GiveBack());
        Assert.That(places.Shortage, Is.EqualTo(Shortage.None));
    }

    // Whoever comes last must leave the shortage that belongs to the count, or nobody would ever resume.
    [Test]
    public void Threads_that_take_and_give_back_at_once_leave_the_shortage_of_what_is_left([Range(1, 5)] int seed)
    {
        var places = new ClientPlaces(100, loops: 4);
        Parallel.For(0, 4, number =>
        {
            var random = new Random(seed + number);
            int mine = 0;
            for (int i = 0; i < 50_000; i++)
            {
                bool takes = mine == 0 || (mine < 25 && random.Next(2) == 0);
                mine += takes ? 1 : -1;
                _ = takes ? places.Take() : places.GiveBack();
            }

            Times(mine, () => places.GiveBack());
        });

        Assert.That((places.Taken, places.Shortage), Is.EqualTo((0, Shortage.None)), $"seed {seed}");
    }

    private static (int Taken, Shortage Shortage)[] Changes(ClientPlaces places, int times, Func<ClientPlaces, bool> step)
    {
        var changes = new List<(int, Shortage)>();
        Times(times, () =>
        {
            if (step(places))
            {
                changes.Add((places.Taken, places.Shortage));
            }
        });
        return [.. changes];
    }

    private static void Times(int count, Action action)
    {
        for (int i = 0; i < count; i++)
        {
            action();
        }
    }
}
