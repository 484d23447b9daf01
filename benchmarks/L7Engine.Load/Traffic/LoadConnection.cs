namespace L7Engine.Load.Traffic;

/// <summary>One client: its connection, and the request that is under way on it.</summary>
/// <remarks>Not thread-safe: its loop's thread owns it.</remarks>
internal sealed class LoadConnection(int index)
{
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

    /// <summary>A head that is not whole yet.</summary>
    public byte[] Rest { get; set; } = [];

    public int RestBytes { get; set; }

    /// <summary>What the system did not take of the request yet.</summary>
    public byte[] Unsent { get; set; } = [];

    public void Clear()
    {
        (Request, Reader, RestBytes, Unsent) = (null, default, 0, []);
    }
}
