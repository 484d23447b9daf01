using L7Engine.Tests.Support;
using L7Engine.Transport;

namespace L7Engine.Tests.Transport;

/// <summary>A connection of a loop in memory, and its peer in the hands of a test.</summary>
internal sealed class OneConnection
{
    public OneConnection(LinkSettings? link = null)
    {
        Net = new SimNetwork(seed: 1) { Link = link ?? new LinkSettings() };
        Loop = Net.CreateLoop();
        SimServer server = Net.Listen();
        Task<ConnectResult> connecting =
            Loop.Do(() => Loop.ConnectAsync(server.Address, default, long.MaxValue).AsTask());
        Connection = Net.Wait(connecting).Connection!;
        Net.RunUntilIdle();
        Peer = server.Peers[0];
    }

    public SimNetwork Net { get; }

    public MemoryLoop Loop { get; }

    public TransportConnection Connection { get; }

    public SimPeer Peer { get; }

    public void Arrive(string text)
    {
        Peer.Send(text);
        Net.RunUntilIdle();
    }
}
