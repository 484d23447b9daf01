using L7Engine.Tests.Transport;
using L7Engine.Transport;

namespace L7Engine.EndToEnd.Tests.Transport;

/// <summary>Runs scenarios on loops that have a thread and the clock of the machine.</summary>
internal sealed class ThreadBed(ITransport transport) : ITransportBed
{
    public const long PlentyBytes = 256 * 1024 * 1024;

    // Only what hangs takes this long.
    private static readonly TimeSpan Cap = TimeSpan.FromSeconds(60);

    private readonly List<EventLoop> _loops = [];

    public EventLoop CreateLoop(long budgetBytes = PlentyBytes)
    {
        EventLoop loop = transport.CreateLoop(new LoopSettings(_loops.Count, budgetBytes, TimeProvider.System));
        _loops.Add(loop);
        return loop;
    }

    public void Run(EventLoop loop, Func<Task> scenario) => Wait(OnAsync(loop, scenario));

    public void Run(Func<EventLoop, Task> scenario)
    {
        EventLoop loop = CreateLoop();
        Run(loop, () => scenario(loop));
    }

    public static void Wait(Task task) => task.WaitAsync(Cap).GetAwaiter().GetResult();

    /// <summary>Runs something on a loop; who awaits it goes on where it was.</summary>
    public static async Task<T> OnAsync<T>(EventLoop loop, Func<T> function)
    {
        T result = default!;
        await OnAsync(loop, () =>
        {
            result = function();
            return Task.CompletedTask;
        });
        return result;
    }

    public static Task OnAsync(EventLoop loop, Func<Task> scenario)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(_ => RunOnLoop(scenario, ended), null);
        return ended.Task;
    }

    public void Dispose() => Wait(Task.WhenAll(_loops.Select(loop => loop.StopAsync())));

    private static async void RunOnLoop(Func<Task> scenario, TaskCompletionSource ended)
    {
        try
        {
            await scenario();
            ended.SetResult();
        }
        catch (Exception exception)
        {
            ended.SetException(exception);
        }
    }
}
