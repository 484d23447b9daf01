using L7Engine.Tests.Support;
using NUnit.Framework;

namespace L7Engine.Tests.Proxying;

/// <summary>What is kept of a request whose body comes in several pieces, so that it can be sent again.</summary>
[TestFixture]
internal sealed class ReplayTests : EngineFixture
{
    private const int KiB = 1024;
    private const int MaxReplay = 64 * KiB;

    [Test]
    public void A_body_that_came_in_pieces_is_sent_again_whole([Values] bool chunked, [Values(3, 300, 20_000)] int piece)
    {
        Warm();
        string body = Msg.Text(3 * piece);
        SimPeer client = Bed.Connect();
        Send(client, HeadOf(chunked, body.Length));
        for (int i = 0; i < 3; i++)
        {
            Send(client, PieceOf(chunked, body.Substring(i * piece, piece), isLast: i == 2));
        }

        string sent = Backend.Text;
        Reset(Backend);

        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(2));
        Assert.That(BodyOf(Backend, chunked), Is.EqualTo(body));
        Assert.That(Backend.Text, Is.EqualTo(sent), "the same bytes");
        Send(Backend, Msg.Ok("done"));
        Assert.That(client.Text, Does.EndWith("done"));
    }

    [Test]
    public void A_body_in_the_middle_of_which_the_backend_ends_goes_on_where_it_was([Values] bool chunked, [Values] bool reset)
    {
        Warm();
        SimPeer client = Bed.Connect();
        Send(client, HeadOf(chunked, 9));
        Send(client, PieceOf(chunked, "one", isLast: false));
        End(Backend, reset);
        Send(client, PieceOf(chunked, "two", isLast: false));
        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(2));
        Send(client, PieceOf(chunked, "six", isLast: true));

        Assert.That(BodyOf(Backend, chunked), Is.EqualTo("onetwosix"));
        Send(Backend, Msg.Ok("done"));
        Assert.That(client.Text, Does.EndWith("done"));
        Assert.That(client.IsFinished, Is.False);
    }

    // Whichever of the two tasks sees the end first, the one that writes or the one that reads.
    [Test]
    public void The_end_may_come_at_any_moment_of_the_upload([Range(1, 60)] int seed)
    {
        Start(seed: seed);
        WarmUp();
        string body = Msg.Text(40_000);
        SimPeer client = Bed.Connect();
        client.Send(HeadOf(false, body.Length));
        for (int i = 0; i < 8; i++)
        {
            client.Send(body.Substring(i * 5_000, 5_000));
            Net.RunFor(TimeSpan.FromMicroseconds(7 * seed % 50));
            if (i == seed % 8)
            {
                Bed.Backend.Peers[0].Reset();
            }
        }

        Net.RunUntilIdle();

        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(2));
        Assert.That(Msg.BodyOf(Backend.Text), Is.EqualTo(body));
        Send(Backend, Msg.Ok());
        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(200));
    }

    [Test]
    public void It_is_kept_up_to_the_limit_and_not_past_it([Values(0, 1)] int past)
    {
        Warm();
        SimPeer client = Bed.Connect();
        Send(client, HeadOf(chunked: true, 0));
        while (MaxReplay - Backend.Text.Length > 300)
        {
            Send(client, PieceOf(chunked: true, Msg.Text(Math.Min(3_000, MaxReplay - Backend.Text.Length - 250)), isLast: false));
        }

        // The last chunk has a header of two digits; behind it comes the end of the body.
        int framing = "80\r\n\r\n0\r\n\r\n".Length;
        Send(client, PieceOf(chunked: true, Msg.Text(MaxReplay + past - Backend.Text.Length - framing), isLast: true));
        Assert.That(Backend.Text, Has.Length.EqualTo(MaxReplay + past));
        Reset(Backend);

        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(past == 0 ? 2 : 1));
        Assert.That(Msg.StatusOf(client.Text), Is.EqualTo(past == 0 ? 0 : 502));
    }

    [Test]
    public void What_is_known_to_be_too_large_is_not_kept_at_all()
    {
        Warm();
        SimPeer client = Bed.Connect();
        Send(client, HeadOf(chunked: false, MaxReplay));
        Send(client, Msg.Text(30 * KiB));

        Assert.That(Net.Loops.Single().Blocks.RentedCount, Is.Zero);
    }

    [Test]
    public void What_may_not_be_repeated_is_not_kept_either()
    {
        Warm();
        SimPeer client = Bed.Connect();
        Send(client, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");

        Assert.That(Backend.Text, Does.EndWith("hello"));
        Assert.That(Net.Loops.Single().Blocks.RentedCount, Is.Zero);
    }

    [Test]
    public void While_memory_runs_short_no_body_is_kept()
    {
        StartLimited(new Limits { MaxBufferBytes = 1024 * KiB });
        List<SimPeer> clients = [];
        for (int i = 0; i < 40; i++)
        {
            SimPeer client = Bed.Connect();
            client.Send(HeadOf(chunked: false, 60 * KiB));
            Net.RunUntilIdle();
            client.Send(Msg.Text(60 * KiB));
            Net.RunUntilIdle();
            clients.Add(client);
        }

        Assert.That(Net.Loops.Single().Blocks.RentedBytes, Is.InRange(256 * KiB, 640 * KiB));
        foreach (SimPeer peer in Bed.Backend.Peers)
        {
            Assert.That(Msg.BodyOf(peer.Text), Has.Length.EqualTo(60 * KiB));
            peer.Send(Msg.Ok());
        }

        Net.RunUntilIdle();
        Assert.That(clients.Select(c => Msg.StatusOf(c.Text)), Has.All.EqualTo(200));
    }

    [Test]
    public void A_head_that_waits_for_100_is_sent_again_and_the_body_follows_it()
    {
        Warm();
        SimPeer client = Bed.Connect();
        Send(client, "PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
        Reset(Backend);
        Assert.That(Bed.Backend.Peers, Has.Count.EqualTo(2));
        Assert.That(Msg.Field(Backend.Text, "Expect"), Is.EqualTo("100-continue"));
        Send(Backend, "HTTP/1.1 100 Continue\r\n\r\n");
        Send(client, "hello");
        Send(Backend, Msg.Ok("done"));

        Assert.That(Msg.BodyOf(Backend.Text), Is.EqualTo("hello"));
        Assert.That(client.Text, Does.EndWith("done"));
    }

    private void Warm()
    {
        Start();
        WarmUp();
    }

    /// <summary>Leaves an idle connection to the only backend.</summary>
    private void WarmUp()
    {
        SimPeer warm = Ask(Msg.Get("/warm"));
        Send(Backend, Msg.Ok());
        warm.Close();
        Net.RunUntilIdle();
        Backend.Clear();
    }

    private static string HeadOf(bool chunked, int length) =>
        "PUT / HTTP/1.1\r\nHost: x\r\n" + (chunked ? "Transfer-Encoding: chunked\r\n\r\n" : $"Content-Length: {length}\r\n\r\n");

    private static string PieceOf(bool chunked, string text, bool isLast) =>
        chunked ? $"{text.Length:x}\r\n{text}\r\n" + (isLast ? "0\r\n\r\n" : "") : text;

    private static string BodyOf(SimPeer peer, bool chunked) =>
        chunked ? Msg.Dechunk(Msg.BodyOf(peer.Text)) : Msg.BodyOf(peer.Text);

    private void Reset(SimPeer peer) => End(peer, reset: true);

    private void End(SimPeer peer, bool reset)
    {
        if (reset)
        {
            peer.Reset();
        }
        else
        {
            peer.Close();
        }

        Net.RunUntilIdle();
    }
}
