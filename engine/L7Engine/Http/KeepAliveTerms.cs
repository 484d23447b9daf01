using System.Buffers.Text;
using System.Text;

namespace L7Engine.Http;

/// <summary>The parameters of a Keep-Alive field (RFC 2068 section 19.7.1.1).</summary>
/// <param name="TimeoutSeconds">0 writes none.</param>
/// <param name="RequestsLeft">On this connection, after this one; 0 writes none.</param>
internal readonly record struct KeepAliveTerms(int TimeoutSeconds, int RequestsLeft)
{
    private const int MaxTimeoutSeconds = 86_400;

    public bool IsEmpty => TimeoutSeconds == 0 && RequestsLeft == 0;

    /// <summary>Reads the timeout out of a field's value; whatever is malformed says nothing.</summary>
    /// <returns>1 to a day; 0 when there is none.</returns>
    public static int TimeoutIn(ReadOnlySpan<byte> value)
    {
        foreach (ReadOnlySpan<byte> element in new ListElements(value))
        {
            int equals = element.IndexOf((byte)'=');
            if (equals > 0 && Ascii.EqualsIgnoreCase(element[..equals].TrimEnd(HttpBytes.OptionalSpace), "timeout"u8)
                && Utf8Parser.TryParse(
                    element[(equals + 1)..].TrimStart(HttpBytes.OptionalSpace), out uint seconds, out int read)
                && read == element[(equals + 1)..].TrimStart(HttpBytes.OptionalSpace).Length)
            {
                return (int)Math.Min(seconds, MaxTimeoutSeconds);
            }
        }

        return 0;
    }
}
