using NUnit.Framework;

namespace L7Engine.Tests.Support;

/// <summary>The whole engine runs in memory.</summary>
[TestFixture]
internal sealed class BalancerBedTests
{
    [Test]
    public void A_client_is_answered_by_the_backend_behind_the_engine()
    {
        var bed = new BalancerBed();
        SimPeer client = bed.Connect();

        client.Send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
        bed.Net.RunUntilIdle();

        PlainMessage answer = PlainMessage.TryCut(client.Text)!;
        Assert.That((answer.Status, answer.Body, client.IsFinished), Is.EqualTo((200, "/a", false)));
    }

    [Test]
    public void Every_client_gets_its_own_answers_in_order_however_the_network_cuts_them([Range(1, 50)] int seed)
    {
        var rough = new LinkSettings
        {
            Faults = Faults.Rough,
            MaxJitter = TimeSpan.FromMilliseconds(50),
            SendBufferBytes = 500,
            ReceiveBufferBytes = 300,
        };
        var bed = new BalancerBed(seed, options => options with { Loops = 2 }, backendCount: 2, link: rough);
        List<SimPeer> clients = [.. Enumerable.Range(0, 5).Select(_ => bed.Connect())];
        foreach ((int c, SimPeer client) in clients.Index())
        {
            for (int r = 0; r < 4; r++)
            {
                client.Send($"POST / HTTP/1.1\r\nHost: x\r\nX-Id: {c}-{r}\r\nContent-Length: 2000\r\n\r\n");
                client.Send(new byte[2000]);
            }
        }

        bed.Net.RunUntilIdle();

        Assert.That(
            clients.Select(client => PlainMessage.CutAll(client.Text).Select(answer => answer.Body)),
            Is.EqualTo(Enumerable.Range(0, 5).Select(c => Enumerable.Range(0, 4).Select(r => $"{c}-{r}"))),
            $"seed {seed}");
    }

    [Test]
    public void Whatever_is_lost_no_answer_is_mixed_up_and_all_that_was_held_comes_back([Range(1, 60)] int seed)
    {
        var hostile = new LinkSettings { Faults = Faults.Hostile, SendBufferBytes = 700, ReceiveBufferBytes = 400 };
        var bed = new BalancerBed(seed, options => options with { Loops = 2 }, backendCount: 2, link: hostile);
        List<SimPeer> clients = [.. Enumerable.Range(0, 6).Select(_ => bed.Connect())];
        foreach ((int c, SimPeer client) in clients.Index())
        {
            for (int r = 0; r < 4; r++)
            {
                client.Send($"POST / HTTP/1.1\r\nHost: x\r\nX-Id: {c}-{r}\r\nContent-Length: 500\r\n\r\n");
                client.Send(new byte[500]);
            }

            client.HalfClose();
        }

        bed.Net.RunFor(TimeSpan.FromMinutes(10));

        using (Assert.EnterMultipleScope())
        {
            for (int c = 0; c < clients.Count; c++)
            {
                foreach ((int r, PlainMessage answer) in PlainMessage.CutAll(clients[c].Text).Index())
                {
                    bool isOurs = answer.Status == 200 && answer.Body == $"{c}-{r}";
                    Assert.That(isOurs || answer.Status is 400 or 502 or 503 or 504, $"seed {seed}: {answer}");
                }
            }

            Assert.That(bed.Net.Loops.Sum(loop => loop.Connections.Count), Is.Zero, $"connections, seed {seed}");
            Assert.That(bed.Net.Loops.Sum(loop => loop.Blocks.RentedCount), Is.Zero, $"blocks, seed {seed}");
        }
    }

    [Test]
    public void A_disposed_engine_has_closed_everything()
    {
        var bed = new BalancerBed();
        SimPeer client = bed.Connect();
        bed.Net.RunUntilIdle();

        bed.Net.Wait(() => bed.Balancer.DisposeAsync().AsTask());
        bed.Net.RunUntilIdle();

        Assert.That((client.IsFinished, bed.Net.Loops[0].Connections.Count), Is.EqualTo((true, 0)));
    }
}
