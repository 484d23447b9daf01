using System.Net;
using L7Engine.Tests.Support;

namespace L7Engine.Tests.Simulation;

/// <summary>What a client has to put up with, and why not with more.</summary>
internal enum Excuse
{
    /// <summary>Only the whole and right response will do.</summary>
    None,

    /// <summary>The connection may end before a response, but not in it.</summary>
    Nothing,

    /// <summary>An error of the engine's, a response that is visibly cut, or none at all; never a stranger's byte.</summary>
    Anything,
}

/// <summary>What came of the exchanges of a run.</summary>
internal sealed class Tally
{
    public int Whole { get; set; }

    public int Own { get; set; }

    public int Cut { get; set; }

    public int Unanswered { get; set; }

    public int Tunnels { get; set; }

    public void Count(bool isOwn)
    {
        Whole += isOwn ? 0 : 1;
        Own += isOwn ? 1 : 0;
    }
}

/// <summary>One run of clients, an engine and backends on a network in memory, all by one seed.</summary>
internal sealed class SimRun : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(2);

    private readonly List<RandomClient> _clients = [];
    private readonly HashSet<int> _atFault = [];
    private readonly List<string> _notes = [];
    private readonly FaultLog _log = new();
    private readonly bool _keepsNotes;
    private readonly LoadBalancer _engine;
    private bool _isPlayed;

    public SimRun(RunPlan plan, bool keepsNotes = false)
    {
        Plan = plan;
        _keepsNotes = keepsNotes;
        Random = new SimRandom(plan.Seed ^ 0x5EED);
        Network = new SimNetwork(plan.Seed);
        SimServer[] backends = [.. Enumerable.Range(0, plan.Backends).Select(_ => Listen())];
        BackendAuthorities = [.. backends.Select(b => b.Address.ToString())];
        _engine = new LoadBalancer(
            plan.Options(backends.Select(b => b.Address)), _log, new MemoryTransport(Network), Network.Clock, new Random(plan.Seed));
        Backends = backends;
    }

    public RunPlan Plan { get; }

    public SimRandom Random { get; }

    public SimNetwork Network { get; }

    public Dictionary<int, Ticket> Tickets { get; } = [];

    public Tally Tally { get; } = new();

    public string[] BackendAuthorities { get; }

    public SimServer[] Backends { get; }

    /// <summary>A backend has sent bytes that nobody asked for: they may be in the way of anyone.</summary>
    public bool HasGarbage { get; set; }

    public bool IsDraining { get; private set; }

    public string Notes => string.Join('\n', _notes);

    /// <summary>Why connections were closed so far.</summary>
    public string Closes => string.Join(", ", _engine.GetStatus().ClientCloses.Concat(_engine.GetStatus().BackendCloses));

    public static int TunnelUpBytes(ExchangePlan plan) => plan.AnswerBytes / 3;

    /// <summary>Plays it to its end and checks all that must hold then.</summary>
    public void Play()
    {
        Task start = _engine.StartAsync();
        Network.RunUntilIdle();
        start.GetAwaiter().GetResult();
        CreateClients();
        ScheduleEvents();
        if (!Network.Scheduler.TryRunUntil(() => _clients.TrueForAll(c => c.IsDone), Longest.Ticks))
        {
            throw new SimulationException("Hangs: " + string.Join("; ", _clients.Where(c => !c.IsDone)));
        }

        Task<DrainResult>? drain = IsDraining || Plan.Seed % 2 == 0 ? Drain() : null;
        Network.RunFor(Longest);
        Invariants.Check(_engine, Network, _log, Backends);
        drain?.GetAwaiter().GetResult();
        _isPlayed = true;
    }

    public void Dispose()
    {
        _log.Dispose();
        if (!_isPlayed)
        {
            // What is left of a run that failed would only fail again.
            return;
        }

        Task end = _engine.DisposeAsync().AsTask();
        Network.RunUntilIdle();
        end.GetAwaiter().GetResult();
    }

    public SimPeer Connect(IPAddress from)
    {
        Network.Link = Plan.LinkOf(Random);
        return Network.Connect(_engine.LocalEndPoints[0], from);
    }

    /// <summary>The rest of a client's requests, on another connection.</summary>
    public void GoOn(ClientPlan plan, Ticket[] rest)
    {
        if (rest.Length > 0)
        {
            _clients.Add(new RandomClient(
                this, plan with { Fault = ClientFault.None, StartsAt = TimeSpan.FromMilliseconds(10) }, rest));
        }
    }

    public void MarkAtFault(IEnumerable<Ticket> tickets) => _atFault.UnionWith(tickets.Select(t => t.Plan.Id));

    public bool MustBeWhole(Ticket ticket) => ExcuseOf(ticket) == Excuse.None;

    /// <summary>What has happened that a client may have to bear.</summary>
    public Excuse ExcuseOf(Ticket ticket)
    {
        bool isStranded = Plan.HasResets || HasGarbage || IsLost(ticket) || _atFault.Contains(ticket.Plan.Id);
        return isStranded || ticket.IsSpoilt ? Excuse.Anything : IsDraining ? Excuse.Nothing : Excuse.None;
    }

    /// <summary>True when nothing but its backend's fault excuses anything.</summary>
    public bool IsSpoiltAlone(Ticket ticket) => ticket.IsSpoilt
        && !Plan.HasResets && !HasGarbage && !IsDraining && !IsLost(ticket) && !_atFault.Contains(ticket.Plan.Id);

    // A request without a body can always be sent again; one that may not be repeated fails with its connection.
    private bool IsLost(Ticket ticket) => Plan.HasIdleCloses
        && (Plan.HasIdleAnswers || !(ticket.Plan.IsRepeatable && ticket.Plan.RequestFraming == Framing.None));

    public void Note(string what)
    {
        if (_keepsNotes)
        {
            _notes.Add($"{Network.Now.TotalSeconds:0.000} {Network.Scheduler.Steps} {what}");
        }
    }

    private SimServer Listen()
    {
        SimServer server = Network.Listen();
        server.OnAccepted = peer =>
        {
            // What the next connection of the engine is like; this one was opened with what was set before.
            Network.Link = Plan.LinkOf(Random);
            _ = new RandomBackend(this, peer);
        };
        return server;
    }

    private void CreateClients()
    {
        int id = 1;
        for (int i = 0; i < Plan.Clients; i++)
        {
            var plan = ClientPlan.Of(i, id, Random, Plan);
            Ticket[] tickets = [.. plan.Exchanges.Select(exchange => new Ticket(exchange, plan))];
            foreach (Ticket ticket in tickets)
            {
                Tickets.Add(ticket.Plan.Id, ticket);
            }

            id += tickets.Length;
            _clients.Add(new RandomClient(this, plan, tickets));
        }
    }

    private void ScheduleEvents()
    {
        if (Plan.HasRefusals && Plan.Backends > 1)
        {
            new SimTimer(Network.Scheduler, () => Network.SetOutcome(Backends[0].Address, ConnectOutcome.Refused))
                .After(TimeSpan.FromMilliseconds(Random.Next(1 + Plan.MaxStartMilliseconds)));
        }

        if (Plan.DrainsEarly)
        {
            new SimTimer(Network.Scheduler, () => _ = Drain())
                .After(TimeSpan.FromMilliseconds(Random.Next(1 + Plan.MaxStartMilliseconds)));
        }
    }

    private Task<DrainResult> Drain()
    {
        IsDraining = true;
        return _engine.DrainAsync();
    }
}
