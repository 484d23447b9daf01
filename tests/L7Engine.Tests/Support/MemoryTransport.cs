using L7Engine.Transport;

namespace L7Engine.Tests.Support;

/// <summary>The transport of a network in memory: what an engine under test is given.</summary>
internal sealed class MemoryTransport(SimNetwork network) : ITransport
{
    public int DescriptorLimit { get; set; } = 100_000;

    public long MemoryLimitBytes { get; set; } = long.MaxValue;

    public EventLoop CreateLoop(LoopSettings settings) => network.CreateLoop(settings.BufferBytes);
}
