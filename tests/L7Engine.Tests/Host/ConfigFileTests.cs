using System.Text;
using L7Engine.Host.Configuration;
using NUnit.Framework;

namespace L7Engine.Tests.Host;

[TestFixture]
internal sealed class ConfigFileTests
{
    private const string Smallest = """
        {
          "listeners": [ { "address": "127.0.0.1:8080" } ],
          "groups": [ { "backends": [ { "address": "127.0.0.1:9001" } ] } ]
        }
        """;

    [Test]
    public void The_smallest_file_gives_the_defaults()
    {
        LoadBalancerOptions? options = Parse(Smallest, out IReadOnlyList<string> lines);

        Assert.That(lines, Is.Empty);
        Assert.That(Printed(options!), Is.EqualTo(Printed(Valid.Options)));
    }

    [Test]
    public void Comments_trailing_commas_and_a_byte_order_mark_are_accepted()
    {
        string text = "\uFEFF// what for\n" + Smallest.Replace("} ]", "}, /* more? */ ]", StringComparison.Ordinal);

        Assert.That(Parse(text, out IReadOnlyList<string> lines), Is.Not.Null);
        Assert.That(lines, Is.Empty);
    }

    [Test]
    public void Every_problem_is_reported_at_once_with_its_line_and_column()
    {
        const string text = """
            {
              "listeners": [ {
                "address": "localhost:8080",
                "keepAlive": { "idleTimout": "75s", "maxAge": 3600 },
                "keepAlive": { } } ],
              "groups": [ { "policy": "roundRobbin", "backends": [ 7, { "weight": 5000, "address": "1.2.3.4:5" } ] } ],
              "routes": { },
              "limits": { "maxRequestHead": "32KB" },
              "timeouts": { "linger": "0" }
            }
            """;

        Parse(text, out IReadOnlyList<string> lines);

        Assert.That(lines, Is.EqualTo(
        [
            "f.json:3:16: listeners[0].address: is \"localhost:8080\"; " +
                "it must be an address and port, such as \"127.0.0.1:8080\" or \"[::1]:8080\"",
            "f.json:4:20: listeners[0].keepAlive.idleTimout: is no setting; did you mean \"idleTimeout\"?",
            "f.json:4:51: listeners[0].keepAlive.maxAge: is 3600; " +
                "it must be a number with ms, s, m, h or d, such as \"75s\"",
            "f.json:5:5: listeners[0].keepAlive: is given twice; remove it here or in line 4",
            "f.json:6:27: groups[0].policy: is \"roundRobbin\"; did you mean \"roundRobin\"?",
            "f.json:6:56: groups[0].backends[0]: is 7; it must be an object: { }",
            "f.json:6:71: groups[0].backends[1].weight: is 5000; it must be 0 to 1000",
            "f.json:7:13: routes: is an object; it must be a list: [ ]",
            "f.json:8:33: limits.maxRequestHead: is \"32KB\"; it must be a number of bytes, " +
                "or one with B, KiB, MiB, GiB or TiB, such as \"64KiB\", less than 2GiB",
            "f.json:9:27: timeouts.linger: is 0; it must be 100ms to 1m",
        ]));
    }

    [Test]
    public void A_column_counts_characters_and_not_bytes()
    {
        Parse("""{ /* äöü€ */ "lops": 1 }""", out IReadOnlyList<string> lines);

        Assert.That(lines[^1], Is.EqualTo("f.json:1:14: lops: is no setting; did you mean \"loops\"?"));
    }

    [Test]
    public void What_is_missing_is_reported_where_it_would_stand()
    {
        Parse("{\n  \"listeners\": [ { } ] }", out IReadOnlyList<string> lines);

        Assert.That(lines, Is.EqualTo(
        [
            "f.json:1:1: groups: is empty; at least one group of backends is needed",
            "f.json:2:18: listeners[0].address: is missing; " +
                "it must be an address and port, such as \"127.0.0.1:8080\" or \"[::1]:8080\"",
        ]));
    }

    [TestCase("", "f.json:1:1: is empty; it must be an object: { }")]
    [TestCase("[]", "f.json:1:1: is a list; it must be an object: { }")]
    [TestCase("{\n \"loops\": 1 \"a\" }", "f.json:2:13: no valid JSON: *")]
    [TestCase("{ \"loops\": [1,2 }", "f.json:1:17: no valid JSON: *")]
    [TestCase("{} {}", "f.json:1:4: no valid JSON: *")]
    [TestCase("{ \"\\ud800\": 1 }", "f.json:1:3: no valid JSON: *")]
    public void What_is_no_JSON_object_is_the_only_problem(string text, string expected)
    {
        Parse(text, out IReadOnlyList<string> lines);

        Assert.That(lines.Single(), expected.EndsWith('*') ? Does.StartWith(expected[..^1]) : Is.EqualTo(expected));
    }

    [Test]
    public void Bytes_that_are_no_text_and_endless_depth_are_problems_and_not_exceptions()
    {
        byte[] noText = [.. "{ \""u8, 0xFF, .. "\": 1 }"u8];
        byte[] deep = Encoding.UTF8.GetBytes(new string('[', 100_000));

        ConfigFile.Parse(new ConfigSource("f.json", noText), out IReadOnlyList<string> noTextLines, out _);
        ConfigFile.Parse(new ConfigSource("f.json", deep), out IReadOnlyList<string> deepLines, out _);

        Assert.That((noTextLines.Count, deepLines.Count), Is.EqualTo((1, 1)));
    }

    [Test]
    public void A_line_of_output_stays_one_line_whatever_the_file_holds()
    {
        Parse("""{ "a\n\u001b[31m\u202e": 1 }""", out IReadOnlyList<string> lines);

        Assert.That(lines[^1], Does.StartWith("f.json:1:3: a\\n\\u001b[31m\\u202e: is no setting; "));
    }

    [Test]
    public void None_is_no_limit_where_there_is_such_a_thing()
    {
        LoadBalancerOptions? options = Parse(
            Smallest.Insert(1, """ "limits": { "maxRequestBody": "none" },"""), out IReadOnlyList<string> lines);
        Parse(Smallest.Insert(1, """ "timeouts": { "requestHead": "none" },"""), out IReadOnlyList<string> refused);

        Assert.That(lines, Is.Empty);
        Assert.That(options!.Limits.MaxRequestBodyBytes, Is.Zero);
        Assert.That(refused.Single(), Does.Contain("timeouts.requestHead: is \"none\"; it must be"));
    }

    [Test]
    public void A_file_that_is_not_there_is_one_line()
    {
        Assert.That(ConfigFile.Read("/nowhere/f.json", out IReadOnlyList<string> lines), Is.Null);
        Assert.That(lines.Single(), Does.StartWith("/nowhere/f.json: cannot be read: "));
    }

    internal static LoadBalancerOptions? Parse(string text, out IReadOnlyList<string> lines) =>
        ConfigFile.Parse(new ConfigSource("f.json", Encoding.UTF8.GetBytes(text)), out lines, out _);

    internal static string Printed(LoadBalancerOptions options)
    {
        var json = new MemoryStream();
        ConfigWriter.Write(json, options);
        return Encoding.UTF8.GetString(json.ToArray());
    }
}
