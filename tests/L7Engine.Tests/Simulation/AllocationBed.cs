using System.Text;
using L7Engine.Tests.Support;

namespace L7Engine.Tests.Simulation;

/// <summary>An engine, a backend and a client that allocate nothing themselves once they are warm.</summary>
internal sealed class AllocationBed
{
    private readonly EngineBed _bed;

    private readonly byte[] _request;
    private readonly byte[] _requestEnd;
    private readonly byte[] _response;
    private readonly byte[] _responseEnd;
    private readonly Action<SimPeer> _take;
    private SimPeer _client;
    private SimPeer[]? _together;
    private int _answers;

    /// <param name="places">Requests that the backend may have at a time; 0 for any number.</param>
    /// <param name="requestEnd">What the request ends with, and nothing in it does.</param>
    /// <param name="responseEnd">What the response ends with, and nothing in it does.</param>
    public AllocationBed(string request, string requestEnd, string response, string responseEnd, int places = 0)
    {
        _bed = new EngineBed(configure: o => o with
        {
            Routes = [new RouteOptions { Path = "/r" }],
            Listeners = [o.Listeners[0] with { KeepAlive = new KeepAliveOptions { MaxRequests = 0 } }],
            Groups = [o.Groups[0] with { Backends = [o.Groups[0].Backends[0] with { MaxConnections = places }] }],
        });
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

    /// <summary>Requests that had to wait for a place at the backend.</summary>
    public long Queued => _bed.Status.Groups[0].RequestsQueued;

    /// <summary>Sends requests on four connections at once, again and again.</summary>
    public void SendTogether(int count)
    {
        SimPeer[] clients = _together ??= [.. Enumerable.Range(0, 4).Select(_ => Connect())];
        int expected = _answers + (count / clients.Length * clients.Length);
        for (int i = 0; i < count / clients.Length; i++)
        {
            foreach (SimPeer client in clients)
            {
                client.Send(_request);
            }

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
