using System.Globalization;
using L7Engine.Tests.Support;

namespace L7Engine.Tests.Simulation;

/// <summary>A backend that closes what was idle for exactly its limit, and counts what it has executed.</summary>
internal sealed class IdleLimitBackend
{
    private readonly SimNetwork _network;
    private readonly Dictionary<string, int> _executed = [];

    public IdleLimitBackend(SimNetwork network, SimServer server)
    {
        _network = network;
        server.OnAccepted = peer => _ = new Life(this, peer);
    }

    /// <summary>For what becomes idle from here on.</summary>
    public TimeSpan Limit { get; set; }

    /// <summary>It ends with RST instead of FIN.</summary>
    public bool Resets { get; init; }

    /// <summary>It says so; its limit is whole seconds then.</summary>
    public bool Announces { get; init; }

    /// <summary>How often each POST was executed, by its target.</summary>
    public IReadOnlyDictionary<string, int> Executed => _executed;

    private string Fields => Announces
        ? string.Create(CultureInfo.InvariantCulture, $"Keep-Alive: timeout={(int)Limit.TotalSeconds}\r\n")
        : "";

    private sealed class Life
    {
        private readonly IdleLimitBackend _backend;
        private readonly SimPeer _peer;
        private int _served;

        public Life(IdleLimitBackend backend, SimPeer peer)
        {
            (_backend, _peer) = (backend, peer);
            peer.OnReceived = Take;
            peer.OnEnded = p => p.Close();
        }

        private void Take(SimPeer peer)
        {
            string text = peer.Text;
            if (!text.Contains("\r\n\r\n", StringComparison.Ordinal))
            {
                return;
            }

            peer.Clear();
            string[] line = text.Split(' ', 3);
            if (line[0] == "POST")
            {
                _backend._executed[line[1]] = _backend._executed.GetValueOrDefault(line[1]) + 1;
            }

            peer.Send(Msg.Ok(line[1], _backend.Fields));
            int served = ++_served;


            // A timer of its own: a network that waits for nothing else is idle.
            SimScheduler scheduler = _backend._network.Scheduler;
            scheduler.TickAt(new SimActor(() => CloseUnlessServed(served)), scheduler.Now + _backend.Limit.Ticks);
        }

        private void CloseUnlessServed(int served)
        {
            if (_served != served)
            {
                return;
            }

            if (_backend.Resets)
            {
                _peer.Reset();
            }
            else
            {
                _peer.Close();
            }
        }
    }
}
