namespace L7Engine.Backends.Health;

/// <summary>What the checks of one backend say: up until enough have failed in a row, down until enough passed.
/// </summary>
/// <remarks>Not thread-safe. A check that agrees with the verdict ends the row of those that do not.</remarks>
internal struct CheckVerdict
{
    private int _against;

    public bool IsDown { get; private set; }

    /// <returns>True when it has changed.</returns>
    public bool Take(bool hasPassed, int rise, int fall)
    {
        if (hasPassed != IsDown)
        {
            _against = 0;
            return false;
        }

        _against++;
        if (_against < (hasPassed ? rise : fall))
        {
            return false;
        }

        (IsDown, _against) = (!hasPassed, 0);
        return true;
    }
}
