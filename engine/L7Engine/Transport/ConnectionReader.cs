using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace L7Engine.Transport;

/// <summary>
/// Reads a connection into blocks of its loop. Always one segment; no block is held while a read waits.
/// </summary>
/// <remarks>
/// Not thread-safe: the loop's thread owns it. A block is rented when bytes are there and goes back when all of it is
/// consumed; what is left of a message that is not whole yet waits in a block of its own size.
/// </remarks>
internal sealed class ConnectionReader(TransportConnection connection) : PipeReader, IValueTaskSource<ReadResult>
{
    // A receive into less room than this would cost a system call for little.
    private const int LeastRoomBytes = 4 * 1024;

    private Waiter _waiter;
    private Block? _block;
    private int _start = Block.Start;
    private int _end = Block.Start;
    private int _examined = Block.Start;
    private int _turn;
    private int _readsInTurn;
    private bool _isLent;
    private bool _isCanceled;
    private bool _hasEnded;

    public bool IsWaiting => _waiter.IsPending;

    /// <summary>True while received bytes are not consumed.</summary>
    public bool HasBytes => _end > _start;

    private bool HasUnexamined => _end > _examined;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (TryRead(out ReadResult result))
        {
            return new ValueTask<ReadResult>(result);
        }

        ReleaseWhileWaiting();
        _waiter.Begin();
        return new ValueTask<ReadResult>(this, _waiter.Token);
    }

    public override bool TryRead(out ReadResult result)
    {
        if (!_isCanceled && !HasUnexamined && !_hasEnded)
        {
            ReceiveMore();
        }

        if (_isCanceled || HasUnexamined || _hasEnded)
        {
            result = TakeResult();
            return true;
        }

        result = default;
        return false;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _isLent = false;
        if (_block is null)
        {
            return;
        }

        Debug.Assert(consumed.GetObject() == _block.Array, "The position is not of the last read.");
        _start = IndexOf(consumed);
        _examined = IndexOf(examined);
        Debug.Assert(_start <= _examined && _examined <= _end);
        if (_start == _end)
        {
            ReleaseBlock();
        }
        else if (connection.Loop.Blocks.IsTight)
        {
            // What is left may be the next request, which waits for a response that needs a block as large as this one.
            Shrink();
        }
    }

    public override void CancelPendingRead()
    {
        _isCanceled = true;
        if (_waiter.IsPending)
        {
            connection.Loop.Schedule(connection);
        }
    }

    public override void Complete(Exception? exception = null)
    {
        _isLent = false;
        Release();
    }

    /// <summary>
    /// Copies a head to just before the body that lies in the current block, so that both leave in one send.
    /// </summary>
    /// <returns>False when there is no room: send them one after the other.</returns>
    public bool TryPlaceBefore(in ReadOnlySequence<byte> body, ReadOnlySpan<byte> head, out ReadOnlyMemory<byte> joined)
    {
        int bodyStart = IndexOf(body.Start);
        if (_block is null || body.Start.GetObject() != _block.Array || bodyStart < head.Length)
        {
            joined = default;
            return false;
        }

        head.CopyTo(_block.Array.AsSpan(bodyStart - head.Length));
        joined = _block.Array.AsMemory(bodyStart - head.Length, head.Length + (int)body.Length);
        return true;
    }

    /// <summary>The array behind what was read, with <see cref="Block.HeadroomBytes"/> or more free bytes before the
    /// sequence and <see cref="Block.TailroomBytes"/> behind it: chunk framing is written in place.</summary>
    public ArraySegment<byte> Writable(in ReadOnlySequence<byte> read)
    {
        Debug.Assert(_block is not null && read.Start.GetObject() == _block.Array);
        return new ArraySegment<byte>(_block.Array, IndexOf(read.Start), (int)read.Length);
    }

    /// <summary>Gives the block back; what was not consumed is lost.</summary>
    /// <remarks>
    /// A block whose bytes were read and not advanced over is left to the collector: the other side may be sending from
    /// it, and must not send what the next connection receives into it. Advance before closing where that is known to
    /// be over.
    /// </remarks>
    internal void Release()
    {
        if (_block is not null && _isLent)
        {
            connection.Loop.Forget(_block);
            _block = null;
        }
        else if (_block is not null)
        {
            ReleaseBlock();
        }

        _hasEnded = true;
    }

    internal void Pump()
    {
        if (TryReceiveForWaiter())
        {
            _waiter.Release();
            return;
        }

        // An event that brought nothing has made room for it.
        ReleaseWhileWaiting();
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token)
    {
        _waiter.Advance(token);
        return TakeResult();
    }

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _waiter.StatusOf(token);

    void IValueTaskSource<ReadResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _waiter.OnCompleted(continuation, state, token);

    private bool TryReceiveForWaiter()
    {
        if (!_isCanceled && !_hasEnded)
        {
            ReceiveMore();
        }

        return _isCanceled || HasUnexamined || _hasEnded;
    }

    private ReadResult TakeResult()
    {
        bool isCanceled = _isCanceled;
        _isCanceled = false;
        _isLent = _block is not null;
        ReadOnlySequence<byte> buffer = _block is null
            ? ReadOnlySequence<byte>.Empty
            : new ReadOnlySequence<byte>(_block.Array, _start, _end - _start);
        return new ReadResult(buffer, isCanceled, _hasEnded);
    }

    private void ReceiveMore()
    {
        if (!connection.MayReceive || IsOverBudget() || !TryMakeRoom())
        {
            return;
        }

        int received = connection.ReceiveInto(_block!.Array.AsSpan(_end, _block.End - _end));
        if (received > 0)
        {
            _end += received;
            return;
        }

        _hasEnded = received != TransportConnection.WouldBlock;
        if (_start == _end)
        {
            ReleaseBlock();
        }
    }

    // A body that is received as fast as it is sent would never let the loop go.
    private bool IsOverBudget()
    {
        if (_turn != connection.Loop.Turn)
        {
            (_turn, _readsInTurn) = (connection.Loop.Turn, 0);
        }

        if (++_readsInTurn <= EventLoop.ReadsPerTurn)
        {
            return false;
        }

        connection.Loop.Schedule(connection);
        return true;
    }

    private bool TryMakeRoom()
    {
        int kept = _end - _start;
        if (_block is not null && _block.End - _end >= LeastRoomBytes)
        {
            return true;
        }

        if (_block is not null && _block.UsableBytes - kept >= LeastRoomBytes)
        {
            return TryMoveTo(_block);
        }

        int wanted = kept < BlockPool.RelayBytes - LeastRoomBytes ? BlockPool.RelayBytes : 2 * kept;
        return TryMoveTo(connection.Loop.RentFor(connection, wanted));
    }

    private void ReleaseWhileWaiting()
    {
        if (_block is null)
        {
            return;
        }

        Shrink();
    }

    // Into the smallest size of the pool that holds what is left; no block smaller than this one, no move.
    private void Shrink()
    {
        int kept = _end - _start;
        if (kept * 2 <= _block!.UsableBytes && _block.UsableBytes > 1024)
        {
            // Over the budget for a moment, to be further below it than before.
            _ = TryMoveTo(connection.Loop.Blocks.Rent(kept));
        }
    }

    private bool TryMoveTo(Block? other)
    {
        if (other is null)
        {
            return false;
        }

        int kept = _end - _start;
        int examined = _examined - _start;
        if (_block is not null)
        {
            _block.Array.AsSpan(_start, kept).CopyTo(other.Array.AsSpan(Block.Start));
        }

        if (_block is not null && _block != other)
        {
            connection.Loop.Return(_block);
        }

        _block = other;
        (_start, _end, _examined) = (Block.Start, Block.Start + kept, Block.Start + examined);
        return true;
    }

    private void ReleaseBlock()
    {
        connection.Loop.Return(_block!);
        _block = null;
        _start = _end = _examined = Block.Start;
    }

    // The top bit marks the end of a sequence over an array.
    private static int IndexOf(SequencePosition position) => position.GetInteger() & int.MaxValue;
}
