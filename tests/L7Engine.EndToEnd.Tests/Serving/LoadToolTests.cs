using System.Globalization;
using System.Text.RegularExpressions;
using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Serving;

/// <summary>Load generators in front of the command, nginx behind it: not one request fails.</summary>
[TestFixture]
internal sealed partial class LoadToolTests
{
    private const string Requests = "20000";

    private ServedNginx? _served;

    private string Url => _served!.UrlOf(NginxProcess.Hundred);

    [OneTimeSetUp]
    public async Task Start() => _served = await ServedNginx.StartAsync();

    [OneTimeTearDown]
    public async Task Stop() => await (_served?.DisposeAsync() ?? default);

    [Test]
    public async Task Wrk_sees_no_error()
    {
        ToolResult result = await Tool.RunAsync("wrk", "-t1", "-c64", "-d3s", "--timeout", "60s", Url);

        Report(result);
        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Output, Does.Not.Contain("Socket errors").And.Not.Contain("Non-2xx"));
        Assert.That(FirstNumber(result, RequestsInWrk()), Is.Positive);
    }

    [Test]
    public async Task H2load_in_its_http_1_mode_has_every_request_succeed()
    {
        ToolResult result = await Tool.RunAsync("h2load", "--h1", "-n", Requests, "-c", "32", Url);

        Report(result);
        Assert.That(result.Output, Does.Contain(
            $"{Requests} done, {Requests} succeeded, 0 failed, 0 errored, 0 timeout"), result.ToString());
    }

    [TestCase("-k", "20000", TestName = "Ab_that_keeps_its_connections_has_no_request_fail")]
    [TestCase("-q", "5000", TestName = "Ab_that_closes_its_connections_has_no_request_fail")]
    public async Task Ab_has_no_request_fail(string flag, string requests)
    {
        ToolResult result = await Tool.RunAsync("ab", flag, "-q", "-n", requests, "-c", "32", Url);

        Report(result);
        Assert.That(FirstNumber(result, CompleteInAb()), Is.EqualTo(int.Parse(requests, CultureInfo.InvariantCulture)));
        Assert.That(FirstNumber(result, FailedInAb()), Is.Zero, result.ToString());
        Assert.That(result.Output, Does.Not.Contain("Non-2xx"));
    }

    private static void Report(ToolResult result) => TestContext.Out.WriteLine(
        result.Output.Split('\n').FirstOrDefault(line => SpeedInAny().IsMatch(line), "The tool told no speed."));

    private static int FirstNumber(ToolResult result, Regex pattern)
    {
        Match match = pattern.Match(result.Output);
        Assert.That(match.Success, result.ToString());
        return int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"Requests/sec|Requests per second|req/s, ")]
    private static partial Regex SpeedInAny();

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex RequestsInWrk();

    [GeneratedRegex(@"Complete requests:\s+(\d+)")]
    private static partial Regex CompleteInAb();

    [GeneratedRegex(@"Failed requests:\s+(\d+)")]
    private static partial Regex FailedInAb();
}
