using System.Net;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Balancing;

/// <summary>A backend that comes back gets the share of its growing weight, whatever the policy.</summary>
[TestFixture]
internal sealed class SlowStartTests : EngineFixture
{
    private const int Seconds = 100;
    private const int Requests = 600;

    private static readonly BalancingPolicy[] Policies = Enum.GetValues<BalancingPolicy>();

    private static readonly int[] Weights = [2, 1, 1];

    [TestCaseSource(nameof(Policies))]
    public void At_each_moment_it_gets_the_share_of_the_weight_that_it_has_then(BalancingPolicy policy)
    {
        StartReturned(policy);
        Bed.AnswerWith(Msg.Ok());

        foreach (int second in new[] { 0, 25, 50, 75, 100 })
        {
            Net.RunUntil(() => Net.Now.TotalSeconds >= _returned + second);
            double share = Math.Min(1, 0.1 + (0.9 * second / Seconds));
            Assert.That(Bed.Status.Backends[0].WeightShare, Is.EqualTo(share).Within(0.002), $"after {second} s");

            ChiSquare.AssertDistributed(Picks(), [2 * share, 1, 1], $"{policy} after {second} s");
        }
    }

    [TestCase(BalancingPolicy.LeastConnections)]
    [TestCase(BalancingPolicy.PowerOfTwo)]
    public void What_it_has_in_flight_grows_with_its_weight(BalancingPolicy policy)
    {
        StartReturned(policy);
        Net.RunUntil(() => Net.Now.TotalSeconds >= _returned + 50);

        Open(Requests);

        double expected = Requests * 2 * 0.55 / ((2 * 0.55) + 2);
        Assert.That(Bed.Status.Backends[0].RequestsInFlight, Is.EqualTo(expected).Within(policy == BalancingPolicy.PowerOfTwo ? 15 : 2));
    }

    [Test]
    public void The_bound_of_a_hash_is_that_of_its_growing_weight()
    {
        const double Bound = 1.25;
        StartReturned(BalancingPolicy.ConsistentHash, o => o with { Hash = new HashOptions { BoundedLoad = Bound } });

        Open(Requests);

        double most = Math.Ceiling(Bound * Requests * 0.2 / 2.2);
        Assert.That(Bed.Status.Backends[0].RequestsInFlight, Is.InRange(1, most));
    }

    private double _returned;

    /// <summary>Starts with a backend that was out and comes back in this moment.</summary>
    private void StartReturned(
        BalancingPolicy policy, Func<BackendGroupOptions, BackendGroupOptions>? change = null)
    {
        Start(
            o =>
            {
                BackendGroupOptions group = o.Groups[0] with
                {
                    Policy = policy,
                    SlowStart = TimeSpan.FromSeconds(Seconds),
                    Backends = [.. o.Groups[0].Backends.Select((backend, i) => backend with { Weight = Weights[i] })],
                };
                return o with { Groups = [change?.Invoke(group) ?? group] };
            },
            backends: Weights.Length);
        IPEndPoint first = Bed.Backend.Address;
        Net.Wait(() => Bed.Engine.DrainBackendAsync("default", first));
        Bed.Engine.ResumeBackend("default", first);
        _returned = Net.Now.TotalSeconds;
    }

    // Each from a client of its own: for what a hash is made of.
    private IEnumerable<int> Picks()
    {
        for (int i = 0; i < Requests; i++)
        {
            long[] before = [.. Bed.Status.Backends.Select(b => b.Requests)];
            SimPeer client = Connect(i);
            client.Send(Msg.Get($"/{i}", "Connection: close\r\n"));
            Net.RunUntil(() => client.IsFinished);
            yield return Array.FindIndex([.. Bed.Status.Backends.Select((b, n) => b.Requests > before[n])], hasMore => hasMore);
        }
    }

    private void Open(int count)
    {
        for (int i = 0; i < count; i++)
        {
            SimPeer client = Connect(i);
            client.Send(Msg.Get($"/{i}"));
            Net.RunUntilIdle();
        }
    }

    private SimPeer Connect(int number) => Bed.Connect(new IPAddress([10, 0, (byte)(number / 200), (byte)(1 + (number % 200))]));
}
