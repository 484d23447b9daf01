using System.Globalization;

namespace L7Engine.Load.Bench.Report;

/// <summary>Figures as they are read: three digits that count, and a unit.</summary>
internal static class FigureText
{
    /// <summary>Such as 48,300 or 2.83; what is whole and small is exact: 64.</summary>
    public static string Number(double number)
    {
        if (!double.IsFinite(number) || (Math.Abs(number) < 1_000 && double.IsInteger(number)))
        {
            return number.ToString(CultureInfo.InvariantCulture);
        }

        int digits = 2 - (int)Math.Floor(Math.Log10(Math.Abs(number)));
        double power = Math.Pow(10, Math.Abs(digits));
        double rounded = digits >= 0 ? Math.Round(number * power) / power : Math.Round(number / power) * power;

        // 9.996 is 10.0 to three digits.
        int decimals = Math.Clamp(2 - (int)Math.Floor(Math.Log10(Math.Abs(rounded))), 0, 6);
        return rounded.ToString("N" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }

    /// <summary>A time in the unit that suits it.</summary>
    public static string Time(double microseconds) => Math.Abs(microseconds) switch
    {
        < 1_000 => Number(microseconds) + " µs",
        < 1_000_000 => Number(microseconds / 1_000) + " ms",
        _ => Number(microseconds / 1_000_000) + " s",
    };

    /// <summary>A size in the unit that suits it.</summary>
    public static string Bytes(double bytes) => Math.Abs(bytes) switch
    {
        < 1_024 => Number(bytes) + " B",
        < 1_024 * 1_024 => Number(bytes / 1_024) + " KiB",
        _ => Number(bytes / (1_024 * 1_024)) + " MiB",
    };

    /// <summary>A share in percent. Close to all of it, what is missing counts: 99.994 %.</summary>
    public static string Share(double share) =>
        (share > 0.99 && share < 1
            ? (100 * share).ToString("0.###", CultureInfo.InvariantCulture)
            : Number(100 * share)) + " %";

    /// <summary>Such as "202 to 221 µs": a unit that both have is said once.</summary>
    public static string Range(string low, string high)
    {
        int unit = high.LastIndexOf(' ');
        bool isShared = unit >= 0 && low.EndsWith(high[unit..], StringComparison.Ordinal);
        return $"{(isShared ? low[..^(high.Length - unit)] : low)} to {high}";
    }

    /// <summary>The interval of a figure that has no unit.</summary>
    public static string Interval(Estimate estimate) => Range(Number(estimate.Low), Number(estimate.High));

    /// <summary>A mark at an axis: no more digits than it needs.</summary>
    public static string Tick(double number) => number.ToString("#,0.######", CultureInfo.InvariantCulture);
}
