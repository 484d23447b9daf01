using System.Globalization;

namespace L7Engine.Backends.Health;

/// <summary>The settings of a group that decide over health, in the form in which they are looked up.</summary>
/// <remarks>Immutable: any thread may read it.</remarks>
internal sealed class HealthSettings
{
    private readonly bool[] _failing = new bool[600];
    private readonly bool[] _expected = new bool[600];

    public HealthSettings(HealthCheckOptions check, EjectionOptions ejection, TimeSpan slowStart)
    {
        Check = check;
        Ejection = ejection;
        WindowMilliseconds = (long)ejection.Window.TotalMilliseconds;
        BaseMilliseconds = (long)ejection.BaseTime.TotalMilliseconds;
        MaxMilliseconds = (long)ejection.MaxTime.TotalMilliseconds;
        SlowStartMilliseconds = (long)slowStart.TotalMilliseconds;
        HasFailingStatuses = ejection.Enabled && ejection.Statuses.Count > 0;
        foreach (int status in ejection.Statuses)
        {
            _failing[status] = true;
        }

        foreach (string text in check.Expect)
        {
            bool isClass = text.EndsWith('x');
            int first = isClass ? (text[0] - '0') * 100 : int.Parse(text, CultureInfo.InvariantCulture);
            _expected.AsSpan(first, isClass ? 100 : 1).Fill(true);
        }
    }

    public HealthSettings(BackendGroupOptions group)
        : this(group.Health, group.Ejection, group.SlowStart)
    {
    }

    public HealthCheckOptions Check { get; }

    public EjectionOptions Ejection { get; }

    public bool HasChecks => Check.Path is not null;

    public long WindowMilliseconds { get; }

    public long BaseMilliseconds { get; }

    public long MaxMilliseconds { get; }

    /// <summary>0 for none.</summary>
    public long SlowStartMilliseconds { get; }

    /// <summary>False when no status of a response counts as a failure.</summary>
    public bool HasFailingStatuses { get; }

    /// <summary>Whether a response of this status is a failure of the backend.</summary>
    public bool IsFailure(int status) => HasFailingStatuses && (uint)status < 600 && _failing[status];

    /// <summary>Whether a check that is answered so has passed.</summary>
    public bool IsExpected(int status) => (uint)status < 600 && _expected[status];

    /// <summary>How many of the backends of the group may be ejected at a time.</summary>
    public int MaxEjected(int backends) => (int)(Ejection.MaxShare * backends);
}
