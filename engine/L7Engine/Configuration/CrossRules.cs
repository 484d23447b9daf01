using System.Net;
using L7Engine.Transport;

namespace L7Engine.Configuration;

/// <summary>The rules between the parts of a configuration: names, references and addresses.</summary>
internal static class CrossRules
{
    public static void Check(LoadBalancerOptions options, ConfigErrors errors)
    {
        CheckBuffers(options, errors);
        CheckListeners(options.Listeners, errors);
        CheckRoutes(options, errors);
        CheckGroups(options, errors);
        CookieRules.Check(options, errors);
    }

    private static void CheckBuffers(LoadBalancerOptions options, ConfigErrors errors)
    {
        long least = (long)options.LoopCount * BlockPool.LeastBudgetBytes;
        if (options.Limits.MaxBufferBytes > 0 && options.Limits.MaxBufferBytes < least)
        {
            errors.In("limits").Add("maxBuffer", $"is {ConfigText.Of(options.Limits.MaxBufferBytes)} for " +
                string.Create(null, $"{options.LoopCount} loops; ") +
                $"each needs {ConfigText.Of(BlockPool.LeastBudgetBytes)}, " +
                $"so it must be {ConfigText.Of(least)} or more");
        }
    }

    private static void CheckListeners(IReadOnlyList<ListenerOptions> listeners, ConfigErrors errors)
    {
        if (listeners.Count == 0)
        {
            errors.Add("listeners", "is empty; at least one listener is needed");
        }

        for (int i = 0; i < listeners.Count; i++)
        {
            for (int earlier = 0; earlier < i; earlier++)
            {
                if (listeners[i].Name == listeners[earlier].Name)
                {
                    errors.In("listeners", i).Add("name", $"is \"{listeners[i].Name}\" as in " +
                        $"{Item("listeners", earlier)}; each listener needs a name of its own");
                }

                if (Overlap(listeners[i].Address, listeners[earlier].Address))
                {
                    errors.In("listeners", i).Add("address", $"is {listeners[i].Address} and overlaps " +
                        $"{listeners[earlier].Address} of {Item("listeners", earlier)}; take another address or port");
                }
            }
        }
    }

    private static void CheckRoutes(LoadBalancerOptions options, ConfigErrors errors)
    {
        IReadOnlyList<RouteOptions> routes = options.Routes;
        if (routes.Count == 0 && options.Groups.Count > 1)
        {
            errors.Add("routes", "is empty, but there are several groups; add a route for each");
        }

        for (int i = 0; i < routes.Count; i++)
        {
            RouteOptions route = routes[i];
            if (!string.IsNullOrWhiteSpace(route.Group) && options.Groups.All(g => g.Name != route.Group))
            {
                string known = string.Join(", ", options.Groups.Select(g => $"\"{g.Name}\""));
                errors.In("routes", i).Add("group", $"is \"{route.Group}\", which is no group; " +
                    (known.Length == 0 ? "add it to groups" : $"the groups are {known}"));
            }

            int earlier = IndexOf(routes, i, r => r.Path == route.Path && SameHost(r.Host, route.Host));
            if (earlier >= 0)
            {
                errors.In("routes", i).Add("", $"has the host and path of {Item("routes", earlier)}; remove one");
            }
        }
    }

    private static void CheckGroups(LoadBalancerOptions options, ConfigErrors errors)
    {
        IReadOnlyList<BackendGroupOptions> groups = options.Groups;
        if (groups.Count == 0)
        {
            errors.Add("groups", "is empty; at least one group of backends is needed");
        }

        for (int i = 0; i < groups.Count; i++)
        {
            int earlier = IndexOf(groups, i, g => g.Name == groups[i].Name);
            if (earlier >= 0)
            {
                errors.In("groups", i).Add("name", $"is \"{groups[i].Name}\" as in {Item("groups", earlier)}; " +
                    "each group needs a name of its own");
            }

            CheckBackends(groups[i].Backends, options.Listeners, errors.In("groups", i));
        }
    }

    private static void CheckBackends(
        IReadOnlyList<BackendOptions> backends, IReadOnlyList<ListenerOptions> listeners, ConfigErrors errors)
    {
        for (int i = 0; i < backends.Count; i++)
        {
            EndPoint? address = backends[i].Address;
            if (address is null)
            {
                continue;
            }

            int earlier = IndexOf(backends, i, b => IsSame(address, b.Address));
            if (earlier >= 0)
            {
                errors.In("backends", i).Add("address",
                    $"is {HttpText.Of(address)} as in {Item("backends", earlier)}; " +
                    "name each backend once, and give it more weight for a larger share");
            }

            if (address is IPEndPoint own && listeners.Any(l => IsServedBy(own, l.Address)))
            {
                errors.In("backends", i).Add("address", $"is {address}, where this engine listens itself; " +
                    "requests would go round in a circle");
            }
        }
    }

    private static bool SameHost(string? a, string? b) =>
        a is not null && b is not null && HttpText.HostKey(a) == HttpText.HostKey(b);

    private static bool Overlap(IPEndPoint? a, IPEndPoint? b) =>
        a is not null && b is not null && a.Port != 0 && a.Port == b.Port
        && (a.Address.Equals(b.Address) || Covers(a, b) || Covers(b, a));

    // "[::]" listens on the addresses of both families.
    private static bool Covers(IPEndPoint any, IPEndPoint one) => HttpText.IsWildcard(any.Address)
        && (any.AddressFamily == one.AddressFamily || any.Address.Equals(IPAddress.IPv6Any));

    private static bool IsSame(EndPoint a, EndPoint? b) => a is DnsEndPoint name
        ? b is DnsEndPoint other && name.Port == other.Port
            && name.Host.Equals(other.Host, StringComparison.OrdinalIgnoreCase)
        : a.Equals(b);

    /// <summary>Whether what is sent to a backend would come in at a listener.</summary>
    public static bool IsServedBy(IPEndPoint backend, IPEndPoint? listener) =>
        listener is not null && listener.Port != 0 && listener.Port == backend.Port
        && (listener.Address.Equals(backend.Address)
            || (HttpText.IsWildcard(listener.Address) && IPAddress.IsLoopback(backend.Address)));

    private static int IndexOf<T>(IReadOnlyList<T> items, int before, Func<T, bool> matches)
    {
        for (int i = 0; i < before; i++)
        {
            if (matches(items[i]))
            {
                return i;
            }
        }

        return -1;
    }

    private static string Item(string list, int index) => string.Create(null, $"{list}[{index}]");
}
