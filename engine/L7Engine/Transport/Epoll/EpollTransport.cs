namespace L7Engine.Transport.Epoll;

/// <summary>Loops on epoll: Linux on x64 and arm64.</summary>
internal sealed class EpollTransport : ITransport
{
    private readonly EpollGroup _group = new();

    public int DescriptorLimit => RawSocket.DescriptorLimit();

    public long MemoryLimitBytes => new ControlGroup("/").MemoryLimitBytes;

    public EventLoop CreateLoop(LoopSettings settings)
    {
        var loop = new EpollLoop(_group, settings);
        _group.Add(loop);
        loop.Start();
        return loop;
    }
}
