using System.Net;
using BenchmarkDotNet.Attributes;
using L7Engine.Backends;
using L7Engine.Balancing;

namespace L7Engine.Benchmarks.Balancing;

/// <summary>Question: what does a request that is bound to its backend cost, and the response that binds it?</summary>
/// <remarks>Hot path: 0 bytes. Not measured: to find the cookie among others.</remarks>
[MemoryDiagnoser(displayGenColumns: false)]
public class AffinityCookieBenchmarks
{
    private const long NowSeconds = 1_700_000_000;

    private AffinityCookie _cookie = null!;
    private Backend _backend = null!;
    private byte[] _value = [];
    private byte[] _forged = [];

    [Params(2, 100)]
    public int Backends { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        BackendOptions[] options = [.. Enumerable.Range(1, Backends).Select(
            i => new BackendOptions { Address = new IPEndPoint(IPAddress.Loopback, 9_000 + i) })];
        var group = new BackendGroupOptions
        {
            Backends = options,
            Affinity = new AffinityOptions { Enabled = true, Key = "AAAAAAAAAAAAAAAAAAAAAA==" },
        };
        Backend[] backends =
            [.. options.Select((o, i) => new Backend(i, i, group, o, new Timeouts(), new BackendState()))];
        _cookie = new AffinityCookie(group, backends);
        _backend = backends[^1];
        ReadOnlySpan<byte> written = _cookie.Bind(_backend, NowSeconds, isSecure: false)[(_cookie.Name.Length + 1)..];
        _value = written[..written.IndexOf((byte)';')].ToArray();
        _forged = [.. _value];
        _forged[^8] = (byte)(_forged[^8] == (byte)'A' ? 'B' : 'A');
    }

    /// <summary>The seal of a cookie that came is checked.</summary>
    [Benchmark(Baseline = true)]
    public int Check() => _cookie.Open(_value, NowSeconds, out _);

    /// <summary>The same, of one that somebody made up.</summary>
    [Benchmark]
    public int Refuse() => _cookie.Open(_forged, NowSeconds, out _);

    /// <summary>A cookie that goes is sealed.</summary>
    [Benchmark]
    public int Seal() => _cookie.Bind(_backend, NowSeconds, isSecure: false).Length;
}
