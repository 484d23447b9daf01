using L7Engine.EndToEnd.Tests.Support;
using L7Engine.Tests.Transport;
using L7Engine.Transport;
using L7Engine.Transport.Epoll;

namespace L7Engine.EndToEnd.Tests.Transport;

/// <summary>Runs scenarios on loops that have a thread and the clock of the machine.</summary>
internal sealed class ThreadBed(ITransport transport) : ITransportBed
{
    public const long PlentyBytes = 256 * 1024 * 1024;

    private readonly List<EventLoop> _loops = [];

    public EventLoop CreateLoop(long budgetBytes = PlentyBytes)
    {
        EventLoop loop = transport.CreateLoop(new LoopSettings(_loops.Count, budgetBytes, TimeProvider.System));
        _loops.Add(loop);
        return loop;
    }

    // The portable transport does not show its socket; what that was told is in what it knows of the peer.
    public TcpKeepAlive KeepAliveOf(TransportConnection connection) => connection is EpollConnection { Descriptor: var d }
        ? KeepAliveOf(d) : connection.ReadPeerSigns().KeepAlive;

    public void Run(EventLoop loop, Func<Task> scenario) => Wait(OnAsync(loop, scenario));

    public void Run(Func<EventLoop, Task> scenario)
    {
        EventLoop loop = CreateLoop();
        Run(loop, () => scenario(loop));
    }

    public static void Wait(Task task) => task.WaitAsync(Patience.Cap).GetAwaiter().GetResult();

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

    private static TcpKeepAlive KeepAliveOf(int descriptor)
    {
        return Option(Native.SocketLevel, Native.KeepAlive) == 0 ? default : new TcpKeepAlive(
            Option(Native.TcpLevel, Native.TcpKeepIdle),
            Option(Native.TcpLevel, Native.TcpKeepInterval),
            Option(Native.TcpLevel, Native.TcpKeepCount));

        int Option(int level, int name)
        {
            int value = 0;
            int bytes = sizeof(int);
            _ = Native.GetOption(descriptor, level, name, ref value, ref bytes);
            return value;
        }
    }

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
