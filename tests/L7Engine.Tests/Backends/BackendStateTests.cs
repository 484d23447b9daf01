using L7Engine.Backends;
using NUnit.Framework;

namespace L7Engine.Tests.Backends;

[TestFixture]
internal sealed class BackendStateTests
{
    [Test]
    public void As_many_places_are_taken_as_there_are()
    {
        var state = new BackendState();

        bool[] taken = [.. Enumerable.Range(0, 4).Select(_ => state.TryTakePlace(3))];

        Assert.That(taken, Is.EqualTo((bool[])[true, true, true, false]));
        Assert.That(state.InFlight, Is.EqualTo(3));
    }

    [Test]
    public void A_place_that_was_given_back_is_taken_again()
    {
        var state = new BackendState();
        state.TryTakePlace(1);
        state.ReleasePlace();

        Assert.That(state.TryTakePlace(1), Is.True);
    }

    [Test]
    public void Without_a_limit_there_is_always_a_place()
    {
        var state = new BackendState();

        Assert.That(Enumerable.Range(0, 1_000).All(_ => state.TryTakePlace(0)), Is.True);
        Assert.That(state.InFlight, Is.EqualTo(1_000));
    }
}
