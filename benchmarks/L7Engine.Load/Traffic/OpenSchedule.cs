namespace L7Engine.Load.Traffic;

/// <summary>When the requests of an open loop should be sent: at even distances, whatever became of earlier ones.
/// </summary>
internal sealed class OpenSchedule(double ratePerSecond, long begin)
{
    private long _count;

    /// <summary>When the next one should be sent, in nanoseconds.</summary>
    public long Next => begin + (long)(_count * 1e9 / ratePerSecond);

    public void Advance() => _count++;
}
