using System.Net;
using System.Net.Sockets;
using L7Engine.Transport;

namespace L7Engine.Tests.Support;

/// <summary>A network in memory: virtual time, loops, endpoints. One seed decides what could go either way.</summary>
/// <remarks>
/// Not thread-safe: everything runs inside <c>Run…</c>, on the thread that calls it. Print <see cref="Seed"/> with what
/// fails; exceptions of the simulation hold it.
/// </remarks>
internal sealed class SimNetwork
{
    private readonly Dictionary<IPEndPoint, List<ISimListener>> _listeners = [];
    private readonly Dictionary<IPEndPoint, ConnectOutcome> _outcomes = [];
    private readonly List<MemoryLoop> _loops = [];
    private int _lastPort = 40_000;

    public SimNetwork(int seed = 1)
    {
        Seed = seed;
        Scheduler = new SimScheduler(seed);

        // For the rest of the test: what it awaits is to go on where it was completed, and not in the thread pool.
        SynchronizationContext.SetSynchronizationContext(null);
    }

    public int Seed { get; }

    public SimScheduler Scheduler { get; }

    public TimeProvider Clock => field ??= new VirtualClock(Scheduler);

    /// <summary>Virtual time since the start.</summary>
    public TimeSpan Now => TimeSpan.FromTicks(Scheduler.Now);

    /// <summary>For connections opened from here on.</summary>
    public LinkSettings Link { get; set; } = new();

    public IReadOnlyList<MemoryLoop> Loops => _loops;

    /// <summary>The loop whose turn it is; null between turns.</summary>
    internal MemoryLoop? Current { get; set; }

    /// <summary>What an engine under test is given.</summary>
    public MemoryTransport Transport => field ??= new MemoryTransport(this);

    public MemoryLoop CreateLoop(long budgetBytes = 64 * 1024 * 1024)
    {
        var loop = new MemoryLoop(this, budgetBytes);
        _loops.Add(loop);
        return loop;
    }

    /// <summary>Opens a connection from a test.</summary>
    /// <param name="from">The client's address; 127.0.0.1 when null.</param>
    public SimPeer Connect(IPEndPoint address, IPAddress? from = null)
    {
        SimSocket socket = OpenSocket(address, from ?? IPAddress.Loopback, out int error);
        return error == 0 ? new SimPeer(socket) : throw new SocketException((int)ErrorNumber.ToSocketError(error));
    }

    /// <summary>Listens for a test.</summary>
    public SimServer Listen(IPEndPoint? address = null) => new(this, address ?? new IPEndPoint(IPAddress.Loopback, 0));

    /// <summary>Decides what becomes of attempts to connect to an address, until it is decided otherwise.</summary>
    public void SetOutcome(IPEndPoint address, ConnectOutcome outcome) => _outcomes[address] = outcome;

    /// <summary>Runs until nothing is under way. Time passes as the network needs it; timers do not count.</summary>
    public void RunUntilIdle()
    {
        using NoContext _ = NoContext.Enter();
        Scheduler.RunUntilIdle();
    }

    public void RunFor(TimeSpan duration)
    {
        using NoContext _ = NoContext.Enter();
        Scheduler.RunFor(duration.Ticks);
    }

    /// <exception cref="SimulationException">It did not come true within an hour of virtual time.</exception>
    public void RunUntil(Func<bool> condition, TimeSpan? within = null)
    {
        using NoContext _ = NoContext.Enter();
        if (!Scheduler.TryRunUntil(condition, (within ?? TimeSpan.FromHours(1)).Ticks))
        {
            throw new SimulationException($"Seed {Seed}: nothing is left to wait for at {Now}.");
        }
    }

    /// <summary>Starts a task, runs until it has ended, and throws what it threw.</summary>
    public void Wait(Func<Task> start)
    {
        using NoContext _ = NoContext.Enter();
        Wait(start());
    }

    /// <inheritdoc cref="Wait(Func{Task})"/>
    public T Wait<T>(Func<Task<T>> start)
    {
        using NoContext _ = NoContext.Enter();
        return Wait(start());
    }

    /// <summary>Runs until a task has ended that was started on a loop.</summary>
    public void Wait(Task task)
    {
        RunUntil(() => task.IsCompleted);
        task.GetAwaiter().GetResult();
    }

    /// <inheritdoc cref="Wait(Task)"/>
    public T Wait<T>(Task<T> task)
    {
        Wait((Task)task);
        return task.GetAwaiter().GetResult();
    }

    /// <returns>The bound address: with a port of its own where 0 was asked for.</returns>
    internal IPEndPoint Bind(IPEndPoint address, ISimListener listener)
    {
        IPEndPoint bound = address.Port != 0 ? address : new IPEndPoint(address.Address, NextPort());
        if (!_listeners.TryGetValue(bound, out List<ISimListener>? listeners))
        {
            _listeners[bound] = listeners = [];
        }

        if (listeners.Count > 0 && !listener.SharesAddress)
        {
            throw new SocketException((int)SocketError.AddressAlreadyInUse);
        }

        listeners.Add(listener);
        return bound;
    }

    internal void Unbind(IPEndPoint address, ISimListener listener) => _listeners[address].Remove(listener);

    internal SimSocket OpenSocket(IPEndPoint address, IPAddress from, out int error)
    {
        ConnectOutcome outcome = _outcomes.GetValueOrDefault(address);
        error = outcome switch
        {
            ConnectOutcome.NoLocalPort => ErrorNumber.AddressNotAvailable,
            ConnectOutcome.NoDescriptor => ErrorNumber.ProcessFileTableFull,
            _ => 0,
        };
        var local = new IPEndPoint(from, NextPort());
        var near = new SimSocket(this, local, address);
        var far = new SimSocket(this, address, local);
        var there = new SimFlow(Scheduler, Link);
        var back = new SimFlow(Scheduler, Link);
        there.Connect(near, far);
        back.Connect(far, near);
        near.Connect(back, there);
        far.Connect(there, back);
        if (error == 0 && outcome != ConnectOutcome.Unanswered)
        {
            there.Send(SegmentKind.Syn);
        }

        return near;
    }

    /// <summary>A SYN has arrived.</summary>
    internal void Admit(SimSocket socket)
    {
        ConnectOutcome outcome = _outcomes.GetValueOrDefault(socket.Local);
        List<ISimListener>? listeners = outcome == ConnectOutcome.Reached ? ListenersAt(socket.Local) : null;
        if (listeners is null)
        {
            bool isUnreachable = outcome == ConnectOutcome.Unreachable;
            socket.Refuse(isUnreachable ? ErrorNumber.HostUnreachable : ErrorNumber.ConnectionRefused);
        }
        else if (listeners[Scheduler.Random.Next(listeners.Count)].TryAdmit(socket))
        {
            socket.Out.Send(SegmentKind.SynAck);
        }
    }

    private List<ISimListener>? ListenersAt(IPEndPoint address)
    {
        IPAddress any = address.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;
        List<ISimListener>? exact = _listeners.GetValueOrDefault(address);
        List<ISimListener>? found = exact is { Count: > 0 }
            ? exact
            : _listeners.GetValueOrDefault(new IPEndPoint(any, address.Port));
        return found is { Count: > 0 } ? found : null;
    }

    private int NextPort() => _lastPort = _lastPort < 65_000 ? _lastPort + 1 : 40_000;
}
