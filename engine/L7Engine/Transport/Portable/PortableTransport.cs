using System.Net;

namespace L7Engine.Transport.Portable;

/// <summary>Loops on <see cref="System.Net.Sockets.Socket"/>: for every system, slower than one made for it.</summary>
internal sealed class PortableTransport : ITransport
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPEndPoint, Acceptor> _acceptors = [];

    /// <summary>What a default installation allows: there is no portable way to ask.</summary>
    public int DescriptorLimit => 10_000;

    /// <summary>What the runtime goes by: the memory of the machine, or most of a limit that is set.</summary>
    public long MemoryLimitBytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    public EventLoop CreateLoop(LoopSettings settings)
    {
        var loop = new PortableLoop(this, settings);
        loop.Start();
        return loop;
    }

    /// <summary>Finds the acceptor of an address, or binds it.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The address is in use, or not ours.</exception>
    internal Acceptor Join(IPEndPoint address, in ListenSettings settings)
    {
        lock (_lock)
        {
            if (settings.IsSibling && _acceptors.TryGetValue(address, out Acceptor? shared))
            {
                return shared;
            }

            var acceptor = new Acceptor(this, address, settings);
            _acceptors[acceptor.Address] = acceptor;
            return acceptor;
        }
    }

    internal void Remove(Acceptor acceptor)
    {
        lock (_lock)
        {
            if (_acceptors.GetValueOrDefault(acceptor.Address) == acceptor)
            {
                _acceptors.Remove(acceptor.Address);
            }
        }
    }
}
