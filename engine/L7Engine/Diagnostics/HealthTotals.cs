namespace L7Engine.Diagnostics;

/// <summary>What the health of all backends, and the names that lead to them, are counted for. Any thread may count and
/// read.</summary>
internal sealed class HealthTotals
{
    private static readonly int CounterCount = Enum.GetValues<HealthCounter>().Length;

    private readonly long[] _values = new long[CounterCount];

    public long this[HealthCounter counter] => Volatile.Read(ref _values[(int)counter]);

    public void Add(HealthCounter counter) => Interlocked.Increment(ref _values[(int)counter]);
}

internal enum HealthCounter
{
    ChecksPassed,
    ChecksFailed,
    CameUp,
    WentDown,
    Ejections,
    FailOpens,
    NamesResolved,
    NamesNotResolved,
}
