using System.Net;
using System.Net.Sockets;
using L7Engine.Backends;
using L7Engine.Backends.Health;
using L7Engine.Configuration;
using L7Engine.Diagnostics;
using L7Engine.Proxying;
using L7Engine.Transport;
using Microsoft.Extensions.Logging;

namespace L7Engine.Clients;

/// <summary>All loops of an engine: what is asked of each of them.</summary>
/// <remarks>Thread-safe: it posts, and the loops do.</remarks>
internal sealed class LoopSet(ClientLoop[] loops)
{
    public static LoopSet None { get; } = new([]);

    /// <summary>Makes the loops that a configuration asks for, with nothing to do yet.</summary>
    /// <exception cref="ListenException">The system has no descriptors left for one of them.</exception>
    public static LoopSet Of(
        Snapshot snapshot, Capacity capacity, ITransport transport, TimeProvider time, Random random, ILogger logger)
    {
        int count = snapshot.Options.LoopCount;
        if (!Capacity.Suffices(transport, count, snapshot.Listeners.Length))
        {
            throw new ListenException(snapshot.Listeners[0].Options.Address, SocketError.TooManyOpenSockets);
        }

        var places = new ClientPlaces(capacity.MaxConnections, count);
        int maxTunnels = capacity.MaxTunnels(snapshot.Limits);
        var tunnels = new SharedPlaces();
        var loops = new ClientLoop[count];
        for (int i = 0; i < count; i++)
        {
            EventLoop loop = MakeLoop(
                transport, new LoopSettings(i, capacity.MaxBufferBytes / count, time), snapshot, loops[..i]);
            var worker = new Worker(loop, i, snapshot, maxTunnels, logger, random.Next())
            {
                MaxClients = capacity.MaxConnections,
                Tunnels = tunnels,
            };
            loop.Faulted = bug => worker.ReportBug(bug, default);
            int number = i;
            loop.Stalled = milliseconds => worker.ReportStall(number, milliseconds);
            loops[i] = new ClientLoop(worker, places);
        }

        return new LoopSet(loops);
    }

    public int Count => loops.Length;

    public Worker[] Workers { get; } = [.. loops.Select(loop => loop.Worker)];

    /// <summary>Makes what watches over the health of all backends; the first loop runs it.</summary>
    public HealthWatch CreateHealthWatch(Snapshot snapshot, HealthTotals totals, ILogger logger)
    {
        Worker first = Workers[0];
        return new HealthWatch(
            first.Loop, logger, totals, snapshot.ViaToken, snapshot.ResponseLimits, first.Seed)
        {
            ReportBug = bug => first.ReportBug(bug, default),
        };
    }

    /// <summary>Asks every loop to do something, and does not wait for it.</summary>
    public void Post(Action<ClientLoop> work)
    {
        foreach (ClientLoop loop in loops)
        {
            _ = loop.Worker.Loop.Post(_ => work(loop), null);
        }
    }

    /// <summary>Does something on every loop, on all at the same time.</summary>
    /// <exception cref="ObjectDisposedException">A loop has ended.</exception>
    public Task RunAsync(Action<ClientLoop> work) => Task.WhenAll(loops.Select(loop => RunOnAsync(loop, work)));

    /// <summary>Asks every loop something, on all at the same time.</summary>
    public Task<T[]> AskAsync<T>(Func<ClientLoop, T> question) =>
        Task.WhenAll(loops.Select(loop => AskAsync(loop, question)));

    /// <summary>Looks at every connection of every loop.</summary>
    public Task<List<ConnectionPicture>[]> SurveyAsync() => Task.WhenAll(loops.Select(SurveyAsync));

    /// <summary>Binds addresses on every loop. Nothing is accepted yet: connections wait in the backlog.</summary>
    /// <remarks>The first loop binds and learns the ports; the others join it there.</remarks>
    /// <exception cref="ListenException">One cannot be listened on; those that were opened are closed.</exception>
    public async Task<BoundListener[]> OpenAsync(ListenerPlan[] plans)
    {
        ClientTable[] clients = [.. plans.Select(_ => new ClientTable())];
        var addresses = new IPEndPoint[plans.Length];
        try
        {
            for (int i = 0; i < loops.Length && plans.Length > 0; i++)
            {
                bool isSibling = i > 0;
                await RunOnAsync(loops[i], loop =>
                {
                    for (int j = 0; j < plans.Length; j++)
                    {
                        IPEndPoint address = isSibling ? addresses[j] : plans[j].Options.Address;
                        addresses[j] = Open(loop, plans[j], clients[j], address, isSibling);
                    }
                });
            }
        }
        catch (ListenException)
        {
            await RunAsync(loop => loop.CloseUnused());
            throw;
        }

        return [.. plans.Select((plan, i) => new BoundListener(plan, clients[i], addresses[i]))];
    }

