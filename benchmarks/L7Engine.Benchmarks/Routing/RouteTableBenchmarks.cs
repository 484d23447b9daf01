using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using L7Engine.Routing;

namespace L7Engine.Benchmarks.Routing;

/// <summary>Question: what does a route cost, and does the cost depend on the number of hosts?</summary>
/// <remarks>Not measured: normalising the path, a host with hundreds of paths, a cold cache.</remarks>
[MemoryDiagnoser(displayGenColumns: false)]
public class RouteTableBenchmarks
{
    private readonly RouteTable _catchAll = new([new RouteEntry("*", "/", 0)]);
    private RouteTable _table = new([]);
    private byte[] _host = [];

    [Params(10, 10_000)]
    public int Hosts { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var entries = Enumerable.Range(0, Hosts).Select(i => HostOf(i)).SelectMany(host => (RouteEntry[])
            [new(host, "/", 0), new(host, "/api", 1), new("*." + host, "/", 2)]);
        _table = new RouteTable([.. entries, new RouteEntry("*", "/", 3)]);
        _host = Encoding.ASCII.GetBytes(HostOf(Hosts / 2));
    }

    [Benchmark(Baseline = true)]
    public int CatchAll() => _catchAll.Find(_host, "/api/v1/users"u8);

    [Benchmark]
    public int Exact() => _table.Find(_host, "/api/v1/users"u8);

    [Benchmark]
    public int AnyHost() => _table.Find("www.unknown.example:8080"u8, "/api/v1/users"u8);

    private static string HostOf(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"host{number}.example.com");
}
