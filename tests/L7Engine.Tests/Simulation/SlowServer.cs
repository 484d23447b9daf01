using L7Engine.Tests.Support;

namespace L7Engine.Tests.Simulation;

/// <summary>A backend that takes its time for each request, and notes what it was asked when.</summary>
internal sealed class SlowServer
{
    private readonly SimNetwork _network;
    private readonly TimeSpan _serviceTime;
    private int _atOnce;

    public SlowServer(SimNetwork network, SimServer server, TimeSpan serviceTime)
    {
        (_network, _serviceTime) = (network, serviceTime);
        server.OnAccepted = peer => peer.OnReceived = Take;
    }

    /// <summary>Requests in the order in which they came.</summary>
    public List<(TimeSpan Time, string Target)> Served { get; } = [];

    /// <summary>The most requests that it had at a time.</summary>
    public int MostAtOnce { get; private set; }

    private void Take(SimPeer peer)
    {
        if (!peer.Text.EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            return;
        }

        Served.Add((_network.Now, peer.Text.Split(' ')[1]));
        peer.Clear();
        MostAtOnce = Math.Max(MostAtOnce, ++_atOnce);
        new SimTimer(_network.Scheduler, () => Answer(peer)).After(_serviceTime);
    }

    private void Answer(SimPeer peer)
    {
        _atOnce--;
        if (!peer.IsClosed)
        {
            peer.Send(Msg.Ok("done"));
        }
    }
}
