using System.Net;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Simulation;

/// <summary>Reloads and drains while clients that stop at <c>close</c> ask all the time, over rough networks.</summary>
[TestFixture]
internal sealed class ChangeUnderLoadTests : EngineFixture
{
    private const int Changes = 50;
    private const int Clients = 12;
    private const int Idle = 10;

    // A request that crosses our FIN is counted while it is lingered for: for longer than the network halts.
    private static readonly Timeouts LongLinger = new() { Linger = TimeSpan.FromSeconds(20) };

    private readonly List<StoppingClient> _clients = [];
    private Faults _faults = Faults.Rough;
    private SimPeer[] _idle = [];
    private SimRandom _random = null!;
    private IPEndPoint _address = null!;

    [Test]
    public void At_fifty_reloads_every_request_is_answered_and_no_connection_is_closed(
        [Range(1, 10)] int seed, [Values(1, 3)] int loops)
    {
        StartUnderLoad(seed, loops, idleCount: Idle);
        for (int i = 0; i < Changes; i++)
        {
            Apply(Changed(Bed.Options, i));
            Net.RunFor(TimeSpan.FromMilliseconds(_random.Next(400)));
        }

        EndLoad();
        foreach (SimPeer peer in _idle)
        {
            peer.Clear();
            Send(peer, Msg.Get());
            Net.RunFor(TimeSpan.FromSeconds(1));
            Assert.That(peer.Text, Does.EndWith("hi"));
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(_clients.Sum(c => c.Lost), Is.Zero, "unanswered");
            Assert.That(_clients.Select(c => c.Connected), Is.All.EqualTo(1));
            Assert.That(Bed.Status.ClientCloses.Where(c => c.Reason != CloseReason.ClientClosed), Is.Empty);
        }
    }

