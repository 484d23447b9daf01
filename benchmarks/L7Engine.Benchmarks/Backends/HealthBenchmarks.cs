using System.Net;
using BenchmarkDotNet.Attributes;
using L7Engine.Backends;
using L7Engine.Backends.Health;

namespace L7Engine.Benchmarks.Backends;

/// <summary>
/// Question: what does it cost a request to be let in to the backend that was picked, and to report how it ended?
/// </summary>
/// <remarks>
/// Hot path: 0 bytes. Not measured: several loops that report at the same time, changes of a state, and the volatile
/// read that a pick makes for each backend: it is lost in the noise.
/// </remarks>
[MemoryDiagnoser(displayGenColumns: false)]
public class HealthBenchmarks
{
    private BackendHealthState _health = null!;
    private long _now;

    [Params(0, 0.5)]
    public double FailureRate { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var ejection = new EjectionOptions { FailureRate = FailureRate };
        var group = new BackendGroupOptions { Ejection = ejection };
        Backend[] backends = [.. Enumerable.Range(1, 2).Select(i => new Backend(
            i, i, group, new BackendOptions { Address = new IPEndPoint(IPAddress.Loopback, i) }, new Timeouts(),
            new BackendState()))];
        new GroupHealth().Apply(new HealthSettings(group), backends, 0);
        _health = backends[0].State.Health;
    }

    [Benchmark(Baseline = true)]
    public void EnterAndReportAnAnswer()
    {
        _health.TryEnter(out bool isTrial);
        var visit = new BackendVisit(_health, isTrial);
        visit.Answer(200, _now++);
        visit.End();
    }

    /// <summary>Followed by an answer, so that nothing is ejected.</summary>
    [Benchmark]
    public void EnterAndReportAFailure()
    {
        _health.ReportFailure(RequestFailure.Closed, isTrial: false, _now);
        EnterAndReportAnAnswer();
    }
}
