using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace L7Engine.EndToEnd.Tests.Support;

/// <summary>A picture without a palette and with 8 bits for each colour, as browsers write them.</summary>
internal sealed class PngPicture
{
    private readonly byte[] _rows;
    private readonly int _channels;

    private PngPicture(int width, int height, int channels, byte[] rows) =>
        (Width, Height, _channels, _rows) = (width, height, channels, rows);

    public int Width { get; }

    public int Height { get; }

    /// <summary>Red, green and blue together: 0 for black to 765 for white.</summary>
    public int BrightnessAt(int x, int y)
    {
        ReadOnlySpan<byte> pixel = _rows.AsSpan(((y * Width) + x) * _channels, 3);
        return pixel[0] + pixel[1] + pixel[2];
    }

    /// <summary>How many brightnesses there are in a part of the picture: 1 where nothing is drawn.</summary>
    public int BrightnessesBetween(int top, int bottom) =>
    (
        from y in Enumerable.Range(top, bottom - top)
        from x in Enumerable.Range(0, Width)
        select BrightnessAt(x, y)).Distinct().Count();

    public static PngPicture Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        using var packed = new MemoryStream();
        (int width, int height, int channels) = (0, 0, 0);
        for (int at = 8; at < file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            ReadOnlySpan<byte> content = file.AsSpan(at + 8, length);
            switch (Encoding.ASCII.GetString(file, at + 4, 4))
            {
                case "IHDR":
                    width = BinaryPrimitives.ReadInt32BigEndian(content);
                    height = BinaryPrimitives.ReadInt32BigEndian(content[4..]);
                    channels = content[9] == 6 ? 4 : 3;
                    break;
                case "IDAT":
                    packed.Write(content);
                    break;
            }

            at += length + 12;
        }

        packed.Position = 0;
        return new PngPicture(width, height, channels, Unfiltered(packed, width * channels, height, channels));
    }

    // PNG, second edition, section 9: each row begins with its filter and is told by what is left of it and above.
    private static byte[] Unfiltered(Stream packed, int rowBytes, int height, int channels)
    {
        using var rows = new ZLibStream(packed, CompressionMode.Decompress);
        byte[] all = new byte[rowBytes * height];
        byte[] above = new byte[rowBytes];
        for (int y = 0; y < height; y++)
        {
            int filter = rows.ReadByte();
            Span<byte> row = all.AsSpan(y * rowBytes, rowBytes);
            rows.ReadExactly(row);
            for (int x = 0; x < rowBytes; x++)
            {
                (int left, int corner) = x < channels ? (0, 0) : (row[x - channels], above[x - channels]);
                row[x] += (byte)Predicted(filter, left, above[x], corner);
            }

            row.CopyTo(above);
        }

        return all;
    }

    private static int Predicted(int filter, int left, int above, int corner) => filter switch
    {
        1 => left,
        2 => above,
        3 => (left + above) / 2,
        4 => Nearest(left, above, corner),
        _ => 0,
    };

    private static int Nearest(int left, int above, int corner)
    {
        int guess = left + above - corner;
        (int a, int b, int c) = (Math.Abs(guess - left), Math.Abs(guess - above), Math.Abs(guess - corner));
        return a <= b && a <= c ? left : b <= c ? above : corner;
    }
}
