namespace L7Engine.Backends.Reuse;

/// <summary>What one loop has seen of one backend's idle connections since it last told the others.</summary>
/// <remarks>Not thread-safe: the loop's thread owns it. All in milliseconds.</remarks>
internal sealed class IdleSamples
{
    /// <summary>More in a second say nothing more.</summary>
    public const int MaxCloses = 64;

    private IdleClose[]? _closes;

    public int CloseCount { get; private set; }

    public ReadOnlySpan<IdleClose> Closes => _closes.AsSpan(0, CloseCount);

    /// <summary>The longest time that a connection had been idle when it was used with success; 0 for none.</summary>
    public long OldestUse { get; private set; }

    public long OldestUseAt { get; private set; }

    /// <summary>What the backend announced last; 0 for nothing.</summary>
    public long Announced { get; private set; }

    public bool IsEmpty => CloseCount == 0 && OldestUse == 0 && Announced == 0;

    public void AddClose(in IdleClose close)
    {
        _closes ??= new IdleClose[MaxCloses];
        if (CloseCount < MaxCloses)
        {
            _closes[CloseCount++] = close;
        }
    }

    public void AddUse(long at, long age)
    {
        if (age >= IdleEvidence.LeastAge && age > OldestUse)
        {
            (OldestUse, OldestUseAt) = (age, at);
        }
    }

    public void Announce(long deadline) => Announced = deadline;

    public void Clear() => (CloseCount, OldestUse, Announced) = (0, 0, 0);
}
