using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using L7Engine.Backends;

namespace L7Engine.Balancing;

/// <summary>The cookie that binds clients to the backends of one group: sealed, and opened again.</summary>
/// <remarks>
/// Not thread-safe: one loop owns it. A value is, in Base64 for URLs (RFC 4648 section 5): 8 bytes that name the
/// backend to whoever has the key, the second since 1970 in which it expires, and the first 16 bytes of the HMAC-SHA256
/// of both (RFC 2104 section 5). A backend is named by its group and its address, so that restarts and other engines
/// agree.
/// </remarks>
internal sealed class AffinityCookie
{
    private const int ContentBytes = sizeof(ulong) + sizeof(uint);
    private const int SealedBytes = ContentBytes + 16;
    private const int ValueBytes = 38;

    // What the clocks of two engines may be apart.
    private const long MaxSkewSeconds = 60;

    // So that no seal of one kind can be taken for one of the other.
    private const byte NameDomain = 1;
    private const byte CookieDomain = 2;

    private readonly IncrementalHash _mac;
    private readonly Backend[] _backends;
    private readonly ulong[] _names;
    private readonly long _lifeSeconds;
    private readonly byte[] _plain;
    private readonly byte[] _secure;
    private readonly byte[] _hash = new byte[SHA256.HashSizeInBytes];

    public AffinityCookie(BackendGroupOptions group, Backend[] backends)
    {
        AffinityOptions options = group.Affinity;
        _mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, options.KeyBytes()!);
        _backends = backends;
        _names = Array.ConvertAll(backends, backend => NameOf(group.Name, backend));
        _lifeSeconds = (long)options.MaxAge.TotalSeconds;
        Name = Encoding.ASCII.GetBytes(options.Cookie);
        Secure = options.Secure;
        string attributes = string.Create(
            null, $"; Path=/; Max-Age={_lifeSeconds}; HttpOnly; SameSite={options.SameSite}");
        string value = $"{options.Cookie}={new string(' ', ValueBytes)}";
        _plain = Encoding.ASCII.GetBytes(value + attributes);
        _secure = Encoding.ASCII.GetBytes(value + attributes + "; Secure");
    }

    public byte[] Name { get; }

    public AffinitySecure Secure { get; }

    /// <summary>Opens a value that a client sent.</summary>
    /// <param name="nowSeconds">Since 1970.</param>
    /// <param name="isOld">Less than half of its life is left.</param>
    /// <returns>
    /// The index of the backend; -1 when the value is not ours, was tampered with, has expired, or is of a backend that
    /// is configured no more.
    /// </returns>
    public int Open(ReadOnlySpan<byte> value, long nowSeconds, out bool isOld)
    {
        isOld = false;
        Span<byte> bytes = stackalloc byte[SealedBytes];
        if (value.Length != ValueBytes
            || Base64Url.DecodeFromUtf8(value, bytes, out _, out int written) != OperationStatus.Done
            || written != SealedBytes)
        {
            return -1;
        }

        long left = BinaryPrimitives.ReadUInt32BigEndian(bytes[sizeof(ulong)..]) - nowSeconds;
        int index = Array.IndexOf(_names, BinaryPrimitives.ReadUInt64BigEndian(bytes));
        if (left <= 0 || left > _lifeSeconds + MaxSkewSeconds || index < 0)
        {
            return -1;
        }

        isOld = left < _lifeSeconds / 2;
        ReadOnlySpan<byte> seal = Seal(CookieDomain, bytes[..ContentBytes])[..(SealedBytes - ContentBytes)];
        return CryptographicOperations.FixedTimeEquals(bytes[ContentBytes..], seal) ? index : -1;
    }

    /// <summary>The value of the Set-Cookie that binds a client; valid until the next call.</summary>
    /// <param name="nowSeconds">Since 1970.</param>
    /// <returns>Empty when the backend is none of these.</returns>
    public ReadOnlySpan<byte> Bind(Backend backend, long nowSeconds, bool isSecure)
    {
        int index = IndexOf(backend.State);
        if (index < 0)
        {
            return default;
        }

        Span<byte> bytes = stackalloc byte[SealedBytes];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _names[index]);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[sizeof(ulong)..], (uint)(nowSeconds + _lifeSeconds));
        Seal(CookieDomain, bytes[..ContentBytes])[..(SealedBytes - ContentBytes)].CopyTo(bytes[ContentBytes..]);
        byte[] written = isSecure ? _secure : _plain;
        _ = Base64Url.EncodeToUtf8(bytes, written.AsSpan(Name.Length + 1), out _, out _);
        return written;
    }

    // The configuration may have changed while the request waited; what the loops share of a backend stays.
    private int IndexOf(BackendState state)
    {
        int index = _backends.Length - 1;
        while (index >= 0 && _backends[index].State != state)
        {
            index--;
        }

        return index;
    }

    private ulong NameOf(string group, Backend backend) => BinaryPrimitives.ReadUInt64BigEndian(
        Seal(NameDomain, Encoding.UTF8.GetBytes($"{group}\n{backend.Address}")));

    private ReadOnlySpan<byte> Seal(byte domain, ReadOnlySpan<byte> content)
    {
        _mac.AppendData([domain]);
        _mac.AppendData(content);
        _ = _mac.GetHashAndReset(_hash);
        return _hash;
    }
}
