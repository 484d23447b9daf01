namespace L7Engine.Timing;

/// <summary>How fast a peer has to be while it is waited for.</summary>
/// <param name="BytesPerSecond">On average over all waits; 0 for no minimum.</param>
/// <param name="GraceMilliseconds">What it may be waited for on top of what its bytes have earned.</param>
internal readonly record struct MinimumRate(int BytesPerSecond, long GraceMilliseconds)
{
    public bool IsOff => BytesPerSecond == 0;

    /// <summary>How long a peer that has moved so many bytes may have been waited for, rounded up.</summary>
    public long AllowedMilliseconds(long bytes) =>
        GraceMilliseconds + ((bytes * 1_000) + BytesPerSecond - 1) / BytesPerSecond;
}
