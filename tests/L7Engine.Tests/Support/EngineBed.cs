using System.Net;
using L7Engine.Backends.Names;
using Microsoft.Extensions.Logging;

namespace L7Engine.Tests.Support;

/// <summary>An engine on a network in memory, with backends that a test plays.</summary>
internal sealed class EngineBed
{
    private readonly List<SimServer> _backends = [];

    public EngineBed(
        int seed = 1, int backends = 1, int loops = 1, Func<LoadBalancerOptions, LoadBalancerOptions>? configure = null,
        ILoggerFactory? log = null, ResolveName? resolve = null)
    {
        Network = new SimNetwork(seed);
        for (int i = 0; i < backends; i++)
        {
            _backends.Add(Network.Listen());
        }

        LoadBalancerOptions options = new()
        {
            Loops = loops,
            Listeners = [new ListenerOptions { Address = new IPEndPoint(IPAddress.Loopback, 0) }],
            Groups = [new BackendGroupOptions { Backends = [.. _backends.Select(b => new BackendOptions { Address = b.Address })] }],
        };
        Options = configure?.Invoke(options) ?? options;
        Engine = new LoadBalancer(
            Options, log, new MemoryTransport(Network), Network.Clock, new Random(seed), resolve);
        Network.Wait(() => Engine.StartAsync());
        Network.RunUntilIdle();
    }

    public SimNetwork Network { get; }

    /// <summary>What the engine was started with.</summary>
    public LoadBalancerOptions Options { get; }

    public LoadBalancer Engine { get; }

    public LoadBalancerStatus Status => Engine.GetStatus();

    public SimServer Backend => _backends[0];

    public IReadOnlyList<SimServer> Backends => _backends;

    /// <summary>Every backend answers every request head that ends with an empty line with these bytes.</summary>
    public void AnswerWith(string response)
    {
        foreach (SimServer backend in _backends)
        {
            backend.OnAccepted = peer => peer.OnReceived = p =>
            {
                while (p.Text.Contains("\r\n\r\n", StringComparison.Ordinal))
                {
                    p.Clear();
                    p.Send(response);
                }
            };
        }
    }

    public SimPeer Connect(IPAddress? from = null) => Network.Connect(Engine.LocalEndPoints[0], from);

    /// <summary>Sends a request on a connection of its own and runs until nothing is under way.</summary>
    public SimPeer Ask(string request)
    {
        SimPeer client = Connect();
        client.Send(request);
        Network.RunUntilIdle();
        return client;
    }

    /// <summary>The newest connection that came to a backend.</summary>
    public SimPeer Newest(int backend = 0) => _backends[backend].Peers[^1];

    /// <summary>Begins a drain; its task ends within the simulation.</summary>
    public Task<DrainResult> DrainAsync(TimeSpan? deadline = null, CancellationToken cancellationToken = default)
    {
        using NoContext _ = NoContext.Enter();
        return Engine.DrainAsync(deadline, cancellationToken);
    }

    /// <summary>Applies other options, and runs until nothing is under way.</summary>
    public ApplyResult Apply(Func<LoadBalancerOptions, LoadBalancerOptions> change)
    {
        using NoContext _ = NoContext.Enter();
        Task<ApplyResult> apply = Engine.ApplyAsync(change(Options));
        Network.RunUntilIdle();
        return apply.GetAwaiter().GetResult();
    }

    /// <summary>Ends the engine and runs until nothing is under way.</summary>
    public void Stop()
    {
        using NoContext _ = NoContext.Enter();
        Task stop = Engine.DisposeAsync().AsTask();
        Network.RunUntilIdle();
        stop.GetAwaiter().GetResult();
    }

    /// <summary>What the ledgers remember, the newest first.</summary>
    public IReadOnlyList<CloseRecord> Closed() => Network.Wait(() => Engine.GetClosedAsync(int.MaxValue));

    /// <summary>What is open.</summary>
    public IReadOnlyList<ConnectionStatus> Connections() => Network.Wait(() => Engine.GetConnectionsAsync());

    /// <summary>The only close on one side.</summary>
    public CloseRecord OnlyClose(ConnectionSide side) => Closed().Single(c => c.Side == side);

    /// <summary>Closes by reason, on the clients' side.</summary>
    public long ClientCloses(CloseReason reason) => Status.ClientCloses.FirstOrDefault(c => c.Reason == reason).Count;

    /// <summary>Closes by reason, on the backends' side.</summary>
    public long BackendCloses(CloseReason reason) => Status.BackendCloses.FirstOrDefault(c => c.Reason == reason).Count;
}
