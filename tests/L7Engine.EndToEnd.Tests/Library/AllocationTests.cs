using L7Engine.EndToEnd.Tests.Support;
using NUnit.Framework;

namespace L7Engine.EndToEnd.Tests.Library;

/// <summary>What a request costs on the heap once all is warm. The other ends are processes of their own.</summary>
[TestFixture]
internal sealed class AllocationTests
{
    private const string Connections = "-c32";

    // Waiting for a process, opening its connections (600 bytes each) and looking at the clock are in the figure, too.
    private const long AllowedBytes = 256 * 1_024;

    // Only a machine that is far too busy needs so many.
    private const int MaxRounds = 100;

    [TestCase(NginxProcess.Hundred, 100_000)]
    [TestCase("/files/16KiB", 30_000)]
    public async Task A_request_on_warm_connections_allocates_nothing(string path, long leastRequests)
    {
        string wrk = Tool.Require("wrk");
        await using NginxProcess nginx = await NginxProcess.StartAsync();
        nginx.AddFile("16KiB", BytesOf.Exchange(id: 1, count: 16 * 1_024));
        await using var balancer = new LoadBalancer(Unlimited(Engines.Options(nginx.Address)));
        await balancer.StartAsync();
        string url = $"http://{balancer.LocalEndPoints[0]}{path}";
        await LoadAsync(balancer, wrk, url, "-d2s");

        (long requests, long bytes) = (0, 0);
        for (int round = 0; round < MaxRounds && requests < leastRequests; round++)
        {
            (long moreRequests, long moreBytes) = await LoadAsync(balancer, wrk, url, "-d3s");
            TestContext.Out.WriteLine($"{path}: {moreRequests} requests, {moreBytes} bytes");

            // Until the code is compiled for good, which on a busy machine takes its time, it may allocate: all of the
            // requests have to come in a row of rounds that did not.
            bool isWarm = moreBytes < AllowedBytes;
            (requests, bytes) = isWarm ? (requests + moreRequests, bytes + moreBytes) : (0, 0);
        }

        TestContext.Out.WriteLine($"{path}: {requests} requests, {(double)bytes / requests:0.0000} bytes each");
        Assert.That(requests, Is.AtLeast(leastRequests), "requests in rounds that allocated next to nothing");
        Assert.That(balancer.GetStatus().Responses.Select(r => r.StatusClass), Is.All.EqualTo(2));
    }

    /// <returns>What came, and what the whole process allocated while it came; nothing is subtracted.</returns>
    private static async Task<(long Requests, long Bytes)> LoadAsync(
        LoadBalancer balancer, string wrk, string url, string duration)
    {
        long requests = balancer.GetStatus().Requests;
        await using var process = ChildProcess.Start(wrk, "-t1", Connections, duration, url);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        bool hasEnded = process.WaitForExit();
        long after = GC.GetTotalAllocatedBytes(precise: true);
        Assert.That(hasEnded);
        return (balancer.GetStatus().Requests - requests, after - before);
    }

    // A connection that is replaced every thousand requests would be counted with them.
    private static LoadBalancerOptions Unlimited(LoadBalancerOptions options) => options with
    {
        Listeners = [options.Listeners[0] with { KeepAlive = new KeepAliveOptions { MaxRequests = 0 } }],
    };
}
