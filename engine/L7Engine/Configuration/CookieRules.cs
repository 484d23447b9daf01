namespace L7Engine.Configuration;

/// <summary>The rule that groups which one client may meet at one host name their cookies differently.</summary>
/// <remarks>A cookie is of a host, whatever the path (RFC 6265 section 5.3): each group would void the other's.
/// </remarks>
internal static class CookieRules
{
    public static void Check(LoadBalancerOptions options, ConfigErrors errors)
    {
        // There may be tens of thousands of hosts, and hardly ever two groups with one name.
        int[] bound = [.. Enumerable.Range(0, options.Groups.Count).Where(i => options.Groups[i].Affinity.Enabled)];
        if (bound.DistinctBy(i => options.Groups[i].Affinity.Cookie).Count() == bound.Length)
        {
            return;
        }

        var told = new HashSet<int>();
        ILookup<string, RouteOptions> hosts =
            options.Routes.Where(r => r.Host is not null).ToLookup(r => HttpText.HostKey(r.Host));
        string[] wildcards =
            [.. hosts.Select(h => h.Key).Where(k => k.StartsWith('*')).OrderByDescending(k => k.Length)];
        foreach (IGrouping<string, RouteOptions> host in hosts)
        {
            HashSet<string> reached = [.. RoutesAt(host.Key, hosts, wildcards).Select(r => r.Group)];
            int[] groups = [.. bound.Where(i => reached.Contains(options.Groups[i].Name))];
            for (int i = 0; i < groups.Length; i++)
            {
                string cookie = options.Groups[groups[i]].Affinity.Cookie;
                int other = Array.FindIndex(groups, 0, i, g => options.Groups[g].Affinity.Cookie == cookie);
                if (other >= 0 && told.Add(groups[i]))
                {
                    errors.In("groups", groups[i]).In("affinity").Add("cookie",
                        string.Create(null, $"is \"{cookie}\" as in groups[{groups[other]}], and ") +
                        $"host \"{host.First().Host}\" has routes to both; give each a name of its own");
                }
            }
        }
    }

    // Those that a request for the host may take: its own first, then those of what covers it, the most specific first.
    private static IEnumerable<RouteOptions> RoutesAt(
        string host, ILookup<string, RouteOptions> hosts, string[] wildcards)
    {
        foreach (string pattern in wildcards.Where(p => p != host && Covers(p, host)).Prepend(host))
        {
            bool takesAll = false;
            foreach (RouteOptions route in hosts[pattern])
            {
                takesAll |= route.Path == "/";
                yield return route;
            }

            if (takesAll)
            {
                // Nothing is left for patterns that are less specific.
                yield break;
            }
        }
    }

    private static bool Covers(string pattern, string host) => host.EndsWith(pattern[1..], StringComparison.Ordinal);
}
