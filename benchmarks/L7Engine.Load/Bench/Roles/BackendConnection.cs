namespace L7Engine.Load.Bench.Roles;

/// <summary>A connection to the backend.</summary>
/// <remarks>Not thread-safe: the loop's thread owns it.</remarks>
internal sealed class BackendConnection(BackendListener listener, int descriptor)
{
    public BackendListener Listener { get; } = listener;

    public int Descriptor { get; } = descriptor;

    public int Slot { get; set; }

    /// <summary>A head that is not whole yet.</summary>
    public byte[] Rest { get; set; } = [];

    /// <summary>What the system did not take of the response yet.</summary>
    public ReadOnlyMemory<byte> Unsent { get; set; }

    /// <summary>True when the response that is being sent is the last one.</summary>
    public bool IsLast { get; set; }
}
