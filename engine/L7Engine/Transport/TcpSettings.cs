namespace L7Engine.Transport;

/// <summary>TCP keepalive of a socket; probes of 0 turn it off.</summary>
/// <param name="TimeSeconds">Silence before the first probe, in seconds.</param>
/// <param name="IntervalSeconds">Between probes, in seconds.</param>
/// <param name="Probes">Unanswered probes after which the connection is gone.</param>
internal readonly record struct TcpKeepAlive(int TimeSeconds, int IntervalSeconds, int Probes)
{
    public static TcpKeepAlive Of(TcpKeepAliveOptions options) => options.Enabled
        ? new TcpKeepAlive((int)options.Time.TotalSeconds, (int)options.Interval.TotalSeconds, options.Probes)
        : default;
}

/// <param name="Backlog">Connections that may wait to be accepted.</param>
/// <param name="SharePort">Skip the check that nobody else listens on the port, for a hand-over.</param>
/// <param name="IsSibling">Another loop of the same transport listens there already: it is not somebody else.</param>
internal readonly record struct ListenSettings(
    int Backlog, bool SharePort, TcpKeepAlive KeepAlive, bool IsSibling = false);
