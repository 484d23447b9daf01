namespace L7Engine.Http;

/// <summary>The largest head that is accepted.</summary>
/// <param name="MaxHeadBytes">Start line and header section with the final CRLF CRLF, without a leading CRLF.</param>
/// <param name="MaxFields">Field lines.</param>
/// <param name="MaxStartLineBytes">Request line or status line, without its CRLF. At least 128.</param>
/// <param name="MaxConnectionOptions">Options over all Connection fields.</param>
internal readonly record struct HeadLimits(
    int MaxHeadBytes, int MaxFields, int MaxStartLineBytes, int MaxConnectionOptions)
{
    /// <summary>Request heads, by default.</summary>
    public static HeadLimits OfRequests { get; } = new(32 * 1024, 100, 8 * 1024, 16);

    /// <summary>Response heads, by default. A status line has no limit of its own.</summary>
    public static HeadLimits OfResponses { get; } = new(64 * 1024, 200, 64 * 1024, 16);
}
