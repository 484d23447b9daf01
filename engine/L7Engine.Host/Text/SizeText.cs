using System.Globalization;

namespace L7Engine.Host.Text;

/// <summary>Sizes as people write them: <c>512</c> or <c>512B</c>, <c>64KiB</c>, <c>1MiB</c>.</summary>
internal static class SizeText
{
    /// <summary>What to write instead, for error lines.</summary>
    public const string Form = "a number of bytes, or one with B, KiB, MiB, GiB or TiB, such as \"64KiB\"";

    private static readonly (string Unit, int Shift)[] Units =
        [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10), ("B", 0)];

    /// <summary>Reads a whole number with a unit or none. KB and K are refused: people disagree about them.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        (string? unit, int shift) = Array.Find(Units, u => text.EndsWith(u.Unit, StringComparison.Ordinal));
        ReadOnlySpan<char> digits = text.AsSpan(0, text.Length - (unit?.Length ?? 0));
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out bytes)
            || bytes > long.MaxValue >> shift)
        {
            return false;
        }

        bytes <<= shift;
        return true;
    }

    /// <returns>In the largest unit that divides it, such as <c>64KiB</c>: one that TryParse reads back.</returns>
    public static string Of(long bytes)
    {
        (string unit, int shift) = Array.Find(Units, u => bytes % (1L << u.Shift) == 0);
        return bytes == 0 ? "0B" : string.Create(CultureInfo.InvariantCulture, $"{bytes >> shift}{unit}");
    }
}
