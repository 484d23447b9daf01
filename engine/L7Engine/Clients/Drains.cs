using System.Net;
using L7Engine.Configuration;
using L7Engine.Diagnostics;
using L7Engine.Transport;
using Microsoft.Extensions.Logging;

namespace L7Engine.Clients;

/// <summary>Carries out orders to drain, in the order in which they come.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class Drains(ChangeQueue changes, TimeProvider time, ILogger logger)
{
    // Most listeners have stopped in the next turn. One whose backlog waits for places must not hold up what is asked
    // for after it.
    private static readonly TimeSpan WaitForStop = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _drainsAll = new();

    // Only who has the turn of the queue touches it.
    private DrainUnderWay[] _stopping = [];

    /// <summary>Drains, once all that was asked for before is done.</summary>
    public async Task<DrainResult> RunAsync(LoopSet loops, DrainOrder order) =>
        await await changes.RunAsync(() => BeginAsync(loops, order));

    /// <summary>Drains by an order that is made out when its turn has come.</summary>
    public async Task<DrainResult> RunAsync(
        LoopSet loops, Func<DrainOrder> makeOrder, CancellationToken cancellationToken)
    {
        DrainOrder? order = null;
        Task<DrainResult> drain = await changes.RunAsync(() => BeginAsync(loops, order = makeOrder()));
        return await FollowAsync(loops, order!, drain, cancellationToken);
    }

    /// <summary>Waits for the end of a drain.</summary>
    /// <param name="cancellationToken">Brings its deadline forward.</param>
    public static async Task<DrainResult> FollowAsync(
        LoopSet loops, DrainOrder order, Task<DrainResult> drain, CancellationToken cancellationToken)
    {
        await using CancellationTokenRegistration forward = cancellationToken.Register(() =>
        {
            order.Cut();
            loops.Post(loop => loop.Cut(order));
        });
        DrainResult result = await drain;
        await LoopSynchronizationContext.Leave();
        return result;
    }

    /// <summary>Begins a drain. In the turn of its change alone.</summary>
    /// <returns>With the outer task nothing is accepted any more, but for what waits there at the maximum of
    /// connections; with the inner one it has ended.</returns>
    public async Task<Task<DrainResult>> BeginAsync(LoopSet loops, DrainOrder order)
    {
        int open = (int)loops.Workers.Sum(worker => worker.Counters[LoopCounter.ClientsOpen]);
        EngineLog.DrainStarted(logger, open, order.Deadline);
        DrainUnderWay drain = await loops.DrainAsync(order);
        if (order.IsWhole)
        {
            _drainsAll.TrySetResult();
        }

        _stopping = [.. _stopping.Where(other => !other.Stopped.IsCompleted), drain];
        try
        {
            await drain.Stopped.WaitAsync(WaitForStop, time);
        }
        catch (TimeoutException)
        {
            // It goes on by itself, until its deadline at most.
        }

        return EndAsync(drain.Ended);
    }

    /// <summary>Looks which addresses a listener still has that lets in who waits. In the turn of a change alone, but
    /// what it returns is not to be awaited there.</summary>
    /// <returns>Done once they are free, or everything drains.</returns>
    public Task FreeAsync(ListenerPlan[] plans)
    {
        bool IsWanted(IPEndPoint? address) =>
            address is { Port: not 0 } && Array.Exists(plans, plan => plan.Options.Address.Equals(address));
        Task[] stops =
        [
            .. _stopping
                .Where(drain => !drain.Stopped.IsCompleted && IsWanted(drain.Order.Listener?.Options.Address))
                .Select(drain => drain.Stopped),
        ];
        return stops.Length == 0 ? Task.CompletedTask : Task.WhenAny(Task.WhenAll(stops), _drainsAll.Task);
    }

    private async Task<DrainResult> EndAsync(Task<DrainResult> drain)
    {
        DrainResult result = await drain;
        EngineLog.DrainFinished(logger, result.ClosedInTime, result.CutAtDeadline, result.TunnelsCut);
        return result;
    }
}
