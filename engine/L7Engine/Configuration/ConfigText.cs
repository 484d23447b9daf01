using System.Globalization;

namespace L7Engine.Configuration;

/// <summary>Durations and sizes as people write them in a configuration.</summary>
internal static class ConfigText
{
    private static readonly (long Ticks, string Unit)[] Durations =
    [
        (TimeSpan.TicksPerDay, "d"), (TimeSpan.TicksPerHour, "h"), (TimeSpan.TicksPerMinute, "m"),
        (TimeSpan.TicksPerSecond, "s"), (TimeSpan.TicksPerMillisecond, "ms"),
    ];

    private static readonly (long Bytes, string Unit)[] Sizes =
        [(1L << 40, "TiB"), (1L << 30, "GiB"), (1L << 20, "MiB"), (1L << 10, "KiB")];

    /// <returns>In the largest unit that divides it, such as <c>75s</c> and <c>2h</c>; 0 is <c>0</c>.</returns>
    public static string Of(TimeSpan duration)
    {
        foreach ((long ticks, string unit) in Durations)
        {
            if (duration.Ticks != 0 && duration.Ticks % ticks == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / ticks}{unit}");
            }
        }

        return duration.Ticks == 0
            ? "0"
            : string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds}ms");
    }

    /// <returns>In the largest unit that divides it, such as <c>64KiB</c>; else the plain number of bytes.</returns>
    public static string Of(long bytes)
    {
        foreach ((long size, string unit) in Sizes)
        {
            if (bytes != 0 && bytes % size == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{bytes / size}{unit}");
            }
        }

        return bytes.ToString(CultureInfo.InvariantCulture);
    }
}
