using L7Engine.Transport;

namespace L7Engine.Backends;

/// <summary>
/// Leased connections of one pool whose sockets do not probe the backend yet. Most serve a request that is over before
/// a probe could be due, and are then kept or closed: those that are closed never need the system calls.
/// </summary>
/// <remarks>Not thread-safe: the loop's thread owns it.</remarks>
internal sealed class UnprobedConnections
{
    private readonly ConnectionList _list = new();

    /// <summary>Adds a connection that was just opened.</summary>
    public void Add(BackendConnection connection) => _list.Add(connection);

    /// <summary>Its lease has ended.</summary>
    public void Remove(BackendConnection connection)
    {
        // One that is probed has left the list, for good.
        if (!connection.IsProbed)
        {
            _list.Remove(connection);
        }
    }

    /// <summary>Once a second, which is the shortest silence before a probe: whatever an exchange or a tunnel waits
    /// for, its connection is probed by then.</summary>
    public void ProbeAll(TcpKeepAlive keepAlive)
    {
        while (_list.Oldest is { } connection)
        {
            _list.Remove(connection);
            Probe(connection, keepAlive);
        }
    }

    /// <summary>Has a connection probed that is in no list, unless it is already.</summary>
    public static void Probe(BackendConnection connection, TcpKeepAlive keepAlive)
    {
        if (!connection.IsProbed && keepAlive.Probes > 0 && !connection.Transport.IsClosed)
        {
            connection.Transport.StartProbes(keepAlive);
        }

        connection.IsProbed = true;
    }
}
