using System.Numerics;
using L7Engine.Diagnostics;
using NUnit.Framework;

namespace L7Engine.Tests.Diagnostics;

[TestFixture]
internal sealed class EntropyTests
{
    private const int Draws = 10_000;

    // Each of 64 bits is set in half of the draws: 4,500 to 5,500 are ten standard deviations either way.
    [Test]
    public void Every_bit_is_set_in_half_of_the_draws()
    {
        int[] set = new int[64];
        for (int i = 0; i < Draws; i++)
        {
            for (ulong bits = Entropy.Next(); bits != 0; bits &= bits - 1)
            {
                set[BitOperations.TrailingZeroCount(bits)]++;
            }
        }

        Assert.That(set, Is.All.InRange(4_500, 5_500));
    }

    [Test]
    public void No_draw_comes_twice() =>
        Assert.That(Enumerable.Range(0, Draws).Select(_ => Entropy.Next()).Distinct().Count(), Is.EqualTo(Draws));

    [Test]
    public void Digits_are_sixteen() => Assert.That(
        Enumerable.Range(0, 100).Select(_ => Entropy.NextHex()), Is.All.Match("^[0-9a-f]{16}$"));
}
