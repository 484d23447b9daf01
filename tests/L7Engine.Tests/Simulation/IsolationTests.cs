using System.Diagnostics;
using System.Globalization;
using NUnit.Framework;

namespace L7Engine.Tests.Simulation;

/// <summary>No client ever sees a byte of another's exchange, whatever the network, the clients and the backends do.</summary>
/// <remarks>
/// Each run is decided by its seed alone. L7_SEEDS=n plays n seeds, L7_SEED=n that one, and prints what happened.
/// </remarks>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class IsolationTests
{
    private const int DefaultSeeds = 200;
    private const int MostFailures = 5;

    // What spins inside one step of the simulation can only be ended with the process.
    private static readonly TimeSpan MostTime = TimeSpan.FromMinutes(2);

    private readonly List<string> _failures = [];

    [Test]
    public void Every_client_gets_its_own_bytes_and_nothing_is_left_behind()
    {
        int single = Setting("L7_SEED", -1);
        var total = new Tally();
        long steps = 0;
        int played = 0;
        var clock = Stopwatch.StartNew();
        int first = single >= 0 ? single : 0;
        int last = single >= 0 ? single : Setting("L7_SEEDS", DefaultSeeds) - 1;
        for (int seed = first; seed <= last && _failures.Count < MostFailures; seed++)
        {
            steps += Play(seed, total, keepsNotes: single >= 0);
            played++;
        }

        TestContext.Out.WriteLine(
            $"{played} seeds in {clock.Elapsed.TotalSeconds:0.0} s, {steps} steps: {total.Whole} whole responses, " +
            $"{total.Own} of the engine's own, {total.Tunnels} tunnels, {total.Cut} cut, {total.Unanswered} unanswered");
        Assert.That(_failures, Is.Empty);
    }

    [Test]
    public void A_seed_plays_the_same_run_again([Values(3, 4, 5)] int seed)
    {
        long steps = Play(seed, new Tally(), keepsNotes: false);

        Assert.That(Play(seed, new Tally(), keepsNotes: false), Is.EqualTo(steps));
        Assert.That(_failures, Is.Empty);
    }

    private long Play(int seed, Tally total, bool keepsNotes)
    {
        var plan = RunPlan.Of(seed);
        using var run = new SimRun(plan, keepsNotes);
        using var watchdog = new Timer(_ => Environment.FailFast($"L7_SEED={seed} does not end."), null, MostTime, MostTime);
        try
        {
            run.Play();
        }
        catch (Exception e)
        {
            TestContext.Out.WriteLine(run.Notes);
            _failures.Add($"L7_SEED={seed}\n{plan}\n{run.Closes}\n{e.InnerException ?? e}");
        }

        total.Whole += run.Tally.Whole;
        total.Own += run.Tally.Own;
        total.Cut += run.Tally.Cut;
        total.Unanswered += run.Tally.Unanswered;
        total.Tunnels += run.Tally.Tunnels;
        return run.Network.Scheduler.Steps;
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
