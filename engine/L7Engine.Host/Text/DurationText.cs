using System.Globalization;

namespace L7Engine.Host.Text;

/// <summary>Durations as people write them: <c>250ms</c>, <c>75s</c>, <c>2h</c>, <c>1h30m</c>.</summary>
internal static class DurationText
{
    /// <summary>What to write instead, for error lines.</summary>
    public const string Form = "a number with ms, s, m, h or d, such as \"75s\"";

    private static readonly (string Unit, long Ticks)[] Units =
    [
        ("d", TimeSpan.TicksPerDay), ("h", TimeSpan.TicksPerHour), ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond), ("ms", TimeSpan.TicksPerMillisecond),
    ];

    /// <summary>Reads whole numbers with units, larger units first; <c>0</c> needs no unit.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (text is "0" or "")
        {
            return text.Length > 0;
        }

        long total = 0;
        int nextUnit = 0;
        for (int at = 0; at < text.Length;)
        {
            int digits = LengthOf(text, at, char.IsAsciiDigit);
            int letters = LengthOf(text, at + digits, char.IsAsciiLetter);
            string unit = text.Substring(at + digits, letters);
            int found = Array.FindIndex(Units, nextUnit, u => u.Unit == unit);
            if (found < 0 || !TryAdd(text.AsSpan(at, digits), Units[found].Ticks, ref total))
            {
                return false;
            }

            nextUnit = found + 1;
            at += digits + letters;
        }

        duration = TimeSpan.FromTicks(total);
        return true;
    }

    /// <returns>In the largest unit that divides it, such as <c>75s</c>: one that TryParse reads back.</returns>
    public static string Of(TimeSpan duration)
    {
        (string unit, long ticks) = Array.Find(Units, u => duration.Ticks != 0 && duration.Ticks % u.Ticks == 0);
        return unit is null ? "0s" : string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / ticks}{unit}");
    }

    private static int LengthOf(string text, int start, Predicate<char> isPart)
    {
        int end = start;
        while (end < text.Length && isPart(text[end]))
        {
            end++;
        }

        return end - start;
    }

    private static bool TryAdd(ReadOnlySpan<char> digits, long unitTicks, ref long total)
    {
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            || number > (long.MaxValue - total) / unitTicks)
        {
            return false;
        }

        total += number * unitTicks;
        return true;
    }
}
