using System.Net;

namespace L7Engine.Tests.Support;

/// <summary>An address where a test listens.</summary>
internal sealed class SimServer : ISimListener
{
    private readonly SimNetwork _network;
    private readonly List<SimPeer> _peers = [];
    private bool _isClosed;

    public SimServer(SimNetwork network, IPEndPoint address)
    {
        _network = network;
        Address = network.Bind(address, this);
    }

    public IPEndPoint Address { get; }

    /// <summary>Every connection that came, in order.</summary>
    public IReadOnlyList<SimPeer> Peers => _peers;

    public Action<SimPeer>? OnAccepted { get; set; }

    bool ISimListener.SharesAddress => false;

    /// <summary>Stops listening: from here on connecting is refused. Open connections stay.</summary>
    public void Close()
    {
        if (!_isClosed)
        {
            _isClosed = true;
            _network.Unbind(Address, this);
        }
    }

    bool ISimListener.TryAdmit(SimSocket socket)
    {
        var peer = new SimPeer(socket);
        _peers.Add(peer);
        OnAccepted?.Invoke(peer);
        return true;
    }
}
