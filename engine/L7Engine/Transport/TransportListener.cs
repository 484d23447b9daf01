using System.Net;

namespace L7Engine.Transport;

/// <summary>A bound address on one loop.</summary>
/// <remarks>Not thread-safe: the loop's thread owns it.</remarks>
internal abstract class TransportListener
{
    /// <summary>The bound address: the real port, where port 0 was asked for.</summary>
    public abstract IPEndPoint Address { get; }

    /// <summary>Called when the process or the system has run out of descriptors or buffers: accepting pauses for
    /// 100 ms or until a connection closes. The argument is the errno.</summary>
    public Action<int>? AcceptPaused { get; set; }

    /// <returns>The next connection, or null once the listener is closed.</returns>
    public abstract ValueTask<TransportConnection?> AcceptAsync();

    /// <summary>Stops or resumes accepting; connections wait in the backlog meanwhile.</summary>
    public abstract void SetAccepting(bool accepting);

    /// <summary>Takes other settings for connections that come from here on; those that fix the address stay.</summary>
    public abstract void Configure(in ListenSettings settings);

    /// <summary>Takes no more connections that other loops have accepted; those on their way still arrive.</summary>
    public virtual void StopSharing()
    {
    }

    /// <summary>Closes the address; a pending accept ends with null. Connections in the backlog are reset.</summary>
    public abstract void Close();

    /// <summary>
    /// Closes the address once the backlog is empty: <see cref="AcceptAsync"/> delivers what is there, then null. While
    /// accepting is off it waits.
    /// </summary>
    public virtual void Finish() => Close();
}
