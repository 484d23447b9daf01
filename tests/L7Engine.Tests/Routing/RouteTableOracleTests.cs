using System.Text;
using L7Engine.Routing;
using NUnit.Framework;

namespace L7Engine.Tests.Routing;

/// <summary>The table beside a search over all entries that scores each, with strings and no index.</summary>
[TestFixture]
internal sealed class RouteTableOracleTests
{
    private const int LookupCount = 300;

    private static readonly string[] Labels = ["a", "b", "com", "Test"];
    private static readonly string[] Segments = ["x", "y", "xy"];

    [Test]
    public void Any_table_finds_what_a_search_over_all_entries_would([Random(60, Distinct = true)] int seed)
    {
        var random = new Random(seed);
        RouteEntry[] entries = [.. Enumerable.Range(0, random.Next(1, 25)).Select(_ => RandomEntry(random))];
        var table = new RouteTable(entries);

        for (int i = 0; i < LookupCount; i++)
        {
            string host = RandomName(random) + (random.Next(4) == 0 ? ":80" : "");
            string path = RandomPath(random);

            int found = table.Find(Encoding.ASCII.GetBytes(host), Encoding.ASCII.GetBytes(path));

            Assert.That(found, Is.EqualTo(Search(entries, host, path)), $"seed {seed}: {host} {path}");
        }
    }

    private static int Search(RouteEntry[] entries, string hostAndPort, string path)
    {
        string host = hostAndPort.Split(':')[0].TrimEnd('.');
        var matches = from candidate in entries.Select((entry, route) => (entry, route))
                      where Matches(candidate.entry.Host, host) && (path + "/").StartsWith(
                          candidate.entry.Path.TrimEnd('/') + "/", StringComparison.Ordinal)
                      orderby Weight(candidate.entry.Host) descending, candidate.entry.Path.Length descending
                      select candidate.route;
        return matches.FirstOrDefault(-1);
    }

    private static bool Matches(string pattern, string host) => pattern switch
    {
        "*" => true,
        ['*', .. string suffix] => host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase),
        _ => host.Equals(pattern, StringComparison.OrdinalIgnoreCase),
    };

    private static int Weight(string pattern) => pattern.StartsWith('*') ? pattern.Length : int.MaxValue;

    private static RouteEntry RandomEntry(Random random)
    {
        string host = random.Next(4) switch
        {
            0 => "*",
            1 or 2 => "*." + RandomName(random).TrimEnd('.'),
            _ => RandomName(random).TrimEnd('.'),
        };
        return new RouteEntry(host, RandomPath(random).TrimEnd('/') is { Length: > 0 } path ? path : "/", 0);
    }

    private static string RandomName(Random random) =>
        string.Join('.', random.GetItems(Labels, random.Next(1, 5))) + (random.Next(5) == 0 ? "." : "");

    private static string RandomPath(Random random) =>
        "/" + string.Join('/', random.GetItems(Segments, random.Next(0, 4)));
}
