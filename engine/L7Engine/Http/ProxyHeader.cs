namespace L7Engine.Http;

/// <summary>What a PROXY protocol header says: for whom a proxy opened the connection.</summary>
/// <param name="TotalBytes">How long the header is.</param>
/// <param name="HasSource">False when the proxy speaks for itself, or for somebody without an address.</param>
/// <param name="Source">The client's address as one of IPv6; IPv4 as IPv4-mapped.</param>
internal readonly record struct ProxyHeader(
    int TotalBytes, bool HasSource = false, UInt128 Source = default, ushort SourcePort = 0);
