using System.Text;

namespace L7Engine.Routing;

/// <summary>The routes of one host, the longest path first, so that the first match is the best.</summary>
/// <remarks>
/// Looked through one by one: a host has few routes, and no path that a client makes up can make it slower than that.
/// </remarks>
internal sealed class PathRoutes
{
    private readonly byte[][] _paths;
    private readonly int[] _routes;

    /// <param name="routes">Each path with the index of its route. Of two equal paths the earlier counts.</param>
    public PathRoutes(IEnumerable<(string Path, int Route)> routes)
    {
        (string Path, int Route)[] longestFirst = [.. routes.OrderByDescending(r => r.Path.Length)];
        _paths = [.. longestFirst.Select(r => Encoding.ASCII.GetBytes(r.Path))];
        _routes = [.. longestFirst.Select(r => r.Route)];
    }

    /// <returns>The route with the longest path that covers <paramref name="path"/>, or -1.</returns>
    public int Find(ReadOnlySpan<byte> path)
    {
        for (int i = 0; i < _paths.Length; i++)
        {
            if (Covers(_paths[i], path))
            {
                return _routes[i];
            }
        }

        return -1;
    }

    private static bool Covers(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> path) =>
        path.StartsWith(prefix)
        && (path.Length == prefix.Length || prefix[^1] == (byte)'/' || path[prefix.Length] == (byte)'/');
}
