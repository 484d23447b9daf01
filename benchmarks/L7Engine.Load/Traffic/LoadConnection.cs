using L7Engine.Transport.Epoll;

namespace L7Engine.Load.Traffic;

/// <summary>One client: its connection, and the request that is under way on it.</summary>
/// <remarks>Not thread-safe: its loop's thread owns it.</remarks>
internal sealed class LoadConnection(int index)
{
    private byte[] _rest = [];
    private int _restBytes;
    private byte[] _unsent = [];

    /// <summary>Its place among the clients of its loop.</summary>
    public int Index { get; } = index;

    /// <summary>-1 while there is none.</summary>
    public int Descriptor { get; set; } = -1;

    public int Slot { get; set; }

    public bool IsOpen => Descriptor >= 0;

    public bool IsConnecting { get; set; }

    /// <summary>The request that is under way, or that waits for the connection; null between two.</summary>
    public RenderedRequest? Request { get; set; }

    public ulong Id { get; set; }

    /// <summary>When the request should have been sent, in nanoseconds.</summary>
    public long IntendedAt { get; set; }

    /// <summary>Requests on this connection, the one under way included.</summary>
    public int RequestCount { get; set; }

    /// <summary>The target was told that this request is the last, or said so: its end is waited for, so that it is
    /// the target's system that remembers the connection (TIME_WAIT).</summary>
    public bool AwaitsEnd { get; set; }

    /// <summary>How far the response has come.</summary>
    public ResponseReader Reader;

    /// <summary>True when the system did not take all of the request yet.</summary>
    public bool HasUnsent => _unsent.Length > 0;

    public void Clear() => (Request, Reader, _restBytes, _unsent) = (null, default, 0, []);

    /// <summary>Sends the request, with its number.</summary>
    public void Send()
    {
        RenderedRequest request = Request!;
        request.Number(Id);
        RequestCount++;
        byte[] bytes = request.Bytes;
        nint sent = Native.Send(Descriptor, ref bytes[0], bytes.Length, Native.NoSignal);
        if (sent < bytes.Length)
        {
            // Others write their numbers into the same bytes.
            _unsent = bytes[(int)Math.Max(0, sent)..];
        }
    }

    public void SendRest()
    {
        byte[] rest = _unsent;
        nint sent = Native.Send(Descriptor, ref rest[0], rest.Length, Native.NoSignal);
        _unsent = rest[(int)Math.Max(0, sent)..];
    }

    /// <summary>Keeps a head that is not whole yet.</summary>
    public void KeepRest(ReadOnlySpan<byte> rest)
    {
        _restBytes = rest.Length;
        if (rest.Length > _rest.Length)
        {
            _rest = new byte[Math.Max(rest.Length, 1024)];
        }

        rest.CopyTo(_rest);
    }

    /// <summary>Puts what was kept before what is received next.</summary>
    /// <returns>How many bytes it is.</returns>
    public int CopyRest(byte[] received)
    {
        _rest.AsSpan(0, _restBytes).CopyTo(received);
        return _restBytes;
    }
}
