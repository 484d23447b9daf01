using L7Engine.Transport;

namespace L7Engine.Backends;

/// <summary>
/// The connections of one pool that were told to close: the backend does so first, so that the system remembers them
/// (TIME_WAIT) on its side.
/// </summary>
/// <remarks>Not thread-safe: the loop's thread owns it.</remarks>
internal sealed class LeavingConnections(EventLoop loop)
{
    private readonly ConnectionList _list = new();

    public BackendConnection? Newest => _list.Newest;

    public BackendConnection? Oldest => _list.Oldest;

    public int Count => _list.Count;

    /// <returns>False when the backend has closed already, or need not be waited for.</returns>
    public static bool IsWorthWaiting(TransportConnection transport, Backend backend) =>
        !transport.IsPeerFinished && !transport.IsDead && backend.CloseWaitTicks > 0;

    public void Add(BackendConnection connection, Backend backend)
    {
        connection.Transport.Watcher = connection;
        connection.Transport.ReadDeadlineTick = loop.Wheel.TickAfter(backend.CloseWaitTicks);
        _list.Add(connection);
    }

    public void Remove(BackendConnection connection) => _list.Remove(connection);
}
