using System.Diagnostics;
using System.Globalization;
using NUnit.Framework;

namespace L7Engine.Tests.Simulation;

/// <summary>No request is lost to a backend that closes idle connections, and none that counts is sent twice.</summary>
/// <remarks>
/// Limits of 1 s and more, round trips up to 100 ms. Each run is decided by its seed alone. L7_SEEDS=n plays n seeds,
/// L7_SEED=n that one.
/// </remarks>
[TestFixture]
internal sealed class StaleRaceTests
{
    private const int DefaultSeeds = 1_000;

    private static readonly PoolOptions Unguarded =
        new() { LearnIdleTimeout = false, NonIdempotentReuse = TimeSpan.FromDays(1) };

    [Test]
    public void Whatever_the_gaps_and_the_round_trip_every_request_is_answered_and_no_POST_is_executed_twice(
        [Values] IdleEnding ending)
    {
        int single = Setting("L7_SEED", -1);
        int first = single >= 0 ? single : 0;
        int count = single >= 0 ? 1 : Setting("L7_SEEDS", DefaultSeeds);
        var clock = Stopwatch.StartNew();
        (string[] failures, long served, long stale, long closedFirst, long refused) =
            Play(Enumerable.Range(first, count), ending, new PoolOptions());

        TestContext.Out.WriteLine(
            $"{count} seeds in {clock.Elapsed.TotalSeconds:0.0} s: {served} requests, {stale} met a close, " +
            $"{closedFirst} connections closed first, {refused} reuses refused");
        Assert.That(failures, Is.Empty);
        Assert.That(closedFirst + refused, Is.GreaterThan(0));
    }

    // What the tests above show is worth something only if there is something to lose.
    [Test]
    public void Without_the_guards_the_same_traffic_loses_requests([Values] IdleEnding ending)
    {
        Assert.That(Play(Enumerable.Range(0, 20), ending, Unguarded).Failures, Is.Not.Empty);
    }

    private static (string[] Failures, long Served, long Stale, long ClosedFirst, long Refused) Play(
        IEnumerable<int> seeds, IdleEnding ending, PoolOptions pool)
    {
        (var failures, long served, long stale, long closedFirst, long refused) = (new List<string>(), 0L, 0L, 0L, 0L);
        foreach (int seed in seeds)
        {
            var race = new StaleRace(seed, ending, pool);
            race.Play();
            failures.AddRange(race.Failures.Select(f => $"L7_SEED={seed} {race.Plan}: {f}"));
            served += race.Served;
            stale += race.Status.StaleReuses;
            closedFirst += race.Status.IdleConnectionsClosedFirst;
            refused += race.Status.ReusesRefused;
        }

        return ([.. failures], served, stale, closedFirst, refused);
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
