using L7Engine.EndToEnd.Tests.Support;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Library;

/// <summary>A logger of the embedder that throws, on threads of loops: what they let through would end the process.
/// </summary>
[TestFixture]
internal sealed class ThrowingLoggerTests
{
    private const int Places = 8;

    [Test]
    public async Task Loops_accept_serve_and_end_in_time_whatever_the_logger_throws([Values] bool whenAsked)
    {
        var log = new ThrowingLogger(whenAsked);
        await using ScriptedBackend backend = ScriptedBackend.Saying("hi");
        LoadBalancerOptions options = Engines.Options(backend.Address);
        await using var balancer = new LoadBalancer(
            options with
            {
                Groups = [options.Groups[0] with { CustomPolicy = _ => new Thrower() }],
                Limits = new Limits { MaxClientConnections = Places },
            },
            log.Factory);
        await balancer.StartAsync();
        int atStart = log.CallCount;

        // One after the other they take all places, and each loop that finds them short says so while it accepts.
        for (int i = 0; i < 4 * Places; i++)
        {
            using WireStream client = await WireStream.ConnectAsync(balancer.LocalEndPoints[0]);
            await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            Assert.That((await client.ReadHeadAsync())?.Status, Is.EqualTo(200), $"client {i}");
        }

        await CrowdAsync(balancer);
        Assert.That(log.CallCount, Is.GreaterThan(atStart));
        Assert.That(whenAsked || (log.Events.Contains(607) && log.Events.Contains(611)), string.Join(' ', log.Events));
        Assert.That(balancer.GetStatus().PolicyFaults, Is.GreaterThanOrEqualTo(5 * Places));
        DrainResult drained = await Patience.ForAsync(balancer.DrainAsync(TimeSpan.FromSeconds(5)), "the drain");
        Assert.That(drained.CutAtDeadline, Is.Zero);
        await Patience.ForAsync(balancer.DisposeAsync().AsTask(), "the end");
        LoadBalancerStatus status = balancer.GetStatus();
        Assert.That(status.ClientCloses.Sum(c => c.Count), Is.EqualTo(status.ClientConnectionsAccepted));
    }

    // Who stays while as many others come and ask makes places short.
    private static async Task CrowdAsync(LoadBalancer balancer)
    {
        List<WireStream> clients = [];
        for (int i = 0; i < Places; i++)
        {
            clients.Add(await WireStream.ConnectAsync(balancer.LocalEndPoints[0]));
            await clients[i].SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            Assert.That((await clients[i].ReadHeadAsync())?.Status, Is.EqualTo(200), $"client {i} of a crowd");
        }

        clients.ForEach(client => client.Dispose());
    }

    private sealed class Thrower : IBalancingPolicy
    {
        public int Pick(ulong key, in BalancingCandidates candidates) => throw new InvalidOperationException();
    }
}
