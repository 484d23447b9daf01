using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text;
using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Simulation;

/// <summary>What the engine allocates on the heap in steady state: nothing for a request, little for a connection.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class AllocationTests
{
    private const int Requests = 10_000;
    private const int MostBytesAConnection = 600;
    private const int ResponseBytesOfEngine = 300;

    private const string Get = "GET /r/a?b=c HTTP/1.1\r\nHost: example.org\r\nAccept: */*\r\n\r\n";
    private const string HeadEnd = "\r\n\r\n";
    private const string BodyEnd = "!";
    private const string ChunksEnd = "\r\n0\r\n\r\n";

    // Without optimisation the compiler makes classes of state machines, and each run of one is an object.
    [SetUp]
    public void Only_optimised_code_is_measured()
    {
        var debuggable = typeof(LoadBalancer).Assembly.GetCustomAttribute<DebuggableAttribute>();
        if (debuggable is { IsJITOptimizerDisabled: true })
        {
            Assert.Ignore("The engine was built without optimisation.");
        }
    }

    [TestCase(100)]
    [TestCase(16 * 1024)]
    [TestCase(200_000, 1_000)]
    public void A_request_allocates_nothing(int bodyBytes, int requests = Requests) =>
        AssertNothing(new AllocationBed(Get, HeadEnd, ResponseOf(bodyBytes), BodyEnd), requests);

    [TestCase(100)]
    [TestCase(16 * 1024)]
    [TestCase(200_000, 1_000)]
    public void A_request_with_a_body_allocates_nothing(int bodyBytes, int requests = Requests)
    {
        string post = $"POST /r HTTP/1.1\r\nHost: example.org\r\nContent-Length: {bodyBytes}\r\n\r\n{BodyOf(bodyBytes)}";

        AssertNothing(new AllocationBed(post, BodyEnd, ResponseOf(100), BodyEnd), requests);
    }

    [TestCase(100)]
    [TestCase(200_000, 1_000)]
    public void A_chunked_request_allocates_nothing(int bodyBytes, int requests = Requests)
    {
        string post = "POST /r HTTP/1.1\r\nHost: example.org\r\nTransfer-Encoding: chunked\r\n\r\n" + ChunksOf(bodyBytes);

        AssertNothing(new AllocationBed(post, ChunksEnd, ResponseOf(100), BodyEnd), requests);
    }

    [TestCase(100)]
    [TestCase(200_000, 1_000)]
    public void A_chunked_response_allocates_nothing(int bodyBytes, int requests = Requests)
    {
        string response = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + ChunksOf(bodyBytes);

        AssertNothing(new AllocationBed(Get, HeadEnd, response, ChunksEnd), requests);
    }

    // Of four that ask at once three wait for the one place, each for its turn.
    [Test]
    public void A_request_that_waits_for_a_place_allocates_nothing()
    {
        var bed = new AllocationBed(Get, HeadEnd, ResponseOf(100), BodyEnd, places: 1);

        AssertNothing(bed.SendTogether, Requests);
        Assert.That(bed.Queued, Is.GreaterThan(Requests / 2));
    }

    [Test]
    public void An_interim_response_allocates_nothing() =>
        AssertNothing(new AllocationBed(
            Get, HeadEnd, "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + ResponseOf(100), BodyEnd));

    [Test]
    public void An_answer_of_our_own_allocates_nothing() =>
        AssertNothing(new AllocationBed("GET /none HTTP/1.1\r\nHost: example.org\r\n\r\n", HeadEnd, "", "Not Found"));

    [Test]
    public void A_connection_allocates_little()
    {
        const int Connections = 2_000;
        var bed = new AllocationBed(Get, HeadEnd, ResponseOf(100), BodyEnd);
        long withEngine = Allocated.BytesBy(() => bed.SendApart(Connections)) / Connections;
        long withoutEngine = Allocated.BytesBy(BareConnections(Connections)) / Connections;

        long ours = withEngine - withoutEngine;

        TestContext.Out.WriteLine($"{ours} bytes a connection ({withEngine} with the network, {withoutEngine} of it)");
        Assert.That(ours, Is.LessThanOrEqualTo(MostBytesAConnection));
    }

    private static void AssertNothing(AllocationBed bed, int requests = Requests) => AssertNothing(bed.Send, requests);

    private static void AssertNothing(Action<int> send, int requests)
    {
        long allocated = Allocated.BytesBy(() => send(requests));

        Assert.That(allocated, Is.Zero, $"{(double)allocated / requests:0.0} bytes a request");
    }

    // As many bytes between a client and a bare socket: what the network itself allocates.
    private static Action BareConnections(int count)
    {
        var network = new SimNetwork();
        var server = new BareServer(network, ResponseBytesOfEngine);
        byte[] request = Encoding.Latin1.GetBytes(Get);
        return () => Repeat(count, () =>
        {
            SimPeer client = network.Connect(server.Address);
            client.OnReceived = static peer => peer.Clear();
            client.Send(request);
            network.RunUntilIdle();
            client.Close();
            network.RunUntilIdle();
        });
    }

    private static void Repeat(int count, Action work)
    {
        for (int i = 0; i < count; i++)
        {
            work();
        }
    }

    private static string ResponseOf(int bodyBytes) =>
        $"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {bodyBytes}\r\n\r\n{BodyOf(bodyBytes)}";

    private static string BodyOf(int bodyBytes) => new string('b', bodyBytes - BodyEnd.Length) + BodyEnd;

    private static string ChunksOf(int bodyBytes)
    {
        var text = new StringBuilder();
        for (int left = bodyBytes; left > 0; left -= 1_000)
        {
            int bytes = Math.Min(left, 1_000);
            text.Append(bytes.ToString("x", CultureInfo.InvariantCulture)).Append("\r\n").Append('c', bytes).Append("\r\n");
        }

        return text.Append("0\r\n\r\n").ToString();
    }
}
