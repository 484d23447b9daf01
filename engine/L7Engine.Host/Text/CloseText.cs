using System.Globalization;

namespace L7Engine.Host.Text;

/// <summary>A close as one line: when, whose, why, and what the connection had been.</summary>
internal static class CloseText
{
    /// <returns>Without its line end, and with nothing in it that could break the line.</returns>
    public static string Of(CloseRecord close)
    {
        string time = close.ClosedAt.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        string side = close.Side == ConnectionSide.Client ? "client" : "backend";
        string errno = close.Errno == 0 ? "" : $", {ErrnoText.Of(close.Errno)}";
        string probes = close.PeerProbes == 0 ? "" : Text($", {close.PeerProbes} probes unanswered");
        return PlainText.OneLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{time} closed {side} {close.Peer} ({close.Place}, {close.Connection}): {WhyOf(close)}; " +
            $"{FirstOf(close.ClosedFirst)} first; age {Seconds(close.Age)}, requests {close.RequestCount}, " +
            $"idle {Seconds(close.IdleTime)}, received {close.BytesReceived} B, sent {close.BytesSent} B" +
            $"{errno}{probes}"));
    }

    private static string WhyOf(CloseRecord close)
    {
        string why = $"{close.Reason}, {close.Detail ?? ReasonText.Of(close.Reason)}";
        return close.Setting is { } setting ? $"{why} ({setting})" : why;
    }

    private static string FirstOf(CloseParty party) => party switch
    {
        CloseParty.Peer => "the peer",
        CloseParty.Network => "the network",
        _ => "we",
    };

    private static string Seconds(TimeSpan time) => Text($"{time.TotalSeconds:0.###}s");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
