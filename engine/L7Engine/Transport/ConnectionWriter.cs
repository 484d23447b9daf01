using System.Diagnostics;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace L7Engine.Transport;

/// <summary>Writes to a connection: memory of the caller as it is, or what was put into a block of the loop.</summary>
/// <remarks>
/// Not thread-safe: the loop's thread owns it. <see cref="WriteAsync"/> does not copy: the memory must stay as it is
/// until the returned task has ended. What the kernel does not take waits for the socket to become writable.
/// </remarks>
internal sealed class ConnectionWriter(TransportConnection connection) : PipeWriter, IValueTaskSource<FlushResult>
{
    private const int DefaultBytes = 1024;

    private Waiter _waiter;
    private Block? _block;
    private int _blockBytes;
    private int _blockSent;
    private ReadOnlyMemory<byte> _rest;
    private bool _isCanceled;
    private bool _isReleased;

    public bool IsWaiting => _waiter.IsPending;

    /// <inheritdoc cref="TransportConnection.IsEnding"/>
    public bool IsEnding { get; set; }

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _blockBytes - _blockSent + _rest.Length;

    private bool HasEnded => _isReleased || connection.IsDead;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        Debug.Assert(!_waiter.IsPending);
        EnsureRoom(Math.Max(sizeHint, 1));
        int end = Block.Start + _blockBytes;
        return _block!.Array.AsMemory(end, _block.End - end);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        Debug.Assert(_block is not null && Block.Start + _blockBytes + bytes <= _block.End);
        _blockBytes += bytes;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        WriteAsync(ReadOnlyMemory<byte>.Empty, cancellationToken);

    public override ValueTask<FlushResult> WriteAsync(
        ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        Debug.Assert(!_waiter.IsPending, "One write at a time.");
        _rest = source;
        if (TrySendAll())
        {
            return new ValueTask<FlushResult>(TakeResult());
        }

        connection.StartWriteClock();
        _waiter.Begin();
        return new ValueTask<FlushResult>(this, _waiter.Token);
    }

    public override void CancelPendingFlush()
    {
        // Unlike a read, a write that nobody waits for has nothing to cancel: the deadline was for one that has ended.
        if (_waiter.IsPending)
        {
            _isCanceled = true;
            connection.Loop.Schedule(connection);
        }
    }

    public override void Complete(Exception? exception = null)
    {
        Debug.Assert(!_waiter.IsPending, "Only closing ends a write that waits.");
        Release();
    }

    internal void Release()
    {
        _isReleased = true;
        _rest = default;
        if (_block is not null)
        {
            ReleaseBlock();
        }
    }

    internal void Pump()
    {
        if (_isCanceled)
        {
            End();
        }
        else
        {
            _ = TryGoOn();
        }
    }

    /// <summary>Cancels a write that the peer takes nothing of, or too little in too long a time.</summary>
    internal void OnDeadline()
    {
        if (!_waiter.IsPending || _isCanceled)
        {
            return;
        }

        // A kernel tells that it takes bytes again when a third of its buffer is free. A slow reader may need longer
        // than the gap for that: it is asked before the write is given up.
        connection.MaySend = true;
        bool hasMoved = TryGoOn();
        if (_waiter.IsPending && !connection.MayWaitOn(hasMoved))
        {
            CancelPendingFlush();
        }
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token)
    {
        _waiter.Advance(token);
        return TakeResult();
    }

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _waiter.StatusOf(token);

    void IValueTaskSource<FlushResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _waiter.OnCompleted(continuation, state, token);

    /// <returns>False when the kernel took nothing and the write goes on waiting.</returns>
    private bool TryGoOn()
    {
        long sentBefore = connection.BytesSent;
        if (TrySendAll())
        {
            End();
            return true;
        }

        if (connection.BytesSent == sentBefore)
        {
            return false;
        }

        connection.StartWriteClock();
        return true;
    }

    private void End()
    {
        connection.EndWriteClock();
        _waiter.Release();
    }

    private FlushResult TakeResult()
    {
        bool isCanceled = _isCanceled;
        _isCanceled = false;
        if (isCanceled || HasEnded)
        {
            _rest = default;
        }

        return new FlushResult(isCanceled, HasEnded);
    }

    /// <returns>True when nothing is left to send, or nothing more can be sent.</returns>
    private bool TrySendAll()
    {
        while (!HasEnded)
        {
            ReadOnlySpan<byte> next = _blockBytes > _blockSent
                ? _block!.Array.AsSpan(Block.Start + _blockSent, _blockBytes - _blockSent)
                : _rest.Span;
            if (next.IsEmpty)
            {
                break;
            }

            if (!connection.MaySend)
            {
                return false;
            }

            int sent = connection.SendFrom(next);
            if (sent < 0)
            {
                continue;
            }

            Take(sent);
        }

        if (_block is not null)
        {
            ReleaseBlock();
        }

        return true;
    }

    private void Take(int sent)
    {
        if (_blockBytes == _blockSent)
        {
            _rest = _rest[sent..];
            return;
        }

        _blockSent += sent;
    }

    private void EnsureRoom(int bytes)
    {
        if (_block is not null && _block.End - Block.Start - _blockBytes >= bytes)
        {
            return;
        }

        // Small and short-lived: a writer may go over the budget by one block rather than wait for it in GetMemory.
        Block larger = connection.Loop.Blocks.Rent(Math.Max(_blockBytes + Math.Max(bytes, _blockBytes), DefaultBytes));
        if (_block is not null)
        {
            _block.Array.AsSpan(Block.Start, _blockBytes).CopyTo(larger.Array.AsSpan(Block.Start));
            connection.Loop.Return(_block);
        }

        _block = larger;
    }

    private void ReleaseBlock()
    {
        connection.Loop.Return(_block!);
        _block = null;
        _blockBytes = _blockSent = 0;
    }
}
