using System.Net;
using BenchmarkDotNet.Attributes;
using L7Engine.Backends;
using L7Engine.Backends.Places;

namespace L7Engine.Benchmarks.Backends;

/// <summary>Question: what does a request's place at its backend cost, from taking to giving it back?</summary>
/// <remarks>Not measured: loops that do so at the same moment, and what wakes the loop of who waits.</remarks>
[MemoryDiagnoser(displayGenColumns: false)]
public class GroupPlacesBenchmarks
{
    private readonly QueuedRequest _first = new(() => true);
    private GroupPlaces _places = null!;
    private Backend[] _backends = [];
    private Backend _backend = null!;

    /// <summary>Requests that the backend may have at a time; 0 is any number.</summary>
    [Params(0, 10)]
    public int MaxConnections { get; set; }

    [GlobalSetup]
    public void Create()
    {
        var options = new BackendOptions
        {
            Address = new IPEndPoint(IPAddress.Loopback, 9_001),
            MaxConnections = MaxConnections,
        };
        var group = new BackendGroupOptions { Backends = [options] };
        _backend = new Backend(0, 0, group, options, new Timeouts(), new BackendState());
        _backends = [_backend];
        _places = new GroupPlaces(_backends);
    }

    /// <summary>There is a place: taken, and given back.</summary>
    [Benchmark(Baseline = true)]
    public bool Free()
    {
        bool isTaken = _backend.State.TryTakePlace(_backend.MaxInFlight);
        _places.Release(_backend.State);
        return isTaken;
    }

    /// <summary>There is none: the request enters the queue, and gets the place that another gives back. Without a
    /// maximum it takes a place as it enters.</summary>
    [Benchmark]
    public bool Handed()
    {
        int max = _backend.MaxInFlight;
        while (max > 0 && _backend.State.TryTakePlace(max))
        {
        }

        _places.Enter(_first, _backends, max: 10);
        _places.Release(_backend.State);
        BackendState? place = _places.Claim(_first);
        _first.Clear();
        return place is not null;
    }
}
