using System.Globalization;
using L7Engine.Host.Text;

namespace L7Engine.Host.Demo;

/// <summary>The numbers of a demo as lines of text.</summary>
internal static class DemoReport
{
    /// <summary>What is happening, in label and value: the rows of the live table.</summary>
    public static IEnumerable<(string Label, string Value)> Rows(DemoTraffic traffic, LoadBalancerStatus status)
    {
        yield return ("time", Text($"{traffic.Elapsed.TotalSeconds:0} of {traffic.Duration.TotalSeconds:0} s"));
        yield return ("sending now", traffic.Current.Kind);
        yield return ("requests, keep-alive", Text($"{traffic.KeepAlive.Requests:N0}"));
        yield return ("requests, close", Text($"{traffic.Close.Requests:N0}"));
        yield return ("failed", Text($"{traffic.KeepAlive.Failures + traffic.Close.Failures:N0}"));
        yield return ("client connections", Text(
            $"{status.ClientConnectionsOpen} open, {status.ClientConnectionsAccepted:N0} accepted"));
        yield return ("backend connections", Text(
            $"{status.BackendConnectionsOpen} open, {status.BackendConnectionsOpened:N0} opened"));
    }

    /// <summary>The rows in one line, for output that is no terminal.</summary>
    public static string Line(DemoTraffic traffic, LoadBalancerStatus status) =>
        string.Join("; ", Rows(traffic, status).Select(row => $"{row.Label}: {row.Value}"));

    /// <summary>The result.</summary>
    public static IEnumerable<string> Summary(DemoTally keepAlive, DemoTally close, LoadBalancerStatus status)
    {
        long failures = keepAlive.Failures + close.Failures;
        yield return Text($"requests             {status.Requests:N0}, failed {failures:N0}");
        yield return Text($"client connections   {status.ClientConnectionsAccepted:N0} accepted; ") +
            Share(status.RequestsOnReusedClientConnections, status.Requests);
        yield return Text($"backend connections  {status.BackendConnectionsOpened:N0} opened; ") +
            Share(status.RequestsOnReusedBackendConnections, status.Requests);
        yield return Text($"keep-alive           {keepAlive.RequestsPerSecond:N0} requests/s");
        yield return Text($"close                {close.RequestsPerSecond:N0} requests/s");
        if (close.RequestsPerSecond > 0)
        {
            double ratio = keepAlive.RequestsPerSecond / close.RequestsPerSecond;
            yield return Text($"ratio                {ratio:0.0} (keep-alive to close)");
        }

        yield return $"clients closed       {Reasons(status.ClientCloses)}";
        yield return $"backends closed      {Reasons(status.BackendCloses)}";
        foreach (string line in status.WhatIf.SelectMany(WhatIfText.Lines))
        {
            yield return line;
        }
    }

    private static string Share(long reused, long requests) => requests == 0
        ? "no requests"
        : Text($"{100.0 * reused / requests:0.0} % of the requests on a reused one");

    private static string Reasons(IReadOnlyList<CloseCount> closes) => closes.Count == 0
        ? "none"
        : string.Join(", ", closes.OrderByDescending(c => c.Count).Select(c => Text($"{c.Reason} {c.Count:N0}")));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
