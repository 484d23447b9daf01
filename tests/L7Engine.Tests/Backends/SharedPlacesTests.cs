using L7Engine.Backends;
using NUnit.Framework;

namespace L7Engine.Tests.Backends;

[TestFixture]
internal sealed class SharedPlacesTests
{
    [Test]
    public void Places_that_loops_take_at_once_are_never_more_than_there_are()
    {
        var places = new SharedPlaces();
        int most = 0;

        Parallel.For(0, 4, _ =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                if (places.TryTake(max: 3))
                {
                    most = Math.Max(most, places.Count);
                    places.Release();
                }
            }
        });

        Assert.That((most, places.Count), Is.EqualTo((most, 0)));
        Assert.That(most, Is.InRange(1, 3));
    }
}
