using System.IO.Pipelines;
using L7Engine.Tests.Support;
using L7Engine.Transport;
using NUnit.Framework;

namespace L7Engine.Tests.Transport;

[TestFixture]
internal sealed class ConnectionWriterTests
{
    [Test]
    public void What_was_put_into_its_memory_leaves_with_the_flush_and_not_before()
    {
        var one = new OneConnection();
        one.Loop.Do(() => Put(one.Connection.Output, "hello"));
        one.Net.RunUntilIdle();
        Assert.That((one.Peer.Text, one.Connection.Output.UnflushedBytes), Is.EqualTo(("", 5L)));

        FlushResult flushed = one.Net.Wait(one.Loop.Do(() => one.Connection.Output.FlushAsync().AsTask()));
        one.Net.RunUntilIdle();

        Assert.That((one.Peer.Text, flushed.IsCompleted), Is.EqualTo(("hello", false)));
        Assert.That((one.Connection.Output.UnflushedBytes, one.Loop.Blocks.RentedCount), Is.EqualTo((0L, 0)));
    }

    [Test]
    public void Its_memory_grows_and_keeps_what_was_put_into_it()
    {
        var one = new OneConnection();
        byte[] bytes = new byte[200_000];
        new Random(1).NextBytes(bytes);
        one.Loop.Do(() =>
        {
            for (int put = 0; put < bytes.Length; put += 1000)
            {
                bytes.AsSpan(put, 1000).CopyTo(one.Connection.Output.GetSpan(1000));
                one.Connection.Output.Advance(1000);
            }
        });

        one.Net.Wait(one.Loop.Do(() => one.Connection.Output.FlushAsync().AsTask()));
        one.Net.RunUntilIdle();

        Assert.That(one.Peer.Received.SequenceEqual(bytes));
    }

    // The kernel takes so many bytes and no more, whatever lies where.
    [Test]
    public void Sends_may_be_cut_at_any_byte([Range(1, 12)] int sendBufferBytes)
    {
        var one = new OneConnection(new LinkSettings { SendBufferBytes = sendBufferBytes, ReceiveBufferBytes = 3 });
        Task<FlushResult> write = one.Loop.Do(() =>
        {
            Put(one.Connection.Output, "head ");
            return one.Connection.Output.WriteAsync("body"u8.ToArray()).AsTask();
        });
        Assert.That(write.IsCompleted, Is.EqualTo(sendBufferBytes >= 9));

        one.Net.Wait(write);
        one.Net.RunUntilIdle();

        Assert.That(one.Peer.Text, Is.EqualTo("head body"));
        Assert.That((one.Connection.BytesSent, one.Loop.Blocks.RentedCount), Is.EqualTo((9L, 0)));
    }

    [Test]
    public void A_cancel_with_no_write_waiting_cancels_nothing()
    {
        var one = new OneConnection();

        FlushResult flushed = one.Net.Wait(one.Loop.Do(() =>
        {
            one.Connection.Output.CancelPendingFlush();
            return one.Connection.Output.WriteAsync("x"u8.ToArray()).AsTask();
        }));

        Assert.That((flushed.IsCanceled, flushed.IsCompleted), Is.EqualTo((false, false)));
    }

    [Test]
    public void A_write_that_waits_can_be_canceled()
    {
        var one = new OneConnection();
        one.Peer.PauseReading();
        Task<FlushResult> write = one.Loop.Do(() => one.Connection.Output.WriteAsync(new byte[100_000]).AsTask());

        one.Loop.Do(one.Connection.Output.CancelPendingFlush);
        Assert.That(write.IsCompleted, Is.False, "nothing ends inside the call");

        Assert.That(one.Net.Wait(write).IsCanceled);
    }

    [Test]
    public void A_write_after_the_end_is_told_so()
    {
        var one = new OneConnection();
        one.Loop.Do(() => one.Connection.Output.Complete());

        FlushResult flushed = one.Net.Wait(
            one.Loop.Do(() => one.Connection.Output.WriteAsync("x"u8.ToArray()).AsTask()));
        one.Net.RunUntilIdle();

        Assert.That((flushed.IsCompleted, one.Peer.Text), Is.EqualTo((true, "")));
    }

    [Test]
    public void Closing_gives_back_what_was_not_flushed()
    {
        var one = new OneConnection();
        one.Loop.Do(() =>
        {
            Put(one.Connection.Output, "lost");
            one.Connection.Close();
        });

        Assert.That(one.Loop.Blocks.RentedCount, Is.Zero);
    }

    [Test]
    public void The_gap_of_a_write_starts_anew_with_every_byte_taken()
    {
        var one = new OneConnection();
        one.Connection.WriteClock = new WriteClock(10);
        one.Net.RunFor(TimeSpan.FromMilliseconds(50));
        one.Peer.PauseReading();
        Task<FlushResult> write = one.Loop.Do(() => one.Connection.Output.WriteAsync(new byte[200_000]).AsTask());
        for (int i = 0; i < 8; i++)
        {
            one.Net.RunFor(TimeSpan.FromSeconds(0.9));
            one.Peer.ResumeReading();
            one.Peer.PauseReading();
        }

        Assert.That(write.IsCompleted, Is.False);
        TimeSpan before = one.Net.Now;
        Assert.That(one.Net.Wait(write).IsCanceled);
        Assert.That(one.Net.Now - before, Is.InRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1.2)));
    }

    private static void Put(PipeWriter output, string text)
    {
        System.Text.Encoding.Latin1.GetBytes(text, output.GetSpan(text.Length));
        output.Advance(text.Length);
    }
}
