namespace L7Engine.Backends;

/// <summary>Connections that wait, in the order in which they came. A connection is in one list at most.</summary>
/// <remarks>Not thread-safe: the loop's thread owns it. Linked through the connections: costs no object.</remarks>
internal sealed class ConnectionList
{
    public BackendConnection? Newest { get; private set; }

    public BackendConnection? Oldest { get; private set; }

    public int Count { get; private set; }

    public void Add(BackendConnection connection)
    {
        connection.Older = Newest;
        if (Newest is null)
        {
            Oldest = connection;
        }
        else
        {
            Newest.Newer = connection;
        }

        Newest = connection;
        Count++;
    }

    public void Remove(BackendConnection connection)
    {
        if (connection.Newer is null)
        {
            Newest = connection.Older;
        }
        else
        {
            connection.Newer.Older = connection.Older;
        }

        if (connection.Older is null)
        {
            Oldest = connection.Newer;
        }
        else
        {
            connection.Older.Newer = connection.Newer;
        }

        connection.Newer = connection.Older = null;
        Count--;
    }
}
