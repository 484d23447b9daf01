namespace L7Engine.Transport;

/// <summary>TCP keepalive of a socket; probes of 0 turn it off.</summary>
/// <param name="TimeSeconds">Silence before the first probe, in seconds.</param>
/// <param name="IntervalSeconds">Between probes, in seconds.</param>
/// <param name="Probes">Unanswered probes after which the connection is gone.</param>
/// <param name="UserTimeoutMilliseconds">How long bytes may stay unacknowledged; 0 is the kernel's affair.</param>
internal readonly record struct TcpKeepAlive(
    int TimeSeconds, int IntervalSeconds, int Probes, int UserTimeoutMilliseconds = 0)
{
    /// <summary>What holds from the first byte on: a connection may end before a probe could matter.</summary>
    /// <remarks>No property: a record writes those out, and would never be done.</remarks>
    public TcpKeepAlive WithoutProbes() => this with { Probes = 0 };

    public static TcpKeepAlive Of(TcpKeepAliveOptions options) => new(
        (int)options.Time.TotalSeconds,
        (int)options.Interval.TotalSeconds,
        options.Enabled ? options.Probes : 0,
        (int)options.UserTimeout.TotalMilliseconds);
}

/// <param name="Backlog">Connections that may wait to be accepted.</param>
/// <param name="SharePort">Skip the check that nobody else listens on the port, for a hand-over.</param>
/// <param name="MaxUnsentBytes">What the system takes and cannot send yet, in bytes; 0 is its affair.</param>
/// <param name="IsSibling">Another loop of the same transport listens there already: it is not somebody else.</param>
internal readonly record struct ListenSettings(
    int Backlog, bool SharePort, TcpKeepAlive KeepAlive, int MaxUnsentBytes = 0, bool IsSibling = false);
