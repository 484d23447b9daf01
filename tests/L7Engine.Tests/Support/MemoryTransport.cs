using System.Net.Sockets;
using L7Engine.Transport;

namespace L7Engine.Tests.Support;

/// <summary>The transport of a network in memory: what an engine under test is given.</summary>
internal sealed class MemoryTransport(SimNetwork network) : ITransport
{
    public int DescriptorLimit { get; set; } = 100_000;

    public long MemoryLimitBytes { get; set; } = long.MaxValue;

    /// <summary>How many loops there are descriptors for.</summary>
    public int MaxLoops { get; set; } = int.MaxValue;

    public EventLoop CreateLoop(LoopSettings settings) => settings.Index < MaxLoops
        ? network.CreateLoop(settings.BufferBytes)
        : throw new SocketException((int)SocketError.TooManyOpenSockets);
}
