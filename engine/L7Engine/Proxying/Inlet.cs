using System.Buffers;
using System.IO.Pipelines;
using L7Engine.Transport;

namespace L7Engine.Proxying;

/// <summary>What a pipe received, as one writable piece with room before and behind it.</summary>
/// <remarks>
/// Not thread-safe: the loop's thread owns it. Of our own reader it is the block itself; what another reader holds, in
/// one segment or many, is copied into a block once.
/// </remarks>
internal sealed class Inlet
{
    private EventLoop _loop = null!;
    private PipeReader _reader = null!;
    private ReadOnlySequence<byte> _buffer;
    private Block? _copy;

    public void Attach(EventLoop loop, PipeReader reader)
    {
        if (_copy is not null)
        {
            Drop();
        }

        (_loop, _reader) = (loop, reader);
    }

    /// <summary>The received bytes. They stay until <see cref="Advance"/>.</summary>
    public ArraySegment<byte> View(in ReadResult read)
    {
        _buffer = read.Buffer;
        if (_buffer.IsEmpty)
        {
            return ArraySegment<byte>.Empty;
        }

        return _reader is ConnectionReader own ? own.Writable(_buffer) : Copy();
    }

    /// <summary>Lets go of the first bytes of the view; the rest is seen again by the next read.</summary>
    public void Advance(int consumedBytes)
    {
        _reader.AdvanceTo(_buffer.GetPosition(consumedBytes));
        Drop();
    }

    /// <summary>Keeps what is not consumed, and asks for more than was seen.</summary>
    public void AdvanceAndWait(int consumedBytes)
    {
        _reader.AdvanceTo(_buffer.GetPosition(consumedBytes), _buffer.End);
        Drop();
    }

    /// <summary>Lets go of a view that nobody uses any more, whatever becomes of its reader.</summary>
    public void Drop()
    {
        _buffer = default;
        if (_copy is not null)
        {
            _loop.Return(_copy);
            _copy = null;
        }
    }

    private ArraySegment<byte> Copy()
    {
        int length = checked((int)_buffer.Length);
        _copy = _loop.Blocks.Rent(length);
        _buffer.CopyTo(_copy.Array.AsSpan(Block.Start));
        return new ArraySegment<byte>(_copy.Array, Block.Start, length);
    }
}
