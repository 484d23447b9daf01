using L7Engine.Transport;

namespace L7Engine.Tests.Transport;

/// <summary>Remembers what a watcher was told.</summary>
internal sealed class WatcherLog : IConnectionWatcher
{
    public List<ConnectionEvent> Events { get; } = [];

    public void OnConnectionEvent(TransportConnection connection, ConnectionEvent what) => Events.Add(what);
}
