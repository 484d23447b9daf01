using System.Text;
using L7Engine.Tests.Support;

namespace L7Engine.Tests.Simulation;

/// <summary>An engine, a backend and a client that allocate nothing themselves once they are warm.</summary>
internal sealed class AllocationBed
{
    private readonly EngineBed _bed = new(configure: o => o with
    {
        Routes = [new RouteOptions { Path = "/r" }],
        Listeners = [o.Listeners[0] with { KeepAlive = new KeepAliveOptions { MaxRequests = 0 } }],
    });

    private readonly byte[] _request;
    private readonly byte[] _requestEnd;
    private readonly byte[] _response;
    private readonly byte[] _responseEnd;
    private readonly Action<SimPeer> _take;
    private SimPeer _client;
    private int _answers;

    /// <param name="requestEnd">What the request ends with, and nothing in it does.</param>
    /// <param name="responseEnd">What the response ends with, and nothing in it does.</param>
    public AllocationBed(string request, string requestEnd, string response, string responseEnd)
    {
        _request = Encoding.Latin1.GetBytes(request);
        _requestEnd = Encoding.Latin1.GetBytes(requestEnd);
        _response = Encoding.Latin1.GetBytes(response);
        _responseEnd = Encoding.Latin1.GetBytes(responseEnd);
        _take = Take;
        _bed.Backend.OnAccepted = peer => peer.OnReceived = Answer;
        _client = Connect();
    }

    /// <summary>Sends one request after the other on one connection.</summary>
    public void Send(int count)
    {
        int expected = _answers + count;
        for (int i = 0; i < count; i++)
        {
            _client.Send(_request);
            _bed.Network.RunUntilIdle();
        }

        Check(expected);
    }

    /// <summary>Sends each request on a connection of its own.</summary>
    public void SendApart(int count)
    {
        int expected = _answers + count;
        for (int i = 0; i < count; i++)
        {
            _client = Connect();
            _client.Send(_request);
            _bed.Network.RunUntilIdle();
            _client.Close();
            _bed.Network.RunUntilIdle();
        }

        Check(expected);
    }

    private SimPeer Connect()
    {
        SimPeer client = _bed.Connect();
        client.OnReceived = _take;
        return client;
    }

    private void Take(SimPeer peer)
    {
        if (peer.Received.EndsWith(_responseEnd))
        {
            peer.Clear();
            _answers++;
        }
    }

    private void Answer(SimPeer peer)
    {
        if (peer.Received.EndsWith(_requestEnd))
        {
            peer.Clear();
            peer.Send(_response);
        }
    }

    private void Check(int expected)
    {
        if (_answers != expected)
        {
            throw new SimulationException($"{expected - _answers} responses did not come.");
        }
    }
}
