using System.Buffers;
using System.IO.Pipelines;
using L7Engine.Transport;
using NUnit.Framework;

namespace L7Engine.Tests.Transport;

/// <summary>Bytes: all of them, in order, never more in hand than there is room for.</summary>
internal abstract class StreamContract : TransportContract
{
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(1_000)]
    [TestCase(64 * 1024)]
    [TestCase(1024 * 1024)]
    public void What_is_echoed_in_any_slices_comes_back_as_it_was(int bytes) => Run(async (near, far) =>
    {
        byte[] sent = Pattern(bytes);

        Task echo = EchoAsync(far);
        Task send = SendInSlicesAsync(near, sent, new Random(bytes));
        byte[] received = await ReadAsync(near);
        await send;
        await echo;

        Assert.That(received.AsSpan().SequenceEqual(sent), $"{received.Length} bytes came back");
        Assert.That((near.BytesSent, near.BytesReceived), Is.EqualTo(((long)bytes, (long)bytes)));
    });

    [Test]
    public void A_write_waits_while_the_peer_does_not_read() => Run(async (near, far) =>
    {
        (Task<FlushResult> write, long bytes) = Fill(near);
        await LoopDelay.Of(near.Loop, 1);
        Assert.That(write.IsCompleted, Is.False);

        Task<byte[]> read = ReadAsync(far, (int)bytes);
        FlushResult flushed = await write;

        Assert.That((flushed.IsCompleted, flushed.IsCanceled), Is.EqualTo((false, false)));
        Assert.That((await read).Length, Is.EqualTo(bytes));
    });

    [Test]
    public void Buffered_bytes_leave_before_those_of_a_write() => Run(async (near, far) =>
    {
        "head "u8.CopyTo(near.Output.GetSpan(5));
        near.Output.Advance(5);
        await near.Output.WriteAsync("body"u8.ToArray());

        Assert.That(await ReadAsync(far, 9), Is.EqualTo("head body"u8.ToArray()));
    });

    [Test]
    public void A_rest_that_is_not_consumed_survives_waiting() => Run(async (near, far) =>
    {
        await far.Output.WriteAsync("first "u8.ToArray());
        ReadResult read = await ReadAtLeastAsync(near, 6);
        near.Input.AdvanceTo(read.Buffer.GetPosition(2), read.Buffer.End);

        Task<ReadResult> next = StartRead(near);
        Assert.That(next.IsCompleted, Is.False, "all of it was examined");
        Assert.That(near.Loop.Blocks.RentedCount, Is.EqualTo(1), "the rest lies in a block");
        await far.Output.WriteAsync("second"u8.ToArray());
        read = await next;
        near.Input.AdvanceTo(read.Buffer.Start);
        read = await ReadAtLeastAsync(near, 10);

        Assert.That(read.Buffer.ToArray(), Is.EqualTo("rst second"u8.ToArray()));
        near.Input.AdvanceTo(read.Buffer.End);
    });

    [Test]
    public void What_was_read_but_not_examined_is_read_again_at_once() => Run(async (near, far) =>
    {
        await far.Output.WriteAsync("one two"u8.ToArray());
        ReadResult read = await ReadAtLeastAsync(near, 7);
        near.Input.AdvanceTo(read.Buffer.GetPosition(4));

        Task<ReadResult> next = StartRead(near);

        Assert.That(next.IsCompleted);
        read = await next;
        Assert.That(read.Buffer.ToArray(), Is.EqualTo("two"u8.ToArray()));
        near.Input.AdvanceTo(read.Buffer.End);
    });

    [Test]
    public void A_canceled_read_ends_canceled_and_the_next_one_reads_on() => Run(async (near, far) =>
    {
        Task<ReadResult> pending = StartRead(near);
        near.Input.CancelPendingRead();
        Assert.That(pending.IsCompleted, Is.False, "nothing ends inside the call");
        ReadResult canceled = await pending;
        near.Input.AdvanceTo(canceled.Buffer.End);

        await far.Output.WriteAsync("x"u8.ToArray());

        Assert.That((canceled.IsCanceled, canceled.IsCompleted), Is.EqualTo((true, false)));
        Assert.That(await ReadAsync(near, 1), Is.EqualTo("x"u8.ToArray()));
    });

    [Test]
    public void A_cancel_before_a_read_cancels_that_read() => Run(async (near, _) =>
    {
        near.Input.CancelPendingRead();

        Assert.That((await near.Input.ReadAsync()).IsCanceled);
        Assert.That(StartRead(near).IsCompleted, Is.False);
    });

    protected static async Task<ReadResult> ReadAtLeastAsync(TransportConnection connection, int bytes)
    {
        while (true)
        {
            ReadResult read = await connection.Input.ReadAsync();
            if (read.Buffer.Length >= bytes || read.IsCompleted)
            {
                return read;
            }

            connection.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static async Task EchoAsync(TransportConnection connection)
    {
        while (true)
        {
            ReadResult read = await connection.Input.ReadAsync();
            await connection.Output.WriteAsync(read.Buffer.First);
            connection.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                connection.ShutdownWrite();
                return;
            }
        }
    }

    private static async Task SendInSlicesAsync(TransportConnection connection, byte[] bytes, Random random)
    {
        for (int sent = 0; sent < bytes.Length;)
        {
            int slice = Math.Min(bytes.Length - sent, 1 + random.Next(1 << random.Next(0, 17)));
            await connection.Output.WriteAsync(bytes.AsMemory(sent, slice));
            sent += slice;
        }

        connection.ShutdownWrite();
    }
}
