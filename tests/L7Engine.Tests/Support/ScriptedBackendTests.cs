using L7Engine.Transport;
using NUnit.Framework;

namespace L7Engine.Tests.Support;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ScriptedBackendTests
{
    private readonly SimNetwork _net = new(seed: 4) { Link = new LinkSettings { Faults = Faults.Splits } };
    private readonly ScriptedBackend _backend;
    private readonly SimPeer _client;

    public ScriptedBackendTests()
    {
        _backend = new ScriptedBackend(_net);
        _client = _net.Connect(_backend.Address);
    }

    [Test]
    public void Pipelined_requests_are_answered_in_order()
    {
        _client.Send("GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /3 HTTP/1.1\r\n\r\n");
        _net.RunUntilIdle();

        Assert.That(_backend.Requests.Select(r => r.Target + r.Body), Is.EqualTo((string[])["/1", "/2abc", "/3"]));
        Assert.That(
            PlainMessage.CutAll(_client.Text).Select(m => m.Body), Is.EqualTo((string[])["/1", "/2", "/3"]));
    }

    [Test]
    public void Chunks_are_taken_apart_and_made()
    {
        _backend.OnRequest = request => request.AnswerChunked(request.Body, "more");
        _client.Send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
        _client.Send("3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n");
        _net.RunUntilIdle();

        Assert.That(PlainMessage.TryCut(_client.Text)!.Body, Is.EqualTo("abcdemore"));
    }

    [Test]
    public void A_head_can_be_answered_before_the_body_has_come()
    {
        _backend.OnHead = request => request.Answer("early", status: 413);
        _backend.OnRequest = _ => { };
        _client.Send("POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\nabc");
        _net.RunUntilIdle();

        PlainMessage answer = PlainMessage.TryCut(_client.Text)!;
        Assert.That((answer.Status, answer.Body, _backend.Requests.Count), Is.EqualTo((413, "early", 0)));
    }

    [Test]
    public void A_body_without_length_ends_with_the_connection()
    {
        _backend.OnRequest = request => request.AnswerAndClose("to the end");
        _client.Send("GET / HTTP/1.0\r\n\r\n");
        _net.RunUntilIdle();

        Assert.That(PlainMessage.TryCut(_client.Text), Is.Null);
        Assert.That(PlainMessage.TryCut(_client.Text, _client.IsFinished)!.Body, Is.EqualTo("to the end"));
    }

    [Test]
    public void A_killed_backend_resets_and_refuses()
    {
        _client.Send("GET / HTTP/1.1\r\n\r\n");
        _net.RunUntilIdle();
        _backend.Kill();
        SimPeer late = _net.Connect(_backend.Address);
        _net.RunUntilIdle();

        Assert.That((_client.IsReset, late.Error), Is.EqualTo((true, ErrorNumber.ConnectionRefused)));
    }
}
