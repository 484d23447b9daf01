using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using L7Engine.Tests.Support;

namespace L7Engine.Tests.Simulation;

/// <summary>How the body of a message ends.</summary>
internal enum Framing
{
    None,
    Length,
    Chunked,
    UntilClose,
}

/// <summary>Takes messages from a stream as plainly as can be: what the engine sends is compared with what this understands.</summary>
/// <remarks>As strict as a peer could be: minimal chunk sizes, no extensions. It shares no code with the engine.</remarks>
internal sealed class WireReader
{
    private byte[] _bytes = new byte[1024];
    private int _start;
    private int _end;
    private Framing _framing;
    private int _left;
    private bool _isBehindData;

    public bool HasBytes => _end > _start;

    /// <summary>The trailer section of the last chunked body; null when it had none.</summary>
    public WireHead? Trailers { get; private set; }

    private ReadOnlySpan<byte> Rest => _bytes.AsSpan(_start, _end - _start);

    public void Feed(ReadOnlySpan<byte> bytes)
    {
        if (_end + bytes.Length > _bytes.Length)
        {
            byte[] larger = new byte[Math.Max(_bytes.Length, 2 * (_end - _start + bytes.Length))];
            Rest.CopyTo(larger);
            (_bytes, _start, _end) = (larger, 0, _end - _start);
        }

        bytes.CopyTo(_bytes.AsSpan(_end));
        _end += bytes.Length;
    }

    public bool TryTakeHead([NotNullWhen(true)] out WireHead? head)
    {
        int length = Rest.IndexOf("\r\n\r\n"u8);
        head = length < 0 ? null : new WireHead(Encoding.Latin1.GetString(Rest[..length]));
        _start += length < 0 ? 0 : length + 4;
        return head is not null;
    }

    public void BeginBody(Framing framing, int length = 0) =>
        (_framing, _left, _isBehindData, Trailers) = (framing, framing == Framing.Length ? length : 0, false, null);

    /// <summary>Takes bytes of the body, as many as lie in one piece.</summary>
    /// <param name="isEnd">The body is whole with these.</param>
    public ReadOnlySpan<byte> TakeBody(out bool isEnd)
    {
        isEnd = _framing == Framing.None || (_framing == Framing.Chunked && _left == 0 && TryTakeChunkLine());
        int bytes = _framing == Framing.UntilClose ? Rest.Length : Math.Min(_left, Rest.Length);
        ReadOnlySpan<byte> taken = Rest[..bytes];
        _start += bytes;
        _left -= _framing == Framing.UntilClose ? 0 : bytes;
        isEnd |= _framing == Framing.Length && _left == 0;
        return taken;
    }

    /// <summary>Takes what is there, whatever it is.</summary>
    public ReadOnlySpan<byte> TakeAll()
    {
        ReadOnlySpan<byte> all = Rest;
        _start = _end;
        return all;
    }

    // The end of the chunk before, and the size of the next one with it: or nothing at all.
    private bool TryTakeChunkLine()
    {
        string end = _isBehindData ? "\r\n" : "";
        if (Rest.Length < end.Length)
        {
            return false;
        }

        ReadOnlySpan<byte> line = Rest[end.Length..];
        int length = line.IndexOf("\r\n"u8);
        if (length < 0)
        {
            return false;
        }

        if (_isBehindData && !Rest.StartsWith("\r\n"u8))
        {
            throw new SimulationException("No line end behind the data of a chunk.");
        }

        string size = Encoding.Latin1.GetString(line[..length]);
        int bytes = int.Parse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        if (size != bytes.ToString("x", CultureInfo.InvariantCulture))
        {
            throw new SimulationException($"'{size}' is not how the engine writes a chunk size.");
        }

        return bytes == 0 ? TryTakeTrailers(end.Length + length) : BeginChunk(end.Length + length + 2, bytes);
    }

    private bool BeginChunk(int lineBytes, int dataBytes)
    {
        _start += lineBytes;
        _left = dataBytes;
        _isBehindData = true;
        return false;
    }

    private bool TryTakeTrailers(int lineEnd)
    {
        ReadOnlySpan<byte> section = Rest[lineEnd..];
        int length = section.IndexOf("\r\n\r\n"u8);
        if (length < 0)
        {
            return false;
        }

        Trailers = length == 0 ? null : new WireHead(Encoding.Latin1.GetString(section[2..length]));
        _start += lineEnd + length + 4;
        return true;
    }
}
