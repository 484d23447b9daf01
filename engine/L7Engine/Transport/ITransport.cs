namespace L7Engine.Transport;

/// <summary>Makes loops. One implementation per folder below this one, and one in the tests.</summary>
/// <remarks>
/// Thread-safe. Loops of one transport belong together: they share the addresses that they listen at.
/// </remarks>
internal interface ITransport
{
    /// <summary>Descriptors that this process may open beside those that it has open.</summary>
    int DescriptorLimit { get; }

    /// <summary>Memory that this process may use, in bytes; a very large number where nothing limits it.</summary>
    long MemoryLimitBytes { get; }

    /// <summary>Makes a loop and starts its thread.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The system has no descriptors left for it, or no memory.
    /// </exception>
    EventLoop CreateLoop(LoopSettings settings);
}

/// <param name="Index">Names the loop's thread.</param>
/// <param name="BufferBytes">What its blocks may take together, in bytes.</param>
internal sealed record LoopSettings(int Index, long BufferBytes, TimeProvider Time);
