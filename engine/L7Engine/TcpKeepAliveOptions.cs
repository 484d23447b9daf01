using System.Globalization;
using L7Engine.Configuration;

namespace L7Engine;

/// <summary>TCP keepalive: probes by the kernel that find peers which vanished without a word.</summary>
/// <remarks>It has nothing to do with HTTP persistence. Source: RFC 9293 section 3.8.4.</remarks>
public sealed record TcpKeepAliveOptions
{
    /// <summary>Whether probes are sent (<c>SO_KEEPALIVE</c>).</summary>
    /// <value>Default true.</value>
    public bool Enabled { get; init; } = true;

    /// <summary>Silence before the first probe (<c>TCP_KEEPIDLE</c>).</summary>
    /// <value>Default 2 h. Whole seconds, 1 s to 32,767 s: the kernel's own range.</value>
    public TimeSpan Time { get; init; } = TimeSpan.FromHours(2);

    /// <summary>Time between probes that are not answered (<c>TCP_KEEPINTVL</c>).</summary>
    /// <value>Default 75 s. Whole seconds, 1 s to 32,767 s.</value>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(75);

    /// <summary>Unanswered probes after which the connection is dead (<c>TCP_KEEPCNT</c>).</summary>
    /// <value>Default 10. Range 1 to 127.</value>
    public int Probes { get; init; } = 10;

    /// <summary>
    /// The longest time that sent bytes stay unacknowledged before the connection is dead (<c>TCP_USER_TIMEOUT</c>).
    /// </summary>
    /// <value>
    /// Default 0: off, as long as the kernel's own limit (about 15 minutes). Else 1 s to 24 days, and more than
    /// <see cref="Time"/> + <see cref="Interval"/> × (<see cref="Probes"/> − 1).
    /// </value>
    /// <remarks>
    /// Linux only. With it the kernel does not count probes any more: a silent connection is dead once it was silent
    /// for so long and one probe is unanswered, hence the lower limit. A peer that takes nothing for so long (its
    /// window stays closed) is given up, too. Source: RFC 5482, and tcp(7).
    /// </remarks>
    public TimeSpan UserTimeout { get; init; }

    internal void Validate(ConfigErrors errors)
    {
        errors.RequireWholeSeconds(Time, 1, 32_767);
        errors.RequireWholeSeconds(Interval, 1, 32_767);
        errors.RequireRange(Probes, 1, 127);
        errors.RequireDurationOrZero(UserTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(24));
        if (Enabled && UserTimeout > TimeSpan.Zero && Interval > TimeSpan.Zero && UserTimeout <= LastProbe)
        {
            errors.Add("userTimeout", WhatItWouldDo());
        }
    }

    /// <summary>Silence at which the last probe is sent.</summary>
    private TimeSpan LastProbe => Time + (Interval * (Probes - 1));

    private string WhatItWouldDo()
    {
        // Looked at when a probe is due, from the second on.
        int sent = Math.Max(1, (int)Math.Ceiling((UserTimeout - Time) / Interval));
        string end = ConfigText.Of(Time + (Interval * sent));
        string ignored = string.Create(CultureInfo.InvariantCulture, $"ignore probes ({Probes})");
        string ended = string.Create(CultureInfo.InvariantCulture, $"end a silent connection after {sent} unanswered");
        return $"is {ConfigText.Of(UserTimeout)}; the kernel would {ignored} and {ended}, at {end}; " +
            $"it must be 0, or more than {ConfigText.Of(LastProbe)}: time + interval * (probes - 1)";
    }
}
