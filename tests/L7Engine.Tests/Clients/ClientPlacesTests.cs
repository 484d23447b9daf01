using L7Engine.Clients;
using L7Engine.Tests.Support;
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

    // Whoever comes last must leave the shortage that belongs to the count, or nobody would accept until that one goes.
    [Test]
    public void One_that_takes_the_last_place_while_another_is_given_back_leaves_no_shortage()
    {
        int wrong = 0;
        var places = new ClientPlaces(maximum: 2, loops: 2);
        places.Take();
        var meeting = new Meeting(seed: 1, () => places.GiveBack());
        while (meeting.GoesOn)
        {
            meeting.Do(() => places.Take());
            wrong += places.Shortage == Shortage.None ? 0 : 1;
        }

        meeting.Join();
        Assert.That(wrong, Is.Zero);
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
