using System.Globalization;

namespace L7Engine.Host.Text;

/// <summary>The what-if curve as a table.</summary>
internal static class WhatIfText
{
    private const string Assumption = "This takes for granted that closing does not change when clients ask.";

    public static IEnumerable<string> Lines(WhatIfCurve curve)
    {
        string inForce = curve.IdleTimeout > TimeSpan.Zero ? DurationText.Of(curve.IdleTimeout) : "off";
        yield return Text(
            $"what if: listener {curve.Listener}, idle timeout {inForce}, from {curve.Gaps:N0} gaps between requests");
        yield return "  idle timeout   requests that find it open   connections open, on average";
        foreach (WhatIfPoint point in curve.Points)
        {
            string share = Range(100 * point.ShareLow, 100 * point.ShareHigh, "0.0") + " %";
            string open = Range(point.OpenLow, point.OpenHigh, "N1");
            yield return Text($"  {point.IdleTimeout.TotalSeconds,10:0} s   {share,26}   {open,28}").TrimEnd();
        }

        yield return $"  {Assumption}";
    }

    // What was not observed is a range, never a point.
    private static string Range(double low, double high, string format)
    {
        string from = low.ToString(format, CultureInfo.InvariantCulture);
        string to = high.ToString(format, CultureInfo.InvariantCulture);
        return from == to ? from : $"between {from} and {to}";
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
