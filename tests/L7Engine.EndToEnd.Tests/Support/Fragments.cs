using System.Globalization;
using System.Text;

namespace L7Engine.EndToEnd.Tests.Support;

/// <summary>Messages with bodies in every framing, sent in pieces that chance cuts.</summary>
internal static class Fragments
{
    /// <summary>The field that tells the framing of a body.</summary>
    public static string FramingField(bool isChunked, int bytes) => isChunked
        ? "Transfer-Encoding: chunked\r\n"
        : string.Create(CultureInfo.InvariantCulture, $"Content-Length: {bytes}\r\n");

    /// <summary>A head and a body as one run of bytes.</summary>
    public static byte[] Message(string head, byte[] body, bool isChunked, Random random)
    {
        var message = new MemoryStream();
        message.Write(Encoding.ASCII.GetBytes(head));
        if (isChunked)
        {
            WriteChunks(message, body, random);
        }
        else
        {
            message.Write(body);
        }

        return message.ToArray();
    }

    /// <summary>Sends bytes in a few writes of chance sizes, some of them a single byte.</summary>
    public static async Task SendAsync(WireStream to, byte[] bytes, Random random)
    {
        int pieces = random.Next(1, 6);
        for (int at = 0; at < bytes.Length;)
        {
            int left = bytes.Length - at;
            int size = --pieces <= 0 ? left : random.Next(1, 1 + Math.Min(left, Scale(random)));
            await to.SendAsync(bytes.AsMemory(at, size));
            at += size;
        }
    }

    /// <returns>Mostly small, at times as large as several buffers of the engine.</returns>
    public static int Size(Random random) => random.Next(10) switch
    {
        0 => 0,
        9 => random.Next(300_000),
        _ => random.Next(3_000),
    };

    private static int Scale(Random random) => random.Next(3) switch { 0 => 1, 1 => 200, _ => 70_000 };

    private static void WriteChunks(MemoryStream message, byte[] body, Random random)
    {
        for (int at = 0; at < body.Length;)
        {
            int size = random.Next(1, 1 + Math.Min(body.Length - at, Scale(random) + 1_000));
            message.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{size:x}\r\n")));
            message.Write(body, at, size);
            message.Write("\r\n"u8);
            at += size;
        }

        message.Write("0\r\n\r\n"u8);
    }
}
