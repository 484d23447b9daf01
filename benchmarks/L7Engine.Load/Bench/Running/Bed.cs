using System.Globalization;
using System.Net;
using L7Engine.Load.Bench.Machine;
using L7Engine.Load.Bench.Roles;

namespace L7Engine.Load.Bench.Running;

/// <summary>All processes of a run, and what can be measured of them.</summary>
/// <remarks>Not thread-safe. Disposed, none of its processes is left.</remarks>
internal sealed class Bed : IAsyncDisposable
{
    private readonly BenchSettings _settings;
    private readonly CancellationToken _stop;
    private readonly RunProcesses _processes;
    private readonly PeerProcesses _peers;
    private readonly List<Mode> _modes = [];
    private readonly List<Subject> _subjects = [];
    private readonly List<string> _remarks = [];
    private readonly List<string> _missingPeers = [];

    private Bed(BenchSettings settings, CancellationToken stop)
    {
        (_settings, _stop) = (settings, stop);
        _processes = new RunProcesses(settings, stop);
        _peers = new PeerProcesses(_processes, Placement.Subject, settings, stop);
    }

    public Placement Placement { get; } = Placement.Of(Processors.Allowed(), Processors.SiblingsOf);

    public Child Generator { get; private set; } = null!;

    /// <summary>Null where a target of others is measured.</summary>
    public Child? Backend { get; private set; }

    public IReadOnlyList<Mode> Modes => _modes;

    /// <summary>Names, versions and configurations; without figures.</summary>
    public IReadOnlyList<Subject> Subjects => _subjects;

    public IReadOnlyList<string> Remarks => _remarks;

    public IReadOnlyList<string> MissingPeers => _missingPeers;

    /// <exception cref="BenchException">Something does not start.</exception>
    public static async Task<Bed> StartAsync(BenchSettings settings, CancellationToken stop)
    {
        var bed = new Bed(settings, stop);
        try
        {
            bed.Generator = await bed._processes.StartAsync(
                bed.Placement.Generator, "the generator", BenchRole.Generator);
            await (settings.Target is { } target ? bed.AddTargetAsync(target) : bed.StartSubjectsAsync());
            return bed;
        }
        catch
        {
            await bed.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _processes.DisposeAsync();
        _peers.DeleteFolders();
    }

    private static IEnumerable<(ConnectionMode Client, ConnectionMode Backend)> Quadrants =>
        from client in Enum.GetValues<ConnectionMode>()
        from backend in Enum.GetValues<ConnectionMode>()
        select (client, backend);

    private async Task AddTargetAsync(Uri target)
    {
        IPEndPoint place = await TargetPlace.FindAsync(target, _stop);
        const string Name = "target";
        _subjects.Add(new Subject { Name = Name, Version = target.ToString(), Quadrants = [] });
        _modes.AddRange(Enum.GetValues<ConnectionMode>().Select(client => new Mode
        {
            Subject = Name,
            Client = client,
            Address = place,
            Host = TargetPlace.HostOf(target),
            Path = target.PathAndQuery,
        }));
        _remarks.Add("The target was already running: its CPU time, its memory and its own backend connections are not "
            + "known.");
    }

    private async Task StartSubjectsAsync()
    {
        Backend = await _processes.StartAsync(
            Placement.Backend, "the backend", BenchRole.Backend, NextPort(), NextPort());
        IPEndPoint[] addresses = [.. Backend.Ready.Split(' ').Select(IPEndPoint.Parse)];
        await StartEngineAsync(addresses);
        foreach (Peer peer in _settings.WithPeers ? Peer.All : [])
        {
            await StartPeerAsync(peer, addresses);
        }

        _subjects.Add(new Subject { Name = Subject.Direct, Version = "no proxy", Quadrants = [] });
        ConnectionMode[] direct = _settings.IsFull
            ? Enum.GetValues<ConnectionMode>()
            : [ConnectionMode.KeepAlive];
        _modes.AddRange(direct.Select(
            client => new Mode { Subject = Subject.Direct, Client = client, Address = addresses[0] }));
    }

    private async Task StartEngineAsync(IPEndPoint[] backends)
    {
        const string Name = "l7engine";
        Mode[] modes = await Task.WhenAll(Quadrants.ToArray().Select(async quadrant =>
        {
            Child engine = await _processes.StartAsync(
                Placement.Subject, "the engine", BenchRole.Engine, backends[(int)quadrant.Backend].ToString(),
                NextPort());
            return new Mode
            {
                Subject = Name,
                Client = quadrant.Client,
                Backend = quadrant.Backend,
                Address = IPEndPoint.Parse(engine.Ready),
                Process = engine,
                ProcessId = engine.Id,
                IsEngine = true,
            };
        }));
        _modes.AddRange(modes);
        string version = typeof(LoadBalancer).Assembly.GetName().Version!.ToString(3);
        _subjects.Add(new Subject
        {
            Name = Name,
            Version = version,
            Configuration = EngineRole.Configuration,
            Quadrants = [],
        });
    }

    private async Task StartPeerAsync(Peer peer, IPEndPoint[] backends)
    {
        if (peer.Find() is not { } program)
        {
            _missingPeers.Add(peer.Name);
            return;
        }

        string configuration = "";
        foreach ((ConnectionMode client, ConnectionMode backend) in Quadrants)
        {
            (Child child, PeerPlace place) = await _peers.StartAsync(peer, program, backends[(int)backend]);
            configuration = peer.Configuration(place);
            _modes.Add(new Mode
            {
                Subject = peer.Name,
                Client = client,
                Backend = backend,
                Address = place.Address,
                Process = child,
                ProcessId = int.Parse(child.Ready, CultureInfo.InvariantCulture),
            });
        }

        string version = await peer.VersionOfAsync(program, _stop);
        _subjects.Add(new Subject
        {
            Name = peer.Name,
            Version = version,
            Configuration = configuration,
            Quadrants = [],
        });
    }

    private string NextPort() => _processes.NextPort().ToString(CultureInfo.InvariantCulture);
}
