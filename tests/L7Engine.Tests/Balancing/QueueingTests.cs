using L7Engine.Balancing;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Balancing;

/// <summary>What the policies do to the time that requests take, in a simulation of events.</summary>
/// <remarks>
/// Requests come at random (Poisson) and have to do 1 on average (exponential). Each backend does one after the other, as
/// fast as it is. The load is the part of what all backends can do together.
/// </remarks>
[TestFixture]
internal sealed class QueueingTests
{
    private const int Requests = 100_000;
    private const double Load = 0.6;
    private static readonly int[] Speeds = [1, 4];

    // Equal turns give the slow one 1.5 times what it can do: what waits there grows without end.
    [Test]
    public void Where_nobody_knows_the_speeds_least_connections_halves_the_99th_percentile_of_round_robin()
    {
        int[] weights = [1, 1];

        double turn = Percentile99(weights, Turn(weights));
        double least = Percentile99(weights, new LeastConnections(Turn(weights), 2));
        double two = Percentile99(weights, new PowerOfTwoChoices(new Random(1), 2));

        TestContext.Out.WriteLine($"99th percentile: round robin {turn:0.0}, least connections {least:0.0}, two {two:0.0}");
        Assert.That(least, Is.LessThan(turn / 2).And.LessThan(8));
        Assert.That(two, Is.LessThan(turn / 2).And.LessThan(8));
    }

    // Here round robin is as good as one can be without looking, and what is left to gain is chance.
    [Test]
    public void Where_the_weights_tell_the_speeds_least_connections_still_saves_a_fifth()
    {
        double turn = Percentile99(Speeds, Turn(Speeds));
        double least = Percentile99(Speeds, new LeastConnections(Turn(Speeds), 2));
        double two = Percentile99(Speeds, new PowerOfTwoChoices(new Random(1), 2));

        TestContext.Out.WriteLine($"99th percentile: round robin {turn:0.0}, least connections {least:0.0}, two {two:0.0}");
        Assert.That(least, Is.LessThan(0.8 * turn));
        Assert.That(two, Is.LessThan(0.8 * turn));
    }

    private static SmoothWeightedRoundRobin Turn(int[] weights) => new(weights, 0);

    private static double Percentile99(int[] weights, IBalancingPolicy policy)
    {
        var random = new Random(20);
        var bed = new PickBed(weights);
        double[] freeAt = new double[Speeds.Length];
        var ends = new PriorityQueue<int, double>();
        double[] times = new double[Requests];
        double now = 0;
        for (int i = 0; i < Requests; i++)
        {
            now += Exponential(random) / (Load * Speeds.Sum());
            while (ends.TryPeek(out int done, out double at) && at <= now)
            {
                bed.Backends[done].State.ReleasePlace();
                ends.Dequeue();
            }

            int picked = bed.Pick(policy);
            bed.Take(picked);
            freeAt[picked] = Math.Max(now, freeAt[picked]) + (Exponential(random) / Speeds[picked]);
            ends.Enqueue(picked, freeAt[picked]);
            times[i] = freeAt[picked] - now;
        }

        return times.Skip(Requests / 10).Order().ElementAt((int)(0.99 * 0.9 * Requests));
    }

    private static double Exponential(Random random) => -Math.Log(1 - random.NextDouble());
}
