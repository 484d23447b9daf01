using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Clients;

/// <summary>Back-pressure moves the clock to the slow side: nobody loses a connection for what the other one does.
/// </summary>
[TestFixture]
internal sealed class BackPressureTests : EngineFixture
{
    private const int Bytes = 400_000;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly LinkSettings Narrow = new() { SendBufferBytes = 1_500, ReceiveBufferBytes = 1_500 };

    [Test]
    public void A_backend_that_takes_an_upload_slowly_costs_its_client_nothing()
    {
        StartTimed(new Timeouts { RequestBodyGap = TimeSpan.FromSeconds(3), BackendSendGap = Minute });
        Net.Link = Narrow;
        Bed.Backend.OnAccepted = peer => peer.PauseReading();
        SimPeer client = Ask(Msg.Post(Msg.Text(20_000)));
        for (int i = 0; i < 100; i++)
        {
            Net.RunFor(TimeSpan.FromSeconds(10));
            Backend.Socket.Receive(new byte[100]);
        }

        Assert.That(client.Text, Is.Empty, "it takes 10 bytes a second, and the client has always more");
        Backend.ResumeReading();
        Net.RunUntilIdle();
        Send(Backend, Msg.Ok("done"));
        Assert.That(client.Text, Does.EndWith("done"));
        AssertNobodyWasCutOff();
    }

    [Test]
    public void A_backend_that_stops_taking_an_upload_is_the_one_that_is_told()
    {
        StartTimed(new Timeouts { RequestBodyGap = TimeSpan.FromSeconds(3), BackendSendGap = TimeSpan.FromSeconds(30) });
        Bed.Backend.OnAccepted = peer => peer.PauseReading();
        SimPeer client = Ask(Msg.Post(Msg.Text(Bytes)));
        Net.RunFor(TimeSpan.FromSeconds(31));

        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(504));
        Assert.That(Bed.BackendCloses(CloseReason.BackendSendTimeout), Is.EqualTo(1));
    }

    [Test]
    public void A_backend_that_answers_slowly_costs_its_client_nothing()
    {
        StartTimed(new Timeouts { ResponseSendGap = TimeSpan.FromSeconds(3), BackendBodyGap = Minute });
        SimPeer client = Ask(Msg.Get());
        Send(Backend, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n");
        for (int i = 0; i < 20; i++)
        {
            Net.RunFor(TimeSpan.FromSeconds(30));
            Send(Backend, "x");
        }

        Assert.That(client.Text, Does.EndWith(new string('x', 20)));
        AssertNobodyWasCutOff();
    }

    [Test]
    public void A_client_that_takes_a_response_slowly_costs_its_backend_nothing()
    {
        StartTimed(new Timeouts { BackendBodyGap = TimeSpan.FromSeconds(3), BackendResponse = TimeSpan.FromSeconds(3) });
        Net.Link = Narrow;
        SimPeer client = Bed.Connect();
        Net.Link = new LinkSettings();
        client.PauseReading();
        Send(client, Msg.Get());
        Send(Backend, Msg.Ok(Msg.Text(Bytes)));
        for (int i = 0; i < 300; i++)
        {
            Net.RunFor(TimeSpan.FromSeconds(4));
            client.Socket.Receive(new byte[1_000]);
        }

        client.ResumeReading();
        Net.RunUntilIdle();
        Assert.That(client.Text, Does.EndWith(Msg.Text(Bytes)[^1_000..]));
        AssertNobodyWasCutOff();
        Assert.That(Bed.Status.BackendConnectionsIdle, Is.EqualTo(1), "it is good for another request");
    }

    [Test]
    public void A_client_that_sends_its_body_slowly_costs_its_backend_nothing()
    {
        StartTimed(new Timeouts { BackendSendGap = TimeSpan.FromSeconds(3), BackendResponse = TimeSpan.FromSeconds(3) });
        SimPeer client = Ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 25000\r\n\r\n");
        for (int i = 0; i < 25; i++)
        {
            Net.RunFor(TimeSpan.FromSeconds(4));
            Send(client, Msg.Text(1_000));
        }

        Net.RunFor(TimeSpan.FromSeconds(2));
        Send(Backend, Msg.Ok("done"));
        Assert.That(client.Text, Does.EndWith("done"));
        AssertNobodyWasCutOff();
    }

    // 4 s of 5 s: what the backend takes in between is not the client's.
    [Test]
    public void The_clients_clock_stands_still_while_the_backend_takes_nothing()
    {
        StartStrict(new Timeouts { BackendSendGap = 2 * Minute });
        SimPeer client = Ask($"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {Bytes + 1}\r\n\r\n");
        Backend.PauseReading();
        Net.RunFor(TimeSpan.FromSeconds(2));
        Send(client, Msg.Text(100));
        Send(client, Msg.Text(Bytes - 100));
        Net.RunFor(Minute);
        Assert.That(client.UnsentBytes, Is.Positive);
        Backend.ResumeReading();
        Net.RunFor(TimeSpan.FromSeconds(2));
        Send(client, "!");

        Send(Backend, Msg.Ok("done"));
        Assert.That(client.Text, Does.EndWith("done"));
        AssertNobodyWasCutOff();
    }

    [Test]
    public void The_clients_clock_stands_still_while_the_backend_sends_nothing()
    {
        StartStrict(new Timeouts { BackendBodyGap = 2 * Minute }, new PoolOptions { IdleTimeout = 2 * Minute });
        Net.Link = Narrow;
        SimPeer client = Bed.Connect();
        Net.Link = new LinkSettings();
        Send(client, Msg.Get());
        Send(Backend, "HTTP/1.1 200 OK\r\nContent-Length: 16000\r\n\r\n");
        for (int i = 0; i < 2; i++)
        {
            client.PauseReading();
            Send(Backend, Msg.Text(8_000));
            Net.RunFor(TimeSpan.FromSeconds(2));
            client.ResumeReading();
            Net.RunFor(Minute);
        }

        Assert.That(client.Text, Does.EndWith(Msg.Text(8_000)));
        AssertNobodyWasCutOff();
    }

    // At such a rate what is sent here earns next to nothing.
    private void StartStrict(Timeouts timeouts, PoolOptions? pool = null) => Start(o => o with
    {
        Groups = [o.Groups[0] with { Pool = pool ?? new PoolOptions() }],
        Listeners = [o.Listeners[0] with { SlowClients = new SlowClientOptions { MinimumRateBytes = 100_000_000 } }],
        Timeouts = timeouts,
    });

    private void AssertNobodyWasCutOff()
    {
        Assert.That(Bed.Status.ClientCloses.Where(c => c.Count > 0), Is.Empty);
        Assert.That(Bed.Status.BackendCloses.Where(c => c.Count > 0), Is.Empty);
    }
}
