using System.Text;

namespace L7Engine.Host.Configuration;

/// <summary>The bytes of a file, and where in it something stands as an editor shows it.</summary>
internal sealed class ConfigSource
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    public ConfigSource(string name, byte[] bytes)
    {
        Name = name;
        Bytes = bytes.AsMemory(bytes.AsSpan().StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0);
    }

    public string Name { get; }

    /// <summary>The bytes without a byte order mark.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <returns>Line and column, both from 1; the column counts characters, not bytes.</returns>
    public (int Line, int Column) At(int offset)
    {
        ReadOnlySpan<byte> before = Bytes.Span[..Math.Clamp(offset, 0, Bytes.Length)];
        int lineStart = before.LastIndexOf((byte)'\n') + 1;
        return (before.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(before[lineStart..]) + 1);
    }
}
