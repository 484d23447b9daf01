using System.Globalization;
using System.Net;
using L7Engine.Backends.Names;

namespace L7Engine.Configuration;

/// <param name="Address">Of a name; no requests are sent there.</param>
internal readonly record struct LeftOut(NameKey Name, IPEndPoint Address);

/// <summary>A configuration in which a backend that has a name is replaced by one for each of its addresses.
/// </summary>
/// <remarks>
/// An address is one backend of its group, as everywhere: one that is configured itself stays what it is, and of two
/// names that have it the first does. A name that has no address leaves nothing: its group may be empty.
/// </remarks>
internal sealed class NameExpansion
{
    private readonly Func<NameKey, IPAddress[]> _addressesOf;
    private readonly IPEndPoint[] _listening;
    private readonly List<LeftOut> _leftOut = [];

    /// <param name="addressesOf">What a name was resolved to, in their order.</param>
    /// <param name="bound">Where the engine listens by now, besides what the configuration says.</param>
    public NameExpansion(
        LoadBalancerOptions options, Func<NameKey, IPAddress[]> addressesOf, IEnumerable<IPEndPoint> bound)
    {
        _addressesOf = addressesOf;
        _listening = [.. options.Listeners.Select(listener => listener.Address), .. bound];
        Options = NameKey.AllIn(options).Count == 0
            ? options
            : options with { Groups = [.. options.Groups.Select(Expand)] };
    }

    /// <summary>Without names.</summary>
    public LoadBalancerOptions Options { get; }

    /// <summary>Addresses where this engine listens itself: requests would go round in a circle.</summary>
    public IReadOnlyList<LeftOut> LeftOut => _leftOut;

    private BackendGroupOptions Expand(BackendGroupOptions group)
    {
        HashSet<EndPoint> taken = [.. group.Backends.Select(b => b.Address).OfType<IPEndPoint>()];
        var backends = new List<BackendOptions>();
        foreach (BackendOptions backend in group.Backends)
        {
            if (backend.Address is DnsEndPoint name)
            {
                IEnumerable<IPEndPoint> addresses = AddressesOf(name, group).Where(taken.Add);
                backends.AddRange(addresses.Select(address => Named(backend, name, address)));
            }
            else
            {
                backends.Add(backend);
            }
        }

        return group with { Backends = backends };
    }

    private IEnumerable<IPEndPoint> AddressesOf(DnsEndPoint name, BackendGroupOptions group)
    {
        var key = NameKey.Of(group.Name, name.Host);
        var usable = new List<IPEndPoint>();
        foreach (IPAddress address in _addressesOf(key).Where(a => IsWanted(a, group.Names.Addresses)))
        {
            var endPoint = new IPEndPoint(address, name.Port);
            if (_listening.Any(listener => CrossRules.IsServedBy(endPoint, listener)))
            {
                _leftOut.Add(new LeftOut(key, endPoint));
            }
            else
            {
                usable.Add(endPoint);
            }
        }

        return usable.Take(group.Names.MaxAddresses);
    }

    private static BackendOptions Named(BackendOptions backend, DnsEndPoint name, IPEndPoint address) => backend with
    {
        Address = address,
        Name = name.Host,
        Authority = backend.Authority ?? string.Create(CultureInfo.InvariantCulture, $"{name.Host}:{name.Port}"),
    };

    private static bool IsWanted(IPAddress address, NameAddresses wanted) =>
        !HttpText.IsWildcard(address) && wanted switch
        {
            NameAddresses.OnlyIPv4 => AddressOrder.IsOfIPv4(address),
            NameAddresses.OnlyIPv6 => !AddressOrder.IsOfIPv4(address),
            _ => true,
        };
}
