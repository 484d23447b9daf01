using BenchmarkDotNet.Attributes;
using L7Engine.Diagnostics;

namespace L7Engine.Benchmarks.Diagnostics;

/// <summary>
/// Question: what does it cost to count a request, to enter a close, and to write a client's address?
/// </summary>
/// <remarks>Not measured: another thread that reads the counters meanwhile.</remarks>
[MemoryDiagnoser(displayGenColumns: false)]
public class AccountingBenchmarks
{
    // 192.0.2.1 and 2001:db8::1, as accept4 gives them.
    private static readonly byte[] RawIPv4 = [2, 0, 0x1F, 0x90, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0];

    private static readonly byte[] RawIPv6 =
        [10, 0, 0x1F, 0x90, 0, 0, 0, 0, 0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];

    private readonly byte[] _text = new byte[PeerAddress.MaxAddressChars];
    private readonly LoopCounters _counters = new();
    private readonly CloseLedger _ledger = new(capacity: 4096);

    private readonly CloseLedger _toldLedger = new(capacity: 4096);
    private readonly CloseFeed _feed = new(capacity: 16, new CloseBell());

    private readonly CloseEntry _entry = new()
    {
        Side = ConnectionSide.Client,
        Cause = new CloseCause(
            CloseReason.IdleTimeout, SettingValue.Of("keepAlive.idleTimeout", TimeSpan.FromSeconds(75))),
    };

    public AccountingBenchmarks() => _toldLedger.Feeds = [_feed];

    [Benchmark(Baseline = true)]
    public void Count() => _counters.Add(LoopCounter.Requests);

    [Benchmark]
    public void EnterClose() => _ledger.Enter(_entry);

    /// <summary>With one subscriber, which takes it at once; without its waiting.</summary>
    [Benchmark]
    public int EnterAndTellClose()
    {
        _toldLedger.Enter(_entry);
        return _feed.Take().RequestCount;
    }

    [Benchmark]
    public int WriteIPv4()
    {
        PeerAddress.FromSockAddr(RawIPv4).TryFormatAddress(_text, out int written);
        return written;
    }

    [Benchmark]
    public int WriteIPv6()
    {
        PeerAddress.FromSockAddr(RawIPv6).TryFormatAddress(_text, out int written);
        return written;
    }
}
