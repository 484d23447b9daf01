using L7Engine.Load.Traffic;
using NUnit.Framework;

namespace L7Engine.Tests.Load;

/// <summary>Who asks when: times are nanoseconds, and none passes.</summary>
[TestFixture]
internal sealed class LoadAgendaTests
{
    private const long Second = 1_000_000_000;
    private const long End = 10 * Second;

    private readonly LoadConnection _first = new(0);
    private readonly LoadConnection _second = new(1);

    [Test]
    public void A_client_of_a_closed_loop_that_does_not_think_asks_at_once_until_the_end()
    {
        LoadAgenda agenda = Of(ThinkTime.None, rate: 0);

        Assert.That(agenda.TryOffer(_first, 5, out long intended), Is.True);
        Assert.That(intended, Is.EqualTo(5));
        Assert.That(agenda.TryOffer(_first, End, out _), Is.False);
        Assert.That(agenda.Next, Is.EqualTo(long.MaxValue));
    }

    [Test]
    public void A_client_that_thinks_is_due_when_it_has_and_not_before()
    {
        LoadAgenda agenda = Of(ThinkTime.Constant(TimeSpan.FromSeconds(2)), rate: 0);

        Assert.That(agenda.TryOffer(_first, Second, out _), Is.False);
        Assert.That(agenda.TryOffer(_second, 0, out _), Is.False);

        Assert.That(agenda.Next, Is.EqualTo(2 * Second));
        Assert.That(TakeAll(agenda, (2 * Second) - 1), Is.Empty);
        Assert.That(TakeAll(agenda, 4 * Second), Is.EqualTo(new[] { (1, 2 * Second), (0, 3 * Second) }));
    }

    [Test]
    public void Requests_at_a_fixed_rate_are_due_at_even_distances_whoever_is_free()
    {
        LoadAgenda agenda = Of(ThinkTime.None, rate: 2);
        agenda.TryOffer(_second, 0, out _);
        agenda.TryOffer(_first, 0, out _);

        Assert.That(TakeAll(agenda, Second), Is.EqualTo(new[] { (1, 0L), (0, Second / 2) }));
        Assert.That(agenda.LateCount, Is.EqualTo(1));
        Assert.That(agenda.Next, Is.EqualTo(Second * 3 / 2));
    }

    // What a closed loop would hide: the time for which a request waited for a client counts.
    [Test]
    public void A_request_that_nobody_was_free_for_keeps_the_moment_in_which_it_was_due()
    {
        LoadAgenda agenda = Of(ThinkTime.None, rate: 1);
        Assert.That(TakeAll(agenda, 2 * Second), Is.Empty);

        Assert.That(agenda.TryOffer(_first, 3 * Second, out long oldest), Is.True);
        Assert.That(agenda.TryOffer(_second, 3 * Second, out long next), Is.True);

        Assert.That((oldest, next), Is.EqualTo((0, Second)));
        Assert.That(agenda.LateCount, Is.EqualTo(1));
    }

    [TestCase(0)]
    [TestCase(1)]
    public void A_client_that_has_failed_is_not_asked_before_its_delay_is_over(double rate)
    {
        LoadAgenda agenda = Of(ThinkTime.None, rate);
        agenda.Delay(_first, 5 * Second);

        Assert.That(TakeAll(agenda, (5 * Second) - 1), Is.Empty);
        Assert.That(TakeAll(agenda, 5 * Second).Single().Client, Is.Zero);
    }

    private static LoadAgenda Of(ThinkTime think, double rate)
    {
        var agenda = new LoadAgenda(think, new Random(1));
        agenda.Begin(rate, now: 0, End);
        return agenda;
    }

    private static List<(int Client, long Intended)> TakeAll(LoadAgenda agenda, long now)
    {
        List<(int Client, long Intended)> taken = [];
        while (agenda.TryTakeDue(now, out LoadConnection? client, out long intended))
        {
            taken.Add((client.Index, intended));
        }

        return taken;
    }
}
