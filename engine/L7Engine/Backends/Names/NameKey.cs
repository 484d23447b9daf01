using System.Net;

namespace L7Engine.Backends.Names;

/// <summary>A name that is resolved: once for all backends of a group that have it, whatever their ports.</summary>
/// <param name="Host">In lower case: names differ by nothing but case are one (RFC 4343).</param>
internal readonly record struct NameKey(string Group, string Host)
{
    public static NameKey Of(string group, string host) => new(group, host.ToLowerInvariant());

    /// <summary>All names of a configuration, each once, with the settings of its group.</summary>
    public static Dictionary<NameKey, NameOptions> AllIn(LoadBalancerOptions options)
    {
        var names = new Dictionary<NameKey, NameOptions>();
        foreach (BackendGroupOptions group in options.Groups)
        {
            foreach (DnsEndPoint address in group.Backends.Select(backend => backend.Address).OfType<DnsEndPoint>())
            {
                names[Of(group.Name, address.Host)] = group.Names;
            }
        }

        return names;
    }
}
