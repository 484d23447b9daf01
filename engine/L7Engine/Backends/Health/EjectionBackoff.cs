namespace L7Engine.Backends.Health;

/// <summary>How long each ejection of one backend lasts: twice the last one, less for what it served well since.
/// </summary>
/// <remarks>Not thread-safe. Times are milliseconds of the loops.</remarks>
internal struct EjectionBackoff
{
    private int _doublings;
    private long _lastMilliseconds;
    private long _servesSince;

    /// <summary>When the backend is tried again.</summary>
    public long EndsAt { get; private set; }

    public void Eject(long now, long baseMilliseconds, long maxMilliseconds)
    {
        Forgive(now - _servesSince, baseMilliseconds);
        _lastMilliseconds = Math.Min(baseMilliseconds << _doublings, maxMilliseconds);
        if (_lastMilliseconds < maxMilliseconds)
        {
            _doublings++;
        }

        EndsAt = now + _lastMilliseconds;
    }

    /// <summary>From here on it serves again.</summary>
    public void Return(long now) => _servesSince = now;

    // As much as the last ejection took wins one doubling back, half as much the next one, and so on.
    private void Forgive(long servedMilliseconds, long baseMilliseconds)
    {
        long price = _lastMilliseconds;
        while (_doublings > 0 && servedMilliseconds >= price)
        {
            servedMilliseconds -= price;
            price = Math.Max(price / 2, baseMilliseconds);
            _doublings--;
        }
    }
}
