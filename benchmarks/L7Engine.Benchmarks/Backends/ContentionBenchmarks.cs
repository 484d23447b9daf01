using System.Net;
using BenchmarkDotNet.Attributes;
using L7Engine.Backends;
using L7Engine.Backends.Health;
using L7Engine.Backends.Places;

namespace L7Engine.Benchmarks.Backends;

/// <summary>
/// Question: what do loops cost each other that have requests at the same moment, at one backend or at one each?
/// </summary>
/// <remarks>
/// A request here is what the loops share of it: whether each backend takes requests, as a pick asks; a place taken,
/// its outcome reported, the place given back; a place among the idle connections given back and taken. Two loops need
/// two processors that nobody else uses. On two of an AMD EPYC: 36 ns alone; 38 to 41 ns with a loop at the other
/// backend, and 63 to 69 ns if the counts had no cache lines of their own; 170 to 300 ns at the same backend, with or
/// without. Not measured: what a loop does between two such moments, which is a hundred times as long and keeps them
/// apart.
/// </remarks>
[MemoryDiagnoser(displayGenColumns: false)]
public class ContentionBenchmarks
{
    private const int RequestsPerRun = 1_000_000;

    private readonly Backend[] _backends = new Backend[2];
    private readonly IdleShare[] _shares = new IdleShare[2];
    private GroupPlaces _places = null!;
    private Thread? _other;
    private volatile int _begun;
    private volatile int _ended;
    private volatile bool _isOver;

    [Params(1, 2)]
    public int Loops { get; set; }

    [Params(false, true)]
    public bool OneBackend { get; set; }

    [GlobalSetup]
    public void Start()
    {
        var group = new BackendGroupOptions();
        for (int i = 0; i < _backends.Length; i++)
        {
            var address = new BackendOptions { Address = new IPEndPoint(IPAddress.Loopback, 9_001 + i) };
            _backends[i] = new Backend(i, i, group, address, new Timeouts(), new BackendState());
        }

        for (int i = 0; i < _shares.Length; i++)
        {
            _shares[i] = new IdleShare(_backends[OneBackend ? 0 : i].State.Idle, () => { });
            _backends[OneBackend ? 0 : i].State.Idle.Join(_shares[i]);
        }

        _places = new GroupPlaces(_backends);
        new GroupHealth().Apply(new HealthSettings(group), _backends, 0);
        (_begun, _ended, _isOver) = (0, 0, false);
        _other = Loops > 1 ? new Thread(RunOther) : null;
        _other?.Start();
    }

    [GlobalCleanup]
    public void Stop()
    {
        _isOver = true;
        _other?.Join();
    }

    /// <summary>A request of one loop, while as many are run by the other.</summary>
    [Benchmark(OperationsPerInvoke = RequestsPerRun)]
    public void Request()
    {
        _begun++;
        Run(loop: 0);
        SpinWait.SpinUntil(() => _other is null || _ended == _begun);
    }

    private void RunOther()
    {
        while (!_isOver)
        {
            if (_ended != _begun)
            {
                Run(loop: 1);
                _ended++;
            }
        }
    }

    private void Run(int loop)
    {
        Backend backend = _backends[OneBackend ? 0 : loop];
        BackendHealthState health = backend.State.Health;
        IdleShare share = _shares[loop];
        _ = share.TryTake(backend.MaxIdle);
        for (int i = 0; i < RequestsPerRun; i++)
        {
            bool isAnyUp = _backends[0].TakesRequests | _backends[1].TakesRequests;
            if (isAnyUp && backend.State.TryTakePlace(backend.MaxInFlight) && health.TryEnter(out bool isTrial))
            {
                share.Release(left: 0);
                health.ReportResponse(200, isTrial, now: i >> 10);
                _ = share.TryTake(backend.MaxIdle);
                _places.Release(backend.State);
            }
        }

        share.Release(left: 0);
    }
}
