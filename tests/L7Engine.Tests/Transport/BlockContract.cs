using System.Buffers;
using System.IO.Pipelines;
using L7Engine.Transport;
using NUnit.Framework;

namespace L7Engine.Tests.Transport;

/// <summary>Blocks: held only while there is something in them, and shared out when they are few.</summary>
internal abstract class BlockContract : TransportContract
{
    private const long OneBlockBytes = BlockPool.RelayBytes;

    [Test]
    public void No_block_is_rented_while_reads_wait() => Run(async (near, far) =>
    {
        await far.Output.WriteAsync(new byte[100]);
        await ReadAsync(near, 100);

        _ = StartRead(near);
        _ = StartRead(far);
        await LoopDelay.Of(near.Loop, 1);

        Assert.That(near.Loop.Blocks.RentedCount, Is.Zero);
    });

    [Test]
    public void A_small_rest_waits_in_a_small_block() => Run(async (near, far) =>
    {
        await far.Output.WriteAsync(new byte[100]);
        ReadResult read = await near.Input.ReadAsync();
        near.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);

        _ = StartRead(near);

        Assert.That(near.Loop.Blocks.RentedCount, Is.EqualTo(1));
        Assert.That(near.Loop.Blocks.AllocatedBytes, Is.EqualTo(BlockPool.RelayBytes + 1024));
    });

    [Test]
    public void There_is_room_around_what_was_read() => Run(async (near, far) =>
    {
        await far.Output.WriteAsync("body"u8.ToArray());
        ReadResult read = await near.Input.ReadAsync();

        ArraySegment<byte> bytes = ((ConnectionReader)near.Input).Writable(read.Buffer);

        Assert.That(bytes.Offset, Is.GreaterThanOrEqualTo(Block.HeadroomBytes));
        Assert.That(bytes.Array!.Length - bytes.Offset - bytes.Count, Is.GreaterThanOrEqualTo(Block.TailroomBytes));
        near.Input.AdvanceTo(read.Buffer.End);
    });

    [Test]
    public void A_head_is_placed_before_the_body_so_that_both_leave_in_one_piece() => Run(async (near, far) =>
    {
        await far.Output.WriteAsync("body"u8.ToArray());
        ReadResult read = await near.Input.ReadAsync();
        var reader = (ConnectionReader)near.Input;

        bool fits = reader.TryPlaceBefore(read.Buffer, "head "u8, out ReadOnlyMemory<byte> joined);

        Assert.That(fits);
        Assert.That(joined.ToArray(), Is.EqualTo((byte[])[.. "head "u8, .. read.Buffer.ToArray()]));
        Assert.That(reader.TryPlaceBefore(read.Buffer, new byte[Block.HeadroomBytes + 1], out _), Is.False);
        near.Input.AdvanceTo(read.Buffer.End);
    });

    [Test]
    public void One_connection_reads_so_often_a_turn_and_no_more() => Run(async (near, far) =>
    {
        const int Bytes = 8 * 1024 * 1024;
        Task write = WriteAsync(far, Bytes);
        await LoopDelay.Of(near.Loop, 1);
        int turn = 0, readsInTurn = 0, mostReads = 0;
        for (long left = Bytes; left > 0;)
        {
            ReadResult read = await near.Input.ReadAsync();
            left -= read.Buffer.Length;
            near.Input.AdvanceTo(read.Buffer.End);
            readsInTurn = turn == near.Loop.Turn ? readsInTurn + 1 : 1;
            turn = near.Loop.Turn;
            mostReads = Math.Max(mostReads, readsInTurn);
        }

        await write;
        Assert.That(mostReads, Is.LessThanOrEqualTo(EventLoop.ReadsPerTurn));
    });

    [Test]
    public void A_flood_does_not_starve_another_connection() => Run(async (near, far) =>
    {
        (TransportConnection ping, TransportConnection pong) = await OpenPairAsync(near.Loop);
        Task write = WriteAsync(far, int.MaxValue);
        Task read = ReadAsync(near);

        for (int i = 0; i < 20; i++)
        {
            await ping.Output.WriteAsync("ping"u8.ToArray());
            await ReadAsync(pong, 4);
            await pong.Output.WriteAsync("pong"u8.ToArray());
            await ReadAsync(ping, 4);
        }

        Assert.That((write.IsCompleted, read.IsCompleted), Is.EqualTo((false, false)), "the flood goes on");
        far.Close();
        ping.Close();
        pong.Close();
        await write;
        await read;
    });

    [Test]
    public void A_reader_without_a_block_goes_on_when_one_comes_back() => Run(async (near, far) =>
    {
        (TransportConnection other, TransportConnection otherFar) = await OpenPairAsync(near.Loop);
        await far.Output.WriteAsync("holds"u8.ToArray());
        ReadResult held = await near.Input.ReadAsync();
        await otherFar.Output.WriteAsync("waits"u8.ToArray());
        Task<ReadResult> waiting = StartRead(other);
        await LoopDelay.Of(near.Loop, 1);
        Assert.That(waiting.IsCompleted, Is.False);

        near.Input.AdvanceTo(held.Buffer.End);

        ReadResult read = await waiting;
        Assert.That(read.Buffer.Length, Is.Positive);
        other.Close();
        otherFar.Close();
    }, OneBlockBytes);

    [TestCase(true, TestName = "A_block_that_comes_back_is_not_lost_on_a_reader_that_has_closed")]
    [TestCase(false, TestName = "A_block_that_comes_back_is_not_lost_on_a_reader_that_was_canceled")]
    public void A_block_that_comes_back_is_not_lost(bool closes) => Run(async (near, far) =>
    {
        (TransportConnection gone, TransportConnection goneFar) = await OpenPairAsync(near.Loop);
        (TransportConnection next, TransportConnection nextFar) = await OpenPairAsync(near.Loop);
        await far.Output.WriteAsync("holds"u8.ToArray());
        ReadResult held = await near.Input.ReadAsync();
        await goneFar.Output.WriteAsync("waits"u8.ToArray());
        Task<ReadResult> goneRead = StartRead(gone);
        await LoopDelay.Of(near.Loop, 1);
        await nextFar.Output.WriteAsync("waits"u8.ToArray());
        Task<ReadResult> waiting = StartRead(next);
        await LoopDelay.Of(near.Loop, 1);

        EndRead(gone, closes);
        await goneRead;
        near.Input.AdvanceTo(held.Buffer.End);

        Assert.That((await waiting).Buffer.Length, Is.Positive);
        CloseAll(gone, goneFar, next, nextFar);
    }, OneBlockBytes);

    [Test]
    public void What_is_still_being_sent_is_not_lent_to_another_when_its_reader_closes() => Run(async (near, far) =>
    {
        (TransportConnection other, TransportConnection otherFar) = await OpenPairAsync(near.Loop);
        (_, long before) = Fill(other);
        await far.Output.WriteAsync("ours"u8.ToArray());
        ReadResult read = await near.Input.ReadAsync();
        byte[] ours = read.Buffer.ToArray();

        near.Close();
        Block block = near.Loop.Blocks.Rent(BlockPool.RelayBytes);
        block.Array.AsSpan().Fill((byte)'!');

        Assert.That(read.Buffer.ToArray(), Is.EqualTo(ours), "memory of a read is the reader's until it advances");
        near.Loop.Return(block);
        CloseAll(other, otherFar);
    });

    private static async Task WriteAsync(TransportConnection connection, int bytes)
    {
        byte[] chunk = new byte[256 * 1024];
        for (long left = bytes; left > 0; left -= chunk.Length)
        {
            if ((await connection.Output.WriteAsync(chunk)).IsCompleted)
            {
                return;
            }
        }
    }

    private static void EndRead(TransportConnection connection, bool closes)
    {
        if (closes)
        {
            connection.Close();
        }
        else
        {
            connection.Input.CancelPendingRead();
        }
    }

    private static void CloseAll(params ReadOnlySpan<TransportConnection> connections)
    {
        foreach (TransportConnection connection in connections)
        {
            connection.Close();
        }
    }
}
