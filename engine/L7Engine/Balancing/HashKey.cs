using System.Text;

namespace L7Engine.Balancing;

/// <summary>Makes a number of what of a request decides on its backend; the same one on every loop and machine.
/// </summary>
/// <param name="header">The name of the field, for <see cref="HashInput.Header"/>.</param>
internal sealed class HashKey(HashInput input, string? header = null)
{
    // A name of the DNS is shorter. What follows does not count.
    private const int MaxHostBytes = 256;

    private readonly byte[] _header = Encoding.ASCII.GetBytes(header ?? "");

    /// <returns>0 when the request has nothing to go by.</returns>
    public ulong Of(in BalancingRequest request)
    {
        if (input == HashInput.ClientAddress)
        {
            return OfHash(StableHash.Of(request.ClientBits));
        }

        Span<byte> host = stackalloc byte[MaxHostBytes];
        ReadOnlySpan<byte> text = input switch
        {
            HashInput.Host => host[..WriteHost(request.Host, host)],
            HashInput.Path => PathOf(request.PathAndQuery),
            _ => request.TryGetField(_header, out ReadOnlySpan<byte> value) ? value : default,
        };
        return text.IsEmpty ? 0 : OfHash(StableHash.Of(text));
    }

    // 0 means that there is none.
    private static ulong OfHash(ulong hash) => hash == 0 ? 1 : hash;

    private static ReadOnlySpan<byte> PathOf(ReadOnlySpan<byte> target)
    {
        int query = target.IndexOf((byte)'?');
        ReadOnlySpan<byte> path = query < 0 ? target : target[..query];
        return path.IsEmpty ? "/"u8 : path;
    }

    /// <summary>In small letters, without port and a final dot: what routing does not tell apart.</summary>
    private static int WriteHost(ReadOnlySpan<byte> authority, Span<byte> destination)
    {
        int port = authority.LastIndexOf((byte)':');
        ReadOnlySpan<byte> host = port > authority.IndexOf((byte)']') ? authority[..port] : authority;
        host = host.EndsWith("."u8) ? host[..^1] : host;
        host = host[..Math.Min(host.Length, destination.Length)];
        _ = Ascii.ToLower(host, destination, out int written);
        return written;
    }
}
