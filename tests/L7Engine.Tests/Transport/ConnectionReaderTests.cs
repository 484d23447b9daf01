using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using L7Engine.Transport;
using NUnit.Framework;

namespace L7Engine.Tests.Transport;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ConnectionReaderTests
{
    private readonly OneConnection _one = new();

    private PipeReader Reader => _one.Connection.Input;

    private BlockPool Blocks => _one.Loop.Blocks;

    [Test]
    public void Pipelined_messages_are_read_one_by_one_without_another_receive()
    {
        _one.Arrive("one.two.three.");
        List<string> messages = [];
        for (int i = 0; i < 3; i++)
        {
            ReadOnlySequence<byte> buffer = Read().Buffer;
            SequencePosition end = buffer.GetPosition(1, buffer.PositionOf((byte)'.')!.Value);
            messages.Add(Wire(buffer.Slice(0, end)));
            _one.Loop.Do(() => Reader.AdvanceTo(end));
        }

        Assert.That(messages, Is.EqualTo((string[])["one.", "two.", "three."]));
        Assert.That((_one.Connection.BytesReceived, Blocks.RentedCount), Is.EqualTo((14L, 0)));
    }

    [Test]
    public void A_read_waits_with_a_rest_in_the_smallest_block_and_goes_on_in_a_large_one()
    {
        _one.Arrive("abc");
        ReadResult read = Read();
        _one.Loop.Do(() => Reader.AdvanceTo(read.Buffer.Start, read.Buffer.End));
        Task<ReadResult> next = StartRead();
        Assert.That(Blocks.RentedBytes, Is.EqualTo(1024));

        _one.Arrive("def");

        Assert.That(Wire(next.Result.Buffer), Is.EqualTo("abcdef"));
        Assert.That(Blocks.RentedBytes, Is.EqualTo(BlockPool.RelayBytes));
    }

    [Test]
    public void An_event_that_brings_nothing_leaves_no_large_block_behind()
    {
        _one.Arrive("abc");
        ReadResult read = Read();
        _one.Loop.Do(() => Reader.AdvanceTo(read.Buffer.Start, read.Buffer.End));
        Task<ReadResult> next = StartRead();

        _one.Loop.Do(() =>
        {
            _one.Connection.Note(readable: true, writable: false, peerFinished: false, failed: false);
            _one.Connection.Pump();
        });

        Assert.That((next.IsCompleted, Blocks.RentedBytes), Is.EqualTo((false, 1024L)));
    }

    [Test]
    public void A_message_may_grow_past_the_largest_block()
    {
        byte[] message = new byte[300_000];
        new Random(1).NextBytes(message);
        _one.Peer.Send(message);
        int length = 0;
        while (length < message.Length)
        {
            ReadResult read = Read();
            length = (int)read.Buffer.Length;
            Assert.That(read.Buffer.IsSingleSegment);
            Assert.That(read.Buffer.FirstSpan.SequenceEqual(message.AsSpan(0, length)));
            _one.Loop.Do(() => Reader.AdvanceTo(read.Buffer.Start, read.Buffer.End));
        }

        _one.Loop.Do(Reader.CancelPendingRead);
        ReadResult whole = Read();
        _one.Loop.Do(() => Reader.AdvanceTo(whole.Buffer.End));

        Assert.That((whole.Buffer.Length, Blocks.RentedCount), Is.EqualTo((300_000L, 0)));
    }

    [Test]
    public void A_rest_at_the_end_of_a_block_moves_to_its_front()
    {
        _one.Peer.Send(new byte[BlockPool.RelayBytes]);
        for (int taken = 0; taken < BlockPool.RelayBytes - 1000;)
        {
            ReadOnlySequence<byte> buffer = Read().Buffer;
            bool isFull = buffer.Length == BlockPool.RelayBytes;
            _one.Loop.Do(() => Reader.AdvanceTo(isFull ? buffer.GetPosition(60_000) : buffer.Start, buffer.End));
            taken = isFull ? BlockPool.RelayBytes : 0;
        }

        _one.Peer.Send("more");
        ReadResult read = Read();

        Assert.That(read.Buffer.Length, Is.EqualTo(BlockPool.RelayBytes - 60_000 + 4));
        Assert.That(Blocks.AllocatedBytes, Is.LessThanOrEqualTo(2 * BlockPool.RelayBytes));
    }

    [Test]
    public void The_end_comes_with_what_was_not_consumed()
    {
        _one.Arrive("rest");
        ReadResult read = Read();
        _one.Loop.Do(() => Reader.AdvanceTo(read.Buffer.Start, read.Buffer.End));
        _one.Peer.Close();

        ReadResult last = Read();

        Assert.That((Wire(last.Buffer), last.IsCompleted), Is.EqualTo(("rest", true)));
    }

    [Test]
    public void TryRead_has_nothing_before_something_has_come()
    {
        Assert.That(_one.Loop.Do(() => Reader.TryRead(out _)), Is.False);

        _one.Arrive("x");

        Assert.That(_one.Loop.Do(() => Reader.TryRead(out _)));
    }

    [Test]
    public void Completing_gives_the_block_back()
    {
        _one.Arrive("x");
        _ = Read();

        _one.Loop.Do(() => Reader.Complete());

        Assert.That(Blocks.RentedCount, Is.Zero);
        Assert.That(Read().IsCompleted);
    }

#if DEBUG
    [Test]
    public void A_position_before_what_was_consumed_cannot_be_examined()
    {
        _one.Arrive("abcd");
        ReadOnlySequence<byte> buffer = Read().Buffer;

        Assert.That(
            () => _one.Loop.Do(() => Reader.AdvanceTo(buffer.GetPosition(3), buffer.GetPosition(1))), Throws.Exception);
    }

    [Test]
    public void A_position_of_another_buffer_cannot_be_consumed()
    {
        _one.Arrive("abcd");
        _ = Read();
        var foreign = new ReadOnlySequence<byte>(new byte[400]);

        Assert.That(
            () => _one.Loop.Do(() => Reader.AdvanceTo(foreign.GetPosition(300))), Throws.Exception);
    }

    [Test]
    public void Only_one_read_waits_at_a_time()
    {
        _ = StartRead();

        Assert.That(StartRead, Throws.Exception);
    }
#endif

    private static string Wire(in ReadOnlySequence<byte> bytes) => Encoding.Latin1.GetString(bytes.ToArray());

    private Task<ReadResult> StartRead() => _one.Loop.Do(() => Reader.ReadAsync().AsTask());

    private ReadResult Read() => _one.Net.Wait(StartRead());
}
