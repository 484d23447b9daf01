using L7Engine.Diagnostics;

namespace L7Engine.Clients;

/// <summary>How many connections each client has at one listener, over all loops.</summary>
/// <remarks>
/// Thread-safe, and exact: a place is taken and given back under the lock of its shard. It is touched when a connection
/// is accepted, when it is left open for the first time, and when it closes; never per request. It outlives the
/// configuration: the caps are passed in, so that they may change.
/// </remarks>
internal sealed class ClientTable
{
    private const int ShardCount = 256;

    private readonly ClientShard[] _shards = new ClientShard[ShardCount];

    public ClientTable()
    {
        for (int i = 0; i < ShardCount; i++)
        {
            _shards[i] = new ClientShard();
        }
    }

    /// <summary>Clients with a connection, at some moment of the call.</summary>
    public int Count => _shards.Sum(shard => shard.Count);

    /// <summary>Counts one more connection of a client.</summary>
    /// <param name="cap">How many it may have; 0 for any number.</param>
    /// <returns>False, and nothing is counted, when it has as many as it may.</returns>
    public bool TryEnter(in ClientKey client, int cap) => ShardOf(client).TryEnter(client, cap);

    /// <summary>Counts one of its connections as persistent.</summary>
    /// <param name="cap">How many of them it may have; 0 for any number.</param>
    /// <returns>False, and nothing is counted, when it has as many as it may.</returns>
    public bool TryPersist(in ClientKey client, int cap) => ShardOf(client).TryPersist(client, cap);

    /// <summary>One of its persistent connections stays open, and is none any more.</summary>
    public void EndPersistence(in ClientKey client) => ShardOf(client).EndPersistence(client);

    /// <summary>One of its connections is closed.</summary>
    /// <param name="isPersistent">It was counted as persistent.</param>
    public void Leave(in ClientKey client, bool isPersistent) => ShardOf(client).Leave(client, isPersistent);

    public ClientCounts CountsOf(in ClientKey client) => ShardOf(client).CountsOf(client);

    private ClientShard ShardOf(in ClientKey client) => _shards[client.Hash % ShardCount];
}