    // A network that halts for longer than the second that a client must have been quiet for lets requests cross our FIN;
    // then each of them is counted, and nothing else is lost.
    [Test]
    public void At_fifty_drains_every_request_on_an_accepted_connection_is_answered(
        [Range(1, 10)] int seed, [Values(1, 3)] int loops, [Values] bool halts)
    {
        _faults = halts ? Faults.Rough : Faults.Splits;
        StartUnderLoad(seed, loops);
        DrainResult[] results = [.. Enumerable.Range(0, Changes).Select(i => DrainOne(i % 2))];
        EndLoad();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(results.Sum(r => r.CutAtDeadline), Is.Zero);
            Assert.That(results.Sum(r => r.ClosedInTime), Is.GreaterThan(Changes));
            Assert.That(halts || Bed.Status.RequestsCrossed == 0, $"{Bed.Status.RequestsCrossed} crossed");
            Assert.That(_clients.Sum(c => c.Lost), Is.EqualTo(
                _clients.Sum(c => c.Connected) - Bed.Status.ClientConnectionsAccepted + Bed.Status.RequestsCrossed));
            Assert.That(_clients.Sum(c => c.ToldToClose), Is.GreaterThanOrEqualTo(Changes));
        }
    }

    // One of the two listeners goes, the clients move to the other one, and it comes back.
    private DrainResult DrainOne(int which)
    {
        _address = Bed.Engine.LocalEndPoints[1 - which];
        Task<DrainResult> drain;
        using (NoContext.Enter())
        {
            drain = Bed.Engine.DrainListenerAsync(Bed.Options.Listeners[which].Name);
        }

        DrainResult result = Net.Wait(drain);
        Net.RunFor(TimeSpan.FromMilliseconds(_random.Next(100)));
        Apply(Bed.Options);
        return result;
    }

    private void StartUnderLoad(int seed, int loops, int idleCount = 0)
    {
        _random = new SimRandom(seed);
        Start(
            o => o with { Listeners = [Named("a"), Named("b")], Timeouts = LongLinger }, backends: 2, seed: seed, loops: loops);
        Bed.AnswerWith(Msg.Ok("hi"));
        _address = Bed.Engine.LocalEndPoints[0];
        _idle = [.. Enumerable.Range(0, idleCount).Select(_ => Ask(Msg.Get()))];
        for (int i = 0; i < Clients; i++)
        {
            _clients.Add(new StoppingClient(Net, _random, _faults, () => _address));
        }

        Net.RunFor(TimeSpan.FromMilliseconds(300));
    }

    private void EndLoad()
    {
        _clients.ForEach(client => client.Stop());
        Net.RunFor(TimeSpan.FromSeconds(2));
        Assert.That(_clients.Sum(c => c.Answered), Is.GreaterThan(Changes));
    }

    private void Apply(LoadBalancerOptions options)
    {
        using NoContext _ = NoContext.Enter();
        Net.Wait(Bed.Engine.ApplyAsync(options));
    }

    private static LoadBalancerOptions Changed(LoadBalancerOptions options, int number) => options with
    {
        Listeners =
        [
            .. options.Listeners.Select(listener => listener with
            {
                KeepAlive = listener.KeepAlive with { IdleTimeout = TimeSpan.FromSeconds(120 + number) },
            }),
            .. number % 3 == 0 ? [Named("c")] : Array.Empty<ListenerOptions>(),
        ],
        Groups =
        [
            options.Groups[0] with
            {
                Backends = number % 2 == 0 ? options.Groups[0].Backends : [options.Groups[0].Backends[number % 4 / 2]],
            },
        ],
    };

    private static ListenerOptions Named(string name) => new()
    {
        Name = name,
        Address = new IPEndPoint(IPAddress.Loopback, 0),
        KeepAlive = new KeepAliveOptions { MaxRequests = 0 },
    };

    /// <summary>Asks some time within 300 ms of each response, until one says close; then on another connection.</summary>
    private sealed class StoppingClient
    {
        private readonly SimNetwork _network;
        private readonly SimRandom _random;
        private readonly Faults _faults;
        private readonly Func<IPEndPoint> _address;
        private readonly SimTimer _timer;
        private SimPeer? _peer;
        private bool _isWaiting;
        private bool _hasStopped;

        public StoppingClient(SimNetwork network, SimRandom random, Faults faults, Func<IPEndPoint> address)
        {
            (_network, _random, _faults, _address) = (network, random, faults, address);
            _timer = new SimTimer(network.Scheduler, Ask);
            Ask();
        }

        public int Connected { get; private set; }

        public int Answered { get; private set; }

        public int ToldToClose { get; private set; }

        /// <summary>Requests that got no whole response.</summary>
        public int Lost { get; private set; }

        public void Stop() => _hasStopped = true;

        private void Ask()
        {
            if (_hasStopped)
            {
                _peer?.Close();
                return;
            }

            _peer ??= Connect();
            _isWaiting = true;
            _peer.Send(Msg.Get());
        }

        private SimPeer Connect()
        {
            _network.Link = new LinkSettings
            {
                Latency = TimeSpan.FromMilliseconds(_random.Next(20)),
                MaxJitter = TimeSpan.FromMilliseconds(_random.Next(5)),
                Faults = _random.Chance(0.5) ? Faults.None : _faults,
            };
            Connected++;
            SimPeer peer = _network.Connect(_address());
            peer.OnReceived = Take;
            peer.OnEnded = End;
            return peer;
        }

        private void Take(SimPeer peer)
        {
            if (!peer.Text.EndsWith("\r\n\r\nhi", StringComparison.Ordinal))
            {
                return;
            }

            Answered++;
            _isWaiting = false;
            if (Msg.Field(peer.Text, "Connection") == "close")
            {
                ToldToClose++;
                _peer = null;
                peer.Close();
            }

            peer.Clear();
            _timer.After(TimeSpan.FromMilliseconds(_random.Next(300)));
        }

        private void End(SimPeer peer)
        {
            peer.Close();
            if (peer == _peer)
            {
                _peer = null;
                Lost += _isWaiting ? 1 : 0;
                _timer.After(TimeSpan.FromMilliseconds(10));
            }
        }
    }
}
