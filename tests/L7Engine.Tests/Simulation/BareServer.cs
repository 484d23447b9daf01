using System.Net;
using L7Engine.Tests.Support;

namespace L7Engine.Tests.Simulation;

/// <summary>Answers whatever comes with as many bytes, one connection at a time, and allocates nothing for it.</summary>
internal sealed class BareServer : ISimListener, ISocketOwner
{
    private readonly byte[] _response;
    private readonly byte[] _room = new byte[4096];
    private SimSocket _socket = null!;

    public BareServer(SimNetwork network, int responseBytes)
    {
        _response = new byte[responseBytes];
        Address = network.Bind(new IPEndPoint(IPAddress.Loopback, 0), this);
    }

    public IPEndPoint Address { get; }

    bool ISimListener.SharesAddress => false;

    bool ISimListener.TryAdmit(SimSocket socket)
    {
        _socket = socket;
        socket.Owner = this;
        return true;
    }

    void ISocketOwner.OnSocketEvent()
    {
        int received = _socket.IsClosed ? SimSocket.WouldBlock : _socket.Receive(_room);
        if (received > 0)
        {
            _socket.Send(_response);
        }
        else if (received == 0)
        {
            _socket.Close(reset: false);
        }
    }
}
