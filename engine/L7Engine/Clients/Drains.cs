using L7Engine.Diagnostics;
using L7Engine.Transport;
using Microsoft.Extensions.Logging;

namespace L7Engine.Clients;

/// <summary>Carries out orders to drain, in the order in which they come.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class Drains(ChangeQueue changes, ILogger logger)
{
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

    /// <summary>Begins a drain.</summary>
    /// <returns>With the outer task nothing is accepted any more; with the inner one it has ended.</returns>
    public async Task<Task<DrainResult>> BeginAsync(LoopSet loops, DrainOrder order)
    {
        int open = (int)loops.Workers.Sum(worker => worker.Counters[LoopCounter.ClientsOpen]);
        EngineLog.DrainStarted(logger, open, order.Deadline);
        return EndAsync(await loops.DrainAsync(order));
    }

    private async Task<DrainResult> EndAsync(Task<DrainResult> drain)
    {
        DrainResult result = await drain;
        EngineLog.DrainFinished(logger, result.ClosedInTime, result.CutAtDeadline, result.TunnelsCut);
        return result;
    }
}
