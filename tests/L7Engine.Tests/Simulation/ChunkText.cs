using System.Globalization;
using System.Text;
using L7Engine.Tests.Support;

namespace L7Engine.Tests.Simulation;

/// <summary>Writes chunked bodies, each in one of the many ways that mean the same.</summary>
internal static class ChunkText
{
    public static byte[] Of(ReadOnlySpan<byte> body, string trailers, SimRandom random)
    {
        var text = new List<byte>(body.Length + 64);
        int most = random.Chance(0.5) ? 1 + random.Next(60) : 1 + random.Next(20_000);
        while (!body.IsEmpty)
        {
            int bytes = 1 + random.Next(Math.Min(most, body.Length));
            Add(text, SizeOf(bytes, random));
            text.AddRange(body[..bytes]);
            Add(text, "\r\n");
            body = body[bytes..];
        }

        Add(text, SizeOf(0, random) + trailers + "\r\n");
        return [.. text];
    }

    // Only a few: the engine bounds the extensions of a whole message.
    private static string SizeOf(int bytes, SimRandom random)
    {
        string zeros = random.Chance(0.05) ? "00" : "";
        string size = bytes.ToString(random.Chance(0.5) ? "x" : "X", CultureInfo.InvariantCulture);
        string extension = random.Chance(0.005) ? ";a=\"b\\\"\"" : "";
        return zeros + size + extension + "\r\n";
    }

    private static void Add(List<byte> text, string part) => text.AddRange(Encoding.Latin1.GetBytes(part));
}
