using System.Text;
using L7Engine.Diagnostics;
using L7Engine.Http;

namespace L7Engine;

/// <summary>What a balancing policy may know of a request. All bytes are as the client sent them.</summary>
/// <remarks>
/// The client is the one that a trusted proxy names in X-Forwarded-For: the last address there that is no trusted proxy
/// itself; without such a proxy it is who opened the connection.
/// </remarks>
public readonly ref struct BalancingRequest
{
    private readonly RequestHead _head;
    private readonly ReadOnlySpan<byte> _received;
    private readonly PeerAddress _client;

    internal BalancingRequest(RequestHead head, ReadOnlySpan<byte> received, in PeerAddress client)
    {
        _head = head;
        _received = received;
        _client = client;
    }

    /// <summary>The client: an address of IPv4, or a network of IPv6.</summary>
    internal UInt128 ClientBits => _client.ClientBits(ipv6PrefixBits: 64);

    /// <summary>The method.</summary>
    public ReadOnlySpan<byte> Method => _head.MethodBytes.Of(_received);

    /// <summary>Host and port; empty for an HTTP/1.0 client that sent none.</summary>
    public ReadOnlySpan<byte> Host => _head.Authority.Of(_received);

    /// <summary>The path with its query.</summary>
    public ReadOnlySpan<byte> PathAndQuery => _head.PathAndQuery.Of(_received);

    /// <summary>Writes the address of the client, without its port, as text.</summary>
    /// <param name="destination">39 bytes are enough.</param>
    /// <param name="bytesWritten">How many were written.</param>
    /// <returns>False when there was not enough room.</returns>
    public bool TryFormatClientAddress(Span<byte> destination, out int bytesWritten) =>
        _client.TryFormatAddress(destination, out bytesWritten);

    /// <summary>Finds the first field of a name.</summary>
    /// <param name="name">Case does not matter.</param>
    /// <param name="value">Its value, without white space around it.</param>
    /// <returns>False when there is none.</returns>
    public bool TryGetField(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        foreach (ref readonly FieldLine line in _head.Fields.Lines)
        {
            if (Ascii.EqualsIgnoreCase(line.Name.Of(_received), name))
            {
                value = line.Value.Of(_received);
                return true;
            }
        }

        value = default;
        return false;
    }
}
