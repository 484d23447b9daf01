using L7Engine.EndToEnd.Tests.Library;
using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Backends;

/// <summary>More loops than load: pools of several loops must neither hoard connections nor open them anew.</summary>
[TestFixture]
internal sealed class ReuseTests
{
    private const string Connections = "-c64";

    // Each loop opens some for the clients that it happens to have: of fewer requests those would be too large a part.
    private const int LeastRequests = 50_000;
    private const int LongestSeconds = 135;

    [Test]
    public async Task With_two_loops_and_two_backends_nearly_every_request_finds_an_open_connection()
    {
        string wrk = Tool.Require("wrk");
        await using NginxProcess one = await NginxProcess.StartAsync();
        await using NginxProcess other = await NginxProcess.StartAsync();
        await using var balancer = new LoadBalancer(Engines.Options(one.Address) with
        {
            Loops = 2,
            Groups = [new BackendGroupOptions
            {
                Backends = [new BackendOptions { Address = one.Address }, new BackendOptions { Address = other.Address }],
            }],
        });
        await balancer.StartAsync();
        string url = $"http://{balancer.LocalEndPoints[0]}{NginxProcess.Hundred}";
        await Tool.RunAsync(wrk, "-t1", Connections, "-d2s", url);

        LoadBalancerStatus before, after;
        int seconds = 5;
        do
        {
            before = balancer.GetStatus();
            await Tool.RunAsync(wrk, "-t1", Connections, $"-d{seconds}s", url);
            after = balancer.GetStatus();
            seconds *= 3;
        }
        while (after.Requests - before.Requests < LeastRequests && seconds <= LongestSeconds);

        long requests = after.Requests - before.Requests;
        long reused = after.RequestsOnReusedBackendConnections - before.RequestsOnReusedBackendConnections;
        long opened = after.BackendConnectionsOpened - before.BackendConnectionsOpened;
        TestContext.Out.WriteLine(
            $"{requests} requests, {(double)reused / requests:P3} on a reused connection, {opened} opened");
        Assert.That(requests, Is.AtLeast(LeastRequests));
        Assert.That((double)reused / requests, Is.GreaterThan(0.999));
        Assert.That(after.Backends.Select(b => b.Requests), Is.All.AtLeast(after.Requests / 3));
        Assert.That(after.Responses.Select(r => r.StatusClass), Is.All.EqualTo(2));
    }
}
