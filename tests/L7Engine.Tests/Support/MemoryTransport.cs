using L7Engine.Transport;

namespace L7Engine.Tests.Support;

/// <summary>Makes loops of a network in memory.</summary>
internal sealed class MemoryTransport(SimNetwork network) : ITransport
{
    public int DescriptorLimit { get; init; } = 20_000;

    public EventLoop CreateLoop(LoopSettings settings) => network.CreateLoop(settings.BufferBytes);
}
