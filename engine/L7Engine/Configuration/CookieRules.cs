namespace L7Engine.Configuration;

/// <summary>The rule that groups which one client may meet at one host name their cookies differently.</summary>
/// <remarks>A cookie is of a host, whatever the path (RFC 6265 section 5.3): each group would void the other's.
/// </remarks>
internal static class CookieRules
{
    public static void Check(LoadBalancerOptions options, ConfigErrors errors)
    {
        var told = new HashSet<int>();
        string[] hosts = [.. options.Routes.Select(r => r.Host).OfType<string>().Select(HttpText.HostKey).Distinct()];
        foreach (string host in hosts)
        {
            int[] groups = [.. GroupsAt(host, hosts, options)];
            for (int i = 0; i < groups.Length; i++)
            {
                string cookie = options.Groups[groups[i]].Affinity.Cookie;
                int other = Array.FindIndex(groups, 0, i, g => options.Groups[g].Affinity.Cookie == cookie);
                if (other >= 0 && told.Add(groups[i]))
                {
                    errors.In("groups", groups[i]).In("affinity").Add("cookie",
                        string.Create(null, $"is \"{cookie}\" as in groups[{groups[other]}], and ") +
                        $"host \"{NameOf(host, options)}\" has routes to both; give each a name of its own");
                }
            }
        }
    }

    // Those with a cookie that a request for the host may go to, in the order of the configuration.
    private static IEnumerable<int> GroupsAt(string host, string[] hosts, LoadBalancerOptions options)
    {
        var routes = new List<RouteOptions>();
        foreach (string pattern in hosts.Where(p => Covers(p, host)).OrderByDescending(p => p.Length))
        {
            routes.AddRange(options.Routes.Where(r => r.Host is not null && HttpText.HostKey(r.Host) == pattern));
            if (routes.Exists(r => r.Path == "/"))
            {
                // It takes what no longer path does: nothing is left for patterns that are less specific.
                break;
            }
        }

        return Enumerable.Range(0, options.Groups.Count).Where(
            i => options.Groups[i].Affinity.Enabled && routes.Exists(r => r.Group == options.Groups[i].Name));
    }

    private static bool Covers(string pattern, string host) => pattern == host || pattern == "*"
        || (pattern is ['*', .. string suffix] && host.EndsWith(suffix, StringComparison.Ordinal));

    private static string NameOf(string host, LoadBalancerOptions options) =>
        options.Routes.First(r => r.Host is not null && HttpText.HostKey(r.Host) == host).Host;
}
