using L7Engine.Diagnostics;
using NUnit.Framework;

namespace L7Engine.Tests.Diagnostics;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class LoopCountersTests
{
    private readonly LoopCounters _counters = new();

    [Test]
    public void Each_counter_is_one_of_its_own([Values] LoopCounter counter)
    {
        _counters.Add(counter, 3);
        _counters.Add(counter, -1);

        Assert.That(
            Enum.GetValues<LoopCounter>().Select(c => _counters[c]),
            Is.EqualTo(Enum.GetValues<LoopCounter>().Select(c => c == counter ? 2 : 0)));
    }

    [Test]
    public void A_sum_is_taken_over_all_loops()
    {
        LoopCounters[] loops = [new(), new(), new()];
        loops[0].Add(LoopCounter.Requests, 5);
        loops[2].Add(LoopCounter.Requests, 7);

        Assert.That(LoopCounters.Sum(loops, LoopCounter.Requests), Is.EqualTo(12));
    }

    [TestCase(101, LoopCounter.Responses1xx, LoopCounter.EngineResponses1xx)]
    [TestCase(200, LoopCounter.Responses2xx, LoopCounter.EngineResponses2xx)]
    [TestCase(304, LoopCounter.Responses3xx, LoopCounter.EngineResponses3xx)]
    [TestCase(499, LoopCounter.Responses4xx, LoopCounter.EngineResponses4xx)]
    [TestCase(500, LoopCounter.Responses5xx, LoopCounter.EngineResponses5xx)]
    [TestCase(999, LoopCounter.Responses5xx, LoopCounter.EngineResponses5xx)]
    public void A_response_counts_in_its_class(int statusCode, LoopCounter all, LoopCounter ours)
    {
        _counters.AddResponse(statusCode, isOurs: false);
        _counters.AddResponse(statusCode, isOurs: true);

        Assert.That((_counters[all], _counters[ours]), Is.EqualTo((2, 1)));
    }
}
