using System.Net.Sockets;

namespace L7Engine.Transport.Portable;

/// <summary>The answer to a listener that asked for a connection.</summary>
/// <param name="Socket">The connection, or null with the error that there is none for.</param>
internal sealed record Accepted(PortableListener Listener, Socket? Socket, SocketError Error) : INotice
{
    public void Note()
    {
        // There is nobody yet to tell.
    }

    public void Pump() => Listener.Take(this);
}
