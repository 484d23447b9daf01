using System.Buffers.Text;
using System.Diagnostics;

namespace L7Engine.Http;

/// <summary>Writes a head from left to right. The caller has made sure of the room (<c>MaxBytes</c>).</summary>
internal ref struct HeadCursor(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    public int Position { get; private set; }

    public void Write(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_destination[Position..]);
        Position += bytes.Length;
    }

    public void Write(long number)
    {
        bool fits = Utf8Formatter.TryFormat(number, _destination[Position..], out int digits);
        Debug.Assert(fits);
        Position += digits;
    }

    /// <param name="nameAndColon">As in <c>"Host: "</c>.</param>
    public void WriteField(scoped ReadOnlySpan<byte> nameAndColon, scoped ReadOnlySpan<byte> value)
    {
        Write(nameAndColon);
        Write(value);
        Write("\r\n"u8);
    }

    public void WriteField(scoped ReadOnlySpan<byte> nameAndColon, long value)
    {
        Write(nameAndColon);
        Write(value);
        Write("\r\n"u8);
    }

    /// <summary>Content-Length or Transfer-Encoding, written anew and never copied.</summary>
    public void WriteFraming(BodyFraming framing)
    {
        if (framing.Kind == BodyKind.Chunked)
        {
            Write("Transfer-Encoding: chunked\r\n"u8);
        }
        else if (framing.Kind == BodyKind.Length)
        {
            WriteField("Content-Length: "u8, framing.Bytes);
        }
    }

    /// <summary>Our element of Via, with the version that was received (RFC 9110 section 7.6.3).</summary>
    /// <param name="pseudonym">As in <c>l7engine (token)</c>; empty writes nothing.</param>
    public void WriteVia(HttpVersion received, scoped ReadOnlySpan<byte> pseudonym)
    {
        if (!pseudonym.IsEmpty)
        {
            WriteField(received == HttpVersion.Http10 ? "Via: 1.0 "u8 : "Via: 1.1 "u8, pseudonym);
        }
    }

    /// <summary>The field of these terms, or none when there are none.</summary>
    public void WriteKeepAlive(in KeepAliveTerms terms)
    {
        if (terms.IsEmpty)
        {
            return;
        }

        Write("Keep-Alive: "u8);
        if (terms.TimeoutSeconds > 0)
        {
            Write("timeout="u8);
            Write(terms.TimeoutSeconds);
        }

        if (terms.RequestsLeft > 0)
        {
            Write(terms.TimeoutSeconds > 0 ? ", max="u8 : "max="u8);
            Write(terms.RequestsLeft);
        }

        Write("\r\n"u8);
    }

    /// <summary>The options in one field, or no field when there are none.</summary>
    public void WriteConnection(
        scoped ReadOnlySpan<byte> first, scoped ReadOnlySpan<byte> second, scoped ReadOnlySpan<byte> third = default)
    {
        if (first.IsEmpty && second.IsEmpty && third.IsEmpty)
        {
            return;
        }

        Write("Connection: "u8);
        Write(first);
        WriteFurther(second, isFirst: first.IsEmpty);
        WriteFurther(third, isFirst: first.IsEmpty && second.IsEmpty);
        Write("\r\n"u8);
    }

    private void WriteFurther(scoped ReadOnlySpan<byte> option, bool isFirst)
    {
        if (!isFirst && !option.IsEmpty)
        {
            Write(", "u8);
        }

        Write(option);
    }
}
