using System.Diagnostics;

namespace L7Engine.Diagnostics;

/// <summary>The counters of one loop.</summary>
/// <remarks>
/// One loop writes; any thread reads. There is one writer, so a plain addition published by a volatile write loses
/// nothing and needs no interlocked instruction.
/// </remarks>
internal sealed class LoopCounters
{
    // Two cache lines on each side, as processors fetch lines in pairs: no loop's writes slow down another's.
    private const int PaddingCounters = 2 * 64 / sizeof(long);

    private static readonly int CounterCount = Enum.GetValues<LoopCounter>().Length;

    private readonly long[] _values = new long[PaddingCounters + CounterCount + PaddingCounters];

    public long this[LoopCounter counter] => Volatile.Read(ref _values[PaddingCounters + (int)counter]);

    public static long Sum(ReadOnlySpan<LoopCounters> loops, LoopCounter counter)
    {
        long sum = 0;
        foreach (LoopCounters loop in loops)
        {
            sum += loop[counter];
        }

        return sum;
    }

    /// <param name="amount">Negative for what went away.</param>
    public void Add(LoopCounter counter, long amount = 1)
    {
        ref long value = ref _values[PaddingCounters + (int)counter];
        Volatile.Write(ref value, value + amount);
    }

    /// <summary>Counts one final response to a client by its class.</summary>
    /// <param name="statusCode">100 to 999. From 600 on, invalid by RFC 9110 section 15, it counts as 5xx.</param>
    public void AddResponse(int statusCode, bool isOurs)
    {
        Debug.Assert(statusCode >= 100, "The parser refuses any other status.");
        int offset = Math.Min(statusCode / 100, 5) - 1;
        Add(LoopCounter.Responses1xx + offset);
        if (isOurs)
        {
            Add(LoopCounter.EngineResponses1xx + offset);
        }
    }
}
