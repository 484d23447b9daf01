using System.Diagnostics;
using L7Engine.Diagnostics;

namespace L7Engine.Backends;

/// <summary>The right to use one backend connection for one exchange. Ends in exactly one of two ways.</summary>
/// <remarks>A copy of an ended lease is harmless: the connection's lease number has moved on.</remarks>
internal readonly struct BackendLease(BackendPool pool, BackendConnection connection)
{
    private readonly uint _number = connection.LeaseNumber;

    /// <summary>True for the default value: nothing is leased.</summary>
    public bool IsNone => connection is null;

    public BackendConnection Connection
    {
        get
        {
            Debug.Assert(connection.LeaseNumber == _number, "The lease has ended.");
            return connection;
        }
    }

    /// <summary>True when an earlier exchange used this connection: a failure before the first response
    /// byte may then mean only that the backend closed it while it was idle.</summary>
    public bool IsReused => connection.ExchangeCount > 0;

    /// <summary>True while the kernel has taken no byte of this lease's request.</summary>
    public bool IsUnsent => connection.Transport.BytesSent == connection.BytesSentBeforeLease;

    /// <summary>Gives the connection back. Call only when both messages ended.</summary>
    /// <param name="isKept">The backend keeps it open; else it is only waited for until the backend has closed.</param>
    public void Return(bool isKept = true)
    {
        if (connection.TryEndLease(_number))
        {
            pool.AddIdle(connection, isKept);
        }
    }

    /// <summary>Closes the connection. Always safe, and right whenever <see cref="Return"/> might not be.</summary>
    public void Discard(in CloseCause cause)
    {
        if (connection.TryEndLease(_number))
        {
            pool.Close(connection, cause);
        }
    }
}
