using L7Engine.Transport;

namespace L7Engine.Clients;

/// <summary>How much the engine takes on: what is configured, or what follows from the system.</summary>
/// <param name="MaxConnections">Client connections over all loops.</param>
/// <param name="MaxBufferBytes">Buffers of all loops, in bytes.</param>
internal sealed record Capacity(int MaxConnections, long MaxBufferBytes)
{
    /// <summary>What an idle client connection may cost, in bytes: its objects, its slots, its timer.</summary>
    public const int IdleConnectionBytes = 700;

    private const long MiB = 1_024 * 1_024;
    private const long LargestDerivedBufferBytes = 256 * MiB;

    // The process itself, each loop (poller, wake-up, what it opens for a moment), each listener of each loop.
    private const int OwnDescriptors = 64;
    private const int DescriptorsPerLoop = 8;

    // The poller and its wake-up; and what the runtime needs to go on at all, if only to tell that there are too few.
    private const int LeastDescriptorsPerLoop = 2;
    private const int LeastOwnDescriptors = 16;

    /// <summary>The memory that all of it takes, in bytes, without what the kernel holds for each socket.</summary>
    public long MemoryBytes => ((long)MaxConnections * IdleConnectionBytes) + MaxBufferBytes;

    /// <summary>Tunnels over all loops.</summary>
    public int MaxTunnels(Limits limits) => limits.MaxTunnels > 0 ? limits.MaxTunnels : Math.Max(1, MaxConnections / 2);

    /// <summary>Whether there are descriptors for the loops and what they listen with, if not for a client.</summary>
    public static bool Suffices(ITransport transport, int loops, int listeners) =>
        transport.DescriptorLimit >= Descriptors(LeastOwnDescriptors, LeastDescriptorsPerLoop, loops, listeners);

    public static Capacity Of(Limits limits, ITransport transport, int loops, int listeners)
    {
        int own = Descriptors(OwnDescriptors, DescriptorsPerLoop, loops, listeners);

        // Each client may need a backend connection, too.
        int connections = limits.MaxClientConnections > 0
            ? limits.MaxClientConnections
            : Math.Max((transport.DescriptorLimit - own) / 2, loops);
        long bufferBytes = limits.MaxBufferBytes > 0
            ? limits.MaxBufferBytes
            : Math.Clamp(
                transport.MemoryLimitBytes / 4,
                Math.Max(MiB, (long)loops * BlockPool.LeastBudgetBytes),
                LargestDerivedBufferBytes);
        return new Capacity(connections, bufferBytes);
    }

    private static int Descriptors(int own, int perLoop, int loops, int listeners) =>
        own + (loops * (perLoop + listeners));
}
