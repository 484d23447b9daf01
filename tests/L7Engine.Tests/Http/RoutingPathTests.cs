using L7Engine.Http;
using NUnit.Framework;

namespace L7Engine.Tests.Http;

/// <summary>RFC 3986 section 6.2.2, on the copy that routes are matched on.</summary>
[TestFixture]
internal sealed class RoutingPathTests
{
    [TestCase("/", "/")]
    [TestCase("/a/b", "/a/b")]
    [TestCase("/a/", "/a/")]
    [TestCase("/a?b/../c", "/a")]
    [TestCase("?q", "/")]
    [TestCase("*", "*")]
    [TestCase("//a///b//", "/a/b/")]
    [TestCase("/%61%2D%7e", "/a-~")]
    [TestCase("/a%2Fb%20c", "/a%2Fb%20c")]
    [TestCase("/%2", "/%2")]
    [TestCase("/%zz%4", "/%zz%4")]
    [TestCase("/%252e%252e/a", "/%252e%252e/a")]
    [TestCase("/%%61", "/%a")]
    [TestCase("/a/./b/.", "/a/b/")]
    [TestCase("/a/../b", "/b")]
    [TestCase("/a/b/..", "/a/")]
    [TestCase("/a/%2e%2E/b", "/b")]
    [TestCase("/a/.%2e/b", "/b")]
    [TestCase("/%2e/a", "/a")]
    [TestCase("/../../a", "/a")]
    [TestCase("/a/../../..", "/")]
    [TestCase("/a//../b", "/b")]
    [TestCase("/...", "/...")]
    [TestCase("/..a/.b", "/..a/.b")]
    [TestCase("/a;b=../c", "/a;b=../c")]
    public void A_path_is_normalised(string target, string expected)
    {
        Assert.That(Normalised(target), Is.EqualTo(expected));
    }

    // Against the plainest thing that could be right.
    [Test]
    public void Any_path_becomes_what_an_oracle_makes_of_it([Random(20, Distinct = true)] int seed)
    {
        string[] parts = ["/", "/", ".", "..", "a", "bc", "%2e", "%2F", "%61", "%", "?x", "%2E%2e"];
        var random = new Random(seed);
        for (int round = 0; round < 500; round++)
        {
            string target = "/" + string.Concat(random.GetItems(parts, random.Next(12)));

            string normalised = Normalised(target);

            Assert.That(normalised, Is.EqualTo(Oracle(target)), $"seed {seed}: {target}");
        }
    }

    private static string Normalised(string target)
    {
        byte[] written = new byte[target.Length + 1];
        return Wire.Text(written.AsSpan(0, RoutingPath.Normalise(Wire.Bytes(target), written)));
    }

    private static string Oracle(string target)
    {
        string[] segments = target.Split('?')[0]
            .Replace("%61", "a", StringComparison.Ordinal)
            .Replace("%2e", ".", StringComparison.OrdinalIgnoreCase)
            .Split('/');
        List<string> stack = [];
        foreach (string segment in segments.Where(s => s is not ("" or ".")))
        {
            if (segment != "..")
            {
                stack.Add(segment);
            }
            else if (stack.Count > 0)
            {
                stack.RemoveAt(stack.Count - 1);
            }
        }

        bool isFolder = segments[^1] is "" or "." or ".." && stack.Count > 0;
        return "/" + string.Join('/', stack) + (isFolder ? "/" : "");
    }
}
