using System.Net;
using L7Engine.Backends.Names;
using L7Engine.Diagnostics;

namespace L7Engine.Configuration;

/// <summary>The configuration in force as it was given, and what becomes of the names in it.</summary>
/// <remarks>Any thread may read; changes are made by one at a time.</remarks>
internal sealed class ConfiguredNames(LoadBalancerOptions options, NameSource source) : IDisposable
{
    private readonly NameBook _book = new(source);
    private volatile LoadBalancerOptions _inForce = options;
    private IReadOnlyList<LeftOut> _told = [];

    public IReadOnlyList<NameStatus> Status => _book.Status;

    /// <summary>Resolves what is new in a configuration: in force already, or to be put in force.</summary>
    /// <returns>Done when it is worth to go on: each name has an outcome, or its timeout is over.</returns>
    public Task PrepareAsync(LoadBalancerOptions? next = null) => _book.PrepareAsync(next ?? _inForce);

    /// <summary>Says which configuration is in force: names of others are resolved no more.</summary>
    public void Keep(LoadBalancerOptions? next = null)
    {
        _inForce = next ?? _inForce;
        _book.Keep(_inForce);
    }

    /// <summary>Puts addresses in the place of names.</summary>
    /// <param name="next">Null for what is in force.</param>
    /// <param name="bound">Where the engine listens by now.</param>
    public LoadBalancerOptions Resolve(IEnumerable<IPEndPoint> bound, LoadBalancerOptions? next = null)
    {
        var expansion = new NameExpansion(next ?? _inForce, _book.AddressesOf, bound);
        foreach (LeftOut own in expansion.LeftOut.Except(_told))
        {
            EngineLog.OwnAddressLeftOut(source.Logger, own.Name.Host, own.Name.Group, own.Address);
        }

        _told = expansion.LeftOut;
        return expansion.Options;
    }

    /// <summary>What is told whether the addresses of names serve.</summary>
    public NameBook Book => _book;

    public void Dispose() => _book.Dispose();
}
