using System.Globalization;
using System.Net;
using System.Net.Sockets;
using L7Engine.Load.Bench.Machine;
using L7Engine.Load.Bench.Roles;

namespace L7Engine.Load.Bench.Running;

/// <summary>All processes of a run, and what can be measured of them.</summary>
/// <remarks>Not thread-safe. Disposed, none of its processes is left.</remarks>
internal sealed class Bed : IAsyncDisposable
{
    private const int MaxAttempts = 3;

    private readonly BenchSettings _settings;
    private readonly CancellationToken _stop;
    private readonly List<Child> _children = [];
    private readonly List<Mode> _modes = [];
    private readonly List<Subject> _subjects = [];
    private readonly List<string> _remarks = [];
    private readonly List<string> _missingPeers = [];
    private readonly List<DirectoryInfo> _folders = [];
    private int _ports;

    private Bed(BenchSettings settings, CancellationToken stop) => (_settings, _stop) = (settings, stop);

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
            bed.Generator = await bed.StartRoleAsync(bed.Placement.Generator, "the generator", BenchRole.Generator);
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
        await Task.WhenAll(_children.Select(c => c.DisposeAsync().AsTask()));
        foreach (DirectoryInfo folder in _folders.Where(f => Directory.Exists(f.FullName)))
        {
            folder.Delete(recursive: true);
        }
    }

    private static IEnumerable<(ConnectionMode Client, ConnectionMode Backend)> Quadrants =>
        from client in Enum.GetValues<ConnectionMode>()
        from backend in Enum.GetValues<ConnectionMode>()
        select (client, backend);

    private async Task AddTargetAsync(Uri target)
    {
        IPEndPoint place = await FindAsync(target);
        const string Name = "target";
        _subjects.Add(new Subject { Name = Name, Version = target.ToString(), Quadrants = [] });
        _modes.AddRange(Enum.GetValues<ConnectionMode>().Select(client => new Mode
        {
            Subject = Name,
            Client = client,
            Address = place,
            Host = HostOf(target),
            Path = target.PathAndQuery,
        }));
        _remarks.Add("The target was already running: its CPU time, its memory and its own backend connections are not "
            + "known.");
    }

    private static string HostOf(Uri target)
    {
        string host = target.HostNameType == UriHostNameType.IPv6 ? target.Host : target.IdnHost;
        return target.IsDefaultPort ? host : $"{host}:{Text(target.Port)}";
    }

    // A name may have addresses at which nothing listens: those of the other family, above all.
    private async Task<IPEndPoint> FindAsync(Uri target)
    {
        IPAddress[] addresses;
        try
        {
            addresses = await Dns.GetHostAddressesAsync(target.IdnHost, _stop);
        }
        catch (SocketException e)
        {
            throw new BenchException($"--target: {target.IdnHost}: {e.Message}");
        }

        foreach (IPAddress address in addresses)
        {
            var place = new IPEndPoint(address, target.Port);
            if (await IsReachedAsync(place))
            {
                return place;
            }
        }

        string tried = string.Join(", ", addresses.Select(a => new IPEndPoint(a, target.Port)));
        throw new BenchException($"--target: cannot connect to {tried}");
    }

    private async Task StartSubjectsAsync()
    {
        Backend = await StartRoleAsync(
            Placement.Backend, "the backend", BenchRole.Backend, Text(NextPort()), Text(NextPort()));
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
            Child engine = await StartRoleAsync(
                Placement.Subject, "the engine", BenchRole.Engine, backends[(int)quadrant.Backend].ToString(),
                Text(NextPort()));
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
            (Child child, PeerPlace place) = await StartOnFreePortAsync(peer, program, backends[(int)backend]);
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

    // Between the look for a free port and its use another process may take it.
    private async Task<(Child Child, PeerPlace Place)> StartOnFreePortAsync(
        Peer peer, string program, IPEndPoint backend)
    {
        for (int attempt = 1; ; attempt++)
        {
            int port = NextPort();
            DirectoryInfo folder = AddFolder();
            var place = new PeerPlace(
                new IPEndPoint(IPAddress.Loopback, FreePort(port, peer.Name)), backend,
                folder.FullName,
                Math.Max(_settings.Connections, BenchSeries.MaxConnections) + 100);
            await File.WriteAllTextAsync(place.File, peer.Configuration(place), _stop);
            Child child = await StartRoleAsync(
                Placement.Subject, peer.Name, [BenchRole.Peer, place.Folder, program, .. peer.Arguments(place)]);
            if (await ListensAsync(child, place.Address))
            {
                return (child, place);
            }

            if (attempt == MaxAttempts || port != 0)
            {
                throw await child.EndedAsync();
            }
        }
    }

    private DirectoryInfo AddFolder()
    {
        try
        {
            DirectoryInfo folder = Directory.CreateTempSubdirectory("l7engine-bench-");
            _folders.Add(folder);
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BenchException($"--peers: no folder can be made in {Path.GetTempPath()}: {e.Message}");
        }
    }

    private async Task<bool> ListensAsync(Child child, IPEndPoint address)
    {
        int peer = int.Parse(child.Ready, CultureInfo.InvariantCulture);
        while (Directory.Exists($"/proc/{peer}") && !child.HasExited)
        {
            if (await IsReachedAsync(address))
            {
                return true;
            }

            await Task.Delay(10, _stop);
        }

        return false;
    }

    private async Task<bool> IsReachedAsync(IPEndPoint address)
    {
        using var client = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await client.ConnectAsync(address, _stop).AsTask().WaitAsync(TimeSpan.FromSeconds(5), _stop);
            return true;
        }
        catch (Exception e) when (e is SocketException or TimeoutException)
        {
            return false;
        }
    }

    // Looked at before the peer tries: a port in use answers as if the peer did.
    private static int FreePort(int wanted, string what)
    {
        using var listener = new TcpListener(IPAddress.Loopback, wanted);
        try
        {
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
        catch (SocketException e)
        {
            throw new BenchException($"{what}: cannot listen on {listener.LocalEndpoint}: {e.Message}");
        }
    }

    private int NextPort() => _settings.FirstPort == 0 ? 0 : _settings.FirstPort + _ports++;

    private async Task<Child> StartRoleAsync(int? processor, string what, params IEnumerable<string> role)
    {
        Child child = await Child.StartAsync([.. _settings.Program, .. role], what, processor, _stop);
        lock (_children)
        {
            _children.Add(child);
        }

        return child;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
