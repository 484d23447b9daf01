using System.Net;
using System.Text;

namespace L7Engine.Tests.Support;

/// <summary>A backend in the hands of a test: a callback decides what becomes of each request.</summary>
/// <remarks>What the callback does not answer stays unanswered.</remarks>
internal sealed class ScriptedBackend
{
    private readonly SimServer _server;
    private readonly List<ScriptedRequest> _requests = [];

    /// <param name="address">A port of its own when null.</param>
    public ScriptedBackend(SimNetwork network, IPEndPoint? address = null)
    {
        _server = network.Listen(address);
        _server.OnAccepted = peer => peer.OnReceived = new Inbox(this, peer).OnReceived;
    }

    public IPEndPoint Address => _server.Address;

    /// <summary>Every connection that came, in order.</summary>
    public IReadOnlyList<SimPeer> Connections => _server.Peers;

    /// <summary>Every request that came, in order.</summary>
    public IReadOnlyList<ScriptedRequest> Requests => _requests;

    /// <summary>Called with each request, once it is whole.</summary>
    public Action<ScriptedRequest> OnRequest { get; set; } = request => request.Echo();

    /// <summary>Called with each request as soon as its head is whole, with an empty body; answers early.</summary>
    public Action<ScriptedRequest>? OnHead { get; set; }

    /// <summary>Close a connection when its peer has; on by default, as backends do.</summary>
    public bool ClosesAfterPeer { get; set; } = true;

    /// <summary>Stops listening; open connections stay.</summary>
    public void Stop() => _server.Close();

    /// <summary>As a killed process: nobody listens, and every connection is reset.</summary>
    public void Kill()
    {
        _server.Close();
        foreach (SimPeer peer in _server.Peers)
        {
            peer.Reset();
        }
    }

    // One connection: bytes wait here until a request is whole.
    private sealed class Inbox
    {
        private readonly ScriptedBackend _backend;
        private readonly StringBuilder _text = new();
        private bool _isHeadTold;
        private int _number;

        public Inbox(ScriptedBackend backend, SimPeer peer)
        {
            _backend = backend;
            peer.OnEnded = CloseToo;
        }

        public void OnReceived(SimPeer peer)
        {
            _text.Append(Encoding.Latin1.GetString(peer.Received));
            peer.Clear();
            TellHead(peer);
            while (PlainMessage.TryCut(_text.ToString()) is { } message)
            {
                _text.Remove(0, message.TotalBytes);
                _isHeadTold = false;
                var request = new ScriptedRequest(peer, _number++, message);
                _backend._requests.Add(request);
                _backend.OnRequest(request);
                TellHead(peer);
            }
        }

        private void TellHead(SimPeer peer)
        {
            int headEnd = _text.ToString().IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (!_isHeadTold && headEnd >= 0)
            {
                _isHeadTold = true;
                var head = new PlainMessage(_text.ToString()[..headEnd], "", headEnd + 4);
                _backend.OnHead?.Invoke(new ScriptedRequest(peer, _number, head));
            }
        }

        private void CloseToo(SimPeer peer)
        {
            if (_backend.ClosesAfterPeer)
            {
                peer.Close();
            }
        }
    }
}
