using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Proxying;

/// <summary>When a POST may be sent again because it says how the backend knows it.</summary>
[TestFixture]
internal sealed class IdempotencyKeyTests : EngineFixture
{
    private const string Key = "Idempotency-Key: \"8e03978e-40d5-43dd-bc93-6894a57f9324\"\r\n";

    [Test]
    public void A_post_with_a_key_is_sent_again_where_the_route_says_so([Values] bool isReused)
    {
        SimPeer first = Meet("POST", Key, isReused, honours: true);
        first.Reset();
        Net.RunUntilIdle();

        SimPeer second = Others(first).Single(p => p.Text.Contains("/key", StringComparison.Ordinal));
        Assert.That(second.Text, Does.Contain(Key).And.EndWith("\r\n\r\nhi"));
    }

    [TestCase("POST", Key, false)]
    [TestCase("POST", "", true)]
    [TestCase("POST", "Idempotency-Key:\r\n", true)]
    [TestCase("POST", "Idempotency-Key: a\r\nidempotency-key: b\r\n", true)]
    [TestCase("POST", "Idempotency-Key: a\r\nConnection: idempotency-key\r\n", true)]
    [TestCase("POST", "Idempotency_Key: a\r\n", true)]
    [TestCase("PATCH", Key, true)]
    public void No_other_one_is(string method, string fields, bool honours)
    {
        foreach (bool isReused in new[] { false, true })
        {
            SimPeer first = Meet(method, fields, isReused, honours);
            first.Reset();
            Net.RunUntilIdle();

            Assert.That(Others(first).Where(p => p.Text.Contains("/key", StringComparison.Ordinal)), Is.Empty);
            Assert.That(Bed.Status.EngineResponses.Single().Count, Is.EqualTo(1));
            Bed.Stop();
        }
    }

    private IEnumerable<SimPeer> Others(SimPeer first) =>
        Bed.Backends.SelectMany(b => b.Peers).Where(p => p != first);

    /// <returns>The connection that the request is on.</returns>
    private SimPeer Meet(string method, string fields, bool isReused, bool honours)
    {
        Start(o => o with { Routes = [new RouteOptions { IdempotencyKey = honours }] }, backends: isReused ? 1 : 2);
        SimPeer client = Bed.Connect();
        if (isReused)
        {
            Send(client, Msg.Get("/warm"));
            Send(Backend, Msg.Ok());
        }

        Send(client, $"{method} /key HTTP/1.1\r\nHost: x\r\n{fields}Content-Length: 2\r\n\r\nhi");
        return Bed.Backends.SelectMany(b => b.Peers).Single(p => p.Text.Contains("/key", StringComparison.Ordinal));
    }
}
