using System.Globalization;
using System.Text;
using L7Engine.Tests.Support;

namespace L7Engine.Tests.Simulation;

/// <summary>Writes chunked bodies, each in one of the many ways that mean the same.</summary>
internal static class ChunkText
{
    // The engine bounds the extensions of a whole message.
    private const int MostExtensions = 20;

    public static byte[] Of(ReadOnlySpan<byte> body, string trailers, SimRandom random)
    {
        var text = new List<byte>(body.Length + 64);
        int extensions = MostExtensions;
        int most = random.Chance(0.5) ? 1 + random.Next(60) : 1 + random.Next(20_000);
        while (!body.IsEmpty)
        {
            int bytes = 1 + random.Next(Math.Min(most, body.Length));
            Add(text, SizeOf(bytes, random, ref extensions));
            text.AddRange(body[..bytes]);
            Add(text, "\r\n");
            body = body[bytes..];
        }

        Add(text, SizeOf(0, random, ref extensions) + trailers + "\r\n");
        return [.. text];
    }

    private static string SizeOf(int bytes, SimRandom random, ref int extensions)
    {
        string zeros = random.Chance(0.05) ? "00" : "";
        string size = bytes.ToString(random.Chance(0.5) ? "x" : "X", CultureInfo.InvariantCulture);
        string extension = random.Chance(0.02) && extensions-- > 0 ? ";a=\"b\\\"\"" : "";
        return zeros + size + extension + "\r\n";
    }

    private static void Add(List<byte> text, string part) => text.AddRange(Encoding.Latin1.GetBytes(part));
}
