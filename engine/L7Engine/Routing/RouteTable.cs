using System.Collections.Frozen;
using System.Text;

namespace L7Engine.Routing;

/// <summary>Finds the route of a request by its host and its path.</summary>
/// <remarks>
/// Immutable: any thread may use it. The most specific host with a path that covers the request wins:
/// <code>
///   a.b.example.com  ─►  *.b.example.com  ─►  *.example.com  ─►  *      each with its longest path first
/// </code>
/// </remarks>
internal sealed class RouteTable
{
    private const string AnyHost = "*";
    private const string SuffixMark = "*.";

    private readonly int[] _groups;
    private readonly FrozenDictionary<string, PathRoutes>.AlternateLookup<ReadOnlySpan<char>> _exact;
    private readonly FrozenDictionary<string, PathRoutes>.AlternateLookup<ReadOnlySpan<char>> _suffixes;
    private readonly PathRoutes _anyHost;
    private readonly int _maxSuffixChars;

    /// <param name="entries">Validated. A route's index is its place here. Of two equal the first counts.</param>
    public RouteTable(IReadOnlyList<RouteEntry> entries)
    {
        _groups = [.. entries.Select(e => e.Group)];
        IsCatchAll = entries is [{ Host: AnyHost, Path: "/" }];

        (string Host, RouteEntry Entry, int Route)[] routes =
            [.. entries.Select((entry, route) => (HostName.OfPattern(entry.Host), entry, route))];
        _anyHost = new PathRoutes(routes.Where(r => r.Host == AnyHost).Select(r => (r.Entry.Path, r.Route)));
        _exact = ByHost(routes.Where(r => !r.Host.StartsWith('*')));

        var suffixes = routes
            .Where(r => r.Host.StartsWith(SuffixMark, StringComparison.Ordinal))
            .Select(r => (r.Host[SuffixMark.Length..], r.Entry, r.Route))
            .ToArray();
        _suffixes = ByHost(suffixes);
        _maxSuffixChars = suffixes.Length == 0 ? 0 : suffixes.Max(s => s.Item1.Length);
    }

    /// <summary>The one route takes every request: neither host nor path need be prepared.</summary>
    public bool IsCatchAll { get; }

    public int GroupOf(int route) => _groups[route];

    /// <param name="host">The Host field or authority, with or without a port, in any case; empty for none.</param>
    /// <param name="normalisedPath">The path in normal form, without the query.</param>
    /// <returns>The index of the route, or -1 when none matches.</returns>
    public int Find(ReadOnlySpan<byte> host, ReadOnlySpan<byte> normalisedPath)
    {
        if (IsCatchAll)
        {
            return 0;
        }

        int route = FindByName(HostName.Of(host), normalisedPath);
        return route >= 0 ? route : _anyHost.Find(normalisedPath);
    }

    private int FindByName(ReadOnlySpan<byte> name, ReadOnlySpan<byte> path)
    {
        Span<char> chars = stackalloc char[HostName.MaxBytes];
        if (name.Length > chars.Length)
        {
            return -1;
        }

        ReadOnlySpan<char> host = chars[..Encoding.Latin1.GetChars(name, chars)];
        if (_exact.TryGetValue(host, out PathRoutes? routes) && routes.Find(path) is >= 0 and int exact)
        {
            return exact;
        }

        return _maxSuffixChars == 0 ? -1 : FindBySuffix(host, path);
    }

    private int FindBySuffix(ReadOnlySpan<char> host, ReadOnlySpan<byte> path)
    {
        // From the left, so that the longest suffix comes first. The mark stands for at least one character.
        int dot = host.IndexOf('.');
        while (dot >= 0)
        {
            host = host[(dot + 1)..];
            if (host.Length <= _maxSuffixChars
                && _suffixes.TryGetValue(host, out PathRoutes? routes)
                && routes.Find(path) is >= 0 and int route)
            {
                return route;
            }

            dot = host.IndexOf('.');
        }

        return -1;
    }

    private static FrozenDictionary<string, PathRoutes>.AlternateLookup<ReadOnlySpan<char>> ByHost(
        IEnumerable<(string Host, RouteEntry Entry, int Route)> routes) => routes
            .GroupBy(r => r.Host, StringComparer.OrdinalIgnoreCase)
            .ToFrozenDictionary(
                host => host.Key,
                host => new PathRoutes(host.Select(r => (r.Entry.Path, r.Route))),
                StringComparer.OrdinalIgnoreCase)
            .GetAlternateLookup<ReadOnlySpan<char>>();
}