    /// <summary>Begins to carry out an order to drain.</summary>
    public async Task<DrainUnderWay> DrainAsync(DrainOrder order)
    {
        // No loop may hand a connection to another one that does not listen any more: first all stop to, and what is
        // on its way then arrives before the second order.
        await Task.WhenAll(loops.Select(loop => TryRunOnAsync(loop, l => l.StopSharing(order))));
        (Task Stopped, Task<DrainResult> Ended)[] parts = [.. loops.Select(loop => Begin(loop, order))];
        return new DrainUnderWay(
            order, Task.WhenAll(parts.Select(part => part.Stopped)), SumAsync([.. parts.Select(part => part.Ended)]));
    }

    public Task StopAsync() => Task.WhenAll(loops.Select(loop => loop.Worker.Loop.StopAsync()));

    private static EventLoop MakeLoop(
        ITransport transport, LoopSettings settings, Snapshot snapshot, ClientLoop[] made)
    {
        try
        {
            return transport.CreateLoop(settings);
        }
        catch (SocketException refused)
        {
            // They have nothing to end: nobody has to wait for them.
            _ = new LoopSet(made).StopAsync();
            throw new ListenException(snapshot.Listeners[0].Options.Address, refused.SocketErrorCode);
        }
    }

    private static (Task Stopped, Task<DrainResult> Ended) Begin(ClientLoop loop, DrainOrder order)
    {
        var stopped = new TaskCompletionSource();
        var ended = new TaskCompletionSource<DrainResult>();
        bool runs = TryPost(
            loop,
            l => l.Begin(order, () => stopped.TrySetResult(), result => ended.TrySetResult(result)),
            bug =>
            {
                loop.Worker.ReportBug(bug, default);
                stopped.TrySetException(bug);
                ended.TrySetException(bug);
            });
        return runs ? (stopped.Task, ended.Task) : (Task.CompletedTask, Task.FromResult(default(DrainResult)));
    }

    private static async Task<DrainResult> SumAsync(Task<DrainResult>[] ends)
    {
        DrainResult[] results = await Task.WhenAll(ends);
        return new DrainResult(
            results.Sum(r => r.ClosedInTime), results.Sum(r => r.CutAtDeadline), results.Sum(r => r.TunnelsCut));
    }

    private static Task<List<ConnectionPicture>> SurveyAsync(ClientLoop loop)
    {
        var seen = new TaskCompletionSource<List<ConnectionPicture>>();
        bool runs = loop.Worker.Loop.Post(_ => loop.Survey(seen), null);
        return runs ? seen.Task : Task.FromResult(new List<ConnectionPicture>());
    }

    private static IPEndPoint Open(
        ClientLoop loop, ListenerPlan plan, ClientTable clients, IPEndPoint address, bool isSibling)
    {
        try
        {
            return loop.Open(plan, clients, address, isSibling);
        }
        catch (SocketException refused)
        {
            throw new ListenException(address, refused.SocketErrorCode);
        }
    }

    private static async Task RunOnAsync(ClientLoop loop, Action<ClientLoop> work) =>
        ObjectDisposedException.ThrowIf(!await TryRunOnAsync(loop, work), loop);

    // A loop that has ended touches nothing of its own any more: then the asker may.
    private static async Task<T> AskAsync<T>(ClientLoop loop, Func<ClientLoop, T> question)
    {
        T answer = default!;
        return await TryRunOnAsync(loop, l => answer = question(l)) ? answer : question(loop);
    }

    private static Task<bool> TryRunOnAsync(ClientLoop loop, Action<ClientLoop> work)
    {
        var done = new TaskCompletionSource<bool>();
        bool runs = TryPost(
            loop,
            l =>
            {
                work(l);
                done.SetResult(true);
            },
            bug => done.TrySetException(bug));
        return runs ? done.Task : Task.FromResult(false);
    }

    // What it throws, whoever asked is told: it would wait for ever otherwise.
    private static bool TryPost(ClientLoop loop, Action<ClientLoop> work, Action<Exception> fail) =>
        loop.Worker.Loop.Post(
            _ =>
            {
                try
                {
                    work(loop);
                }
                catch (Exception bug)
                {
                    fail(bug);
                }
            },
            null);
}
