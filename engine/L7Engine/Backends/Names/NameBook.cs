using System.Collections.Concurrent;
using System.Net;

namespace L7Engine.Backends.Names;

/// <summary>The names of an engine's backends, and what they were resolved to.</summary>
/// <remarks>
/// Any thread may read and ask; <see cref="PrepareAsync"/> and <see cref="Keep"/> are called by one at a time.
/// </remarks>
internal sealed class NameBook(NameSource source) : IDisposable
{
    private readonly ConcurrentDictionary<NameKey, NameWatch> _watches = new();
    private volatile bool _isDisposed;

    public IReadOnlyList<NameStatus> Status =>
    [
        .. _watches.Values.Select(watch => watch.Status)
            .OrderBy(s => s.Group, StringComparer.Ordinal).ThenBy(s => s.Name, StringComparer.Ordinal),
    ];

    /// <summary>Resolves the names of a configuration that are not known yet; of the others it asks for news.</summary>
    /// <returns>Done once each name has an outcome, at the latest when its timeout is over.</returns>
    public Task PrepareAsync(LoadBalancerOptions options)
    {
        var outcomes = new List<Task>();
        foreach ((NameKey key, NameOptions settings) in NameKey.AllIn(options))
        {
            if (_watches.TryGetValue(key, out NameWatch? watch))
            {
                watch.AskAnew();
            }
            else
            {
                watch = _watches[key] = new NameWatch(key, settings, source);
                watch.Start();
            }

            outcomes.Add(watch.FirstOutcome);
        }

        if (_isDisposed)
        {
            // It was disposed meanwhile, perhaps before it could know of these.
            Dispose();
        }

        return Task.WhenAll(outcomes);
    }

    /// <summary>Forgets the names that the configuration in force does not have; others take its settings.</summary>
    public void Keep(LoadBalancerOptions options)
    {
        Dictionary<NameKey, NameOptions> kept = NameKey.AllIn(options);
        foreach ((NameKey key, NameWatch watch) in _watches)
        {
            if (kept.TryGetValue(key, out NameOptions? settings))
            {
                watch.Apply(settings);
            }
            else if (_watches.TryRemove(key, out _))
            {
                watch.Dispose();
            }
        }
    }

    /// <returns>Its last good addresses, in their order; empty while there are none.</returns>
    public IPAddress[] AddressesOf(NameKey name) =>
        _watches.TryGetValue(name, out NameWatch? watch) ? watch.Addresses : [];

    /// <summary>No address of a name serves: perhaps it has others by now.</summary>
    public void AskEarly(NameKey name) => _watches.GetValueOrDefault(name)?.AskEarly();

    /// <summary>An address of a name that was asked for early serves again.</summary>
    public void NoteServes(NameKey name) => _watches.GetValueOrDefault(name)?.NoteServes();

    public void Dispose()
    {
        _isDisposed = true;
        foreach (NameKey key in _watches.Keys)
        {
            if (_watches.TryRemove(key, out NameWatch? watch))
            {
                watch.Dispose();
            }
        }
    }
}
