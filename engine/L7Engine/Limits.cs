using L7Engine.Configuration;

namespace L7Engine;

/// <summary>The largest sizes and counts the engine accepts. Every queue, buffer and table is bounded here.</summary>
public sealed record Limits
{
    private const int KiB = 1_024;
    private const int MiB = 1_024 * KiB;

    /// <summary>Open client connections, over all listeners.</summary>
    /// <value>Default 0: derived from the descriptor limit. Range 0 to 1,000,000.</value>
    /// <remarks>
    /// Derived: (limit − open at the start − 64 − 8 × loops − listeners × loops) / 2, as each may need a backend
    /// connection. Past 90 % of it connections that carry no exchange are closed, fairly between clients, down to 80 %;
    /// at the maximum clients wait in the backlog until 80 % are left.
    /// </remarks>
    public int MaxClientConnections { get; init; }

    /// <summary>A request head, request line and header section together, in bytes.</summary>
    /// <value>Default 32 KiB. Range 1 KiB to 1 MiB. Origin: Kestrel.</value>
    /// <remarks>Past it the client is answered 431 (RFC 6585 section 5) and closed.</remarks>
    public int MaxRequestHeadBytes { get; init; } = 32 * KiB;

    /// <summary>Fields of a request head.</summary>
    /// <value>Default 100. Range 1 to 1,000. Origin: Kestrel. Past it 431 and close.</value>
    public int MaxRequestFields { get; init; } = 100;

    /// <summary>A request line without its line end, in bytes.</summary>
    /// <value>Default 8 KiB. Range 256 bytes to 1 MiB, at most the request head. Origin: Kestrel. Past it 414.</value>
    public int MaxRequestLineBytes { get; init; } = 8 * KiB;

    /// <summary>A response head, in bytes.</summary>
    /// <value>Default 64 KiB. Range 1 KiB to 1 MiB. Past it the client is answered 502.</value>
    public int MaxResponseHeadBytes { get; init; } = 64 * KiB;

    /// <summary>Fields of a response head.</summary>
    /// <value>Default 200. Range 1 to 1,000. Past it 502.</value>
    public int MaxResponseFields { get; init; } = 200;

    /// <summary>The trailer section of a chunked body, in bytes.</summary>
    /// <value>Default 8 KiB. Range 1 KiB to 1 MiB.</value>
    public int MaxTrailerBytes { get; init; } = 8 * KiB;

    /// <summary>All chunk extensions of one message, in bytes. They are read and never passed on.</summary>
    /// <value>Default 4 KiB. Range 0 to 1 MiB; 0 refuses every extension.</value>
    public int MaxChunkExtensionBytes { get; init; } = 4 * KiB;

    /// <summary>Options in the Connection fields of one head.</summary>
    /// <value>Default 16. Range 1 to 1,000. Past it 400, or 502 for a response.</value>
    public int MaxConnectionOptions { get; init; } = 16;

    /// <summary>Interim (1xx) responses before the final one.</summary>
    /// <value>Default 32. Range 1 to 1,000. Past it 502.</value>
    public int MaxInterimResponses { get; init; } = 32;

    /// <summary>A request body, in bytes.</summary>
    /// <value>Default 0: no limit. Past it 413 and close.</value>
    public long MaxRequestBodyBytes { get; init; }

    /// <summary>What is kept of a request so that it can be sent again on another connection, in bytes.</summary>
    /// <value>Default 64 KiB. Range 0 to 1 MiB; 0 keeps none, so that no request with a body is ever repeated.</value>
    public int MaxReplayBytes { get; init; } = 64 * KiB;

    /// <summary>What is read from a client after we decided to close, so that it sees our answer, in bytes.</summary>
    /// <value>Default 256 KiB. Range 0 to 1 GiB; 0 closes at once, and clients may lose the answer.</value>
    public int MaxLingerBytes { get; init; } = 256 * KiB;

    /// <summary>All buffers of all loops together, in bytes.</summary>
    /// <value>Default 0: 256 MiB, or a quarter of the memory there is if that is less. Else 1 MiB to 1 TiB.</value>
    /// <remarks>
    /// The memory there is: the limit of the control group. Past it reading waits until a buffer comes back. Each loop
    /// has its share, which must be 256 KiB or more.
    /// </remarks>
    public long MaxBufferBytes { get; init; }

    /// <summary>Connections that were switched to another protocol.</summary>
    /// <value>Default 0: half of the client connections. Range 0 to 1,000,000. Past it 503.</value>
    public int MaxTunnels { get; init; }

    /// <summary>Closes that each loop remembers one by one; the counters keep all.</summary>
    /// <value>Default 4,096. Range 0 to 1,048,576; 0 keeps only counters.</value>
    public int LedgerEntriesPerLoop { get; init; } = 4_096;

    internal void Validate(ConfigErrors errors)
    {
        errors.RequireRange(MaxClientConnections, 0, 1_000_000);
        errors.RequireBytes(MaxRequestHeadBytes, KiB, MiB);
        errors.RequireRange(MaxRequestFields, 1, 1_000);
        errors.RequireBytes(MaxRequestLineBytes, 256, MiB);
        errors.RequireBytes(MaxResponseHeadBytes, KiB, MiB);
        errors.RequireRange(MaxResponseFields, 1, 1_000);
        errors.RequireBytes(MaxTrailerBytes, KiB, MiB);
        errors.RequireBytes(MaxChunkExtensionBytes, 0, MiB);
        errors.RequireRange(MaxConnectionOptions, 1, 1_000);
        errors.RequireRange(MaxInterimResponses, 1, 1_000);
        errors.RequireBytes(MaxRequestBodyBytes, 0, long.MaxValue);
        errors.RequireBytes(MaxReplayBytes, 0, MiB);
        errors.RequireBytes(MaxLingerBytes, 0, 1_024 * MiB);
        errors.RequireBytes(MaxBufferBytes, MaxBufferBytes == 0 ? 0 : MiB, 1_024L * 1_024 * MiB);
        errors.RequireRange(MaxTunnels, 0, 1_000_000);
        errors.RequireRange(LedgerEntriesPerLoop, 0, 1_048_576);
        ValidateTogether(errors);
    }

    private void ValidateTogether(ConfigErrors errors)
    {
        if (MaxRequestLineBytes > MaxRequestHeadBytes)
        {
            errors.Add("maxRequestLine", "is more than maxRequestHead, which contains it; lower it, or raise that");
        }

        if (MaxClientConnections > 0 && MaxTunnels > MaxClientConnections)
        {
            errors.Add("maxTunnels", "is more than maxClientConnections, which contains it; lower it, or raise that");
        }
    }
}
