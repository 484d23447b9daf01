using System.Diagnostics;
using L7Engine.Transport;

namespace L7Engine.Proxying;

/// <summary>The first bytes of a request as the backend gets them: its rewritten head, and of its body what came with
/// it, and what is kept to be sent again.</summary>
/// <remarks>
/// Not thread-safe: the loop's thread owns it. What is kept is a copy, because a block that was received into is as
/// large as the limit, and may hold a single byte.
/// </remarks>
internal sealed class FirstPiece(EventLoop loop)
{
    private Block? _block;
    private bool _isReleaseDue;

    /// <summary>Head and body bytes as they were sent so far; empty once let go.</summary>
    public ReadOnlyMemory<byte> Bytes => _block is null ? default : _block.Array.AsMemory(Block.Start, Length);

    public int Length { get; private set; }

    /// <summary>True while a write of it is under way: its block cannot be let go.</summary>
    public bool IsSending { get; set; }

    /// <summary>True while it can be sent, once more or at all.</summary>
    public bool IsHeld => _block is not null && !_isReleaseDue;

    /// <summary>Makes room for a new one, which is empty.</summary>
    public Span<byte> Begin(int room)
    {
        Debug.Assert(_block is null, "The one before was let go.");
        _block = loop.Blocks.Rent(room);
        Length = 0;
        return _block.Array.AsSpan(Block.Start, room);
    }

    /// <summary>So many bytes were written to the room that there was.</summary>
    public void Advance(int bytes) => Length += bytes;

    /// <summary>Adds bytes for which room was made.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_block!.Array.AsSpan(Block.Start + Length));
        Length += bytes.Length;
    }

    /// <summary>Adds bytes that were sent behind it, as long as that is no more than may be kept.</summary>
    /// <param name="max">Bytes in all.</param>
    /// <returns>False when it would be too much, or memory runs short.</returns>
    public bool TryKeep(ReadOnlySpan<byte> sent, int max)
    {
        Debug.Assert(!IsSending, "The body is read when the first piece has been taken.");
        bool hasRoom = TryMakeRoom(Length + sent.Length, max);
        if (hasRoom)
        {
            Append(sent);
        }

        return hasRoom;
    }

    /// <summary>Puts other bytes in the place of some.</summary>
    public void Replace(int start, int length, ReadOnlySpan<byte> by)
    {
        Block old = _block!;
        Block block = loop.Blocks.Rent(Length - length + by.Length);
        Span<byte> to = block.Array.AsSpan(Block.Start);
        Bytes.Span[..start].CopyTo(to);
        by.CopyTo(to[start..]);
        Bytes.Span[(start + length)..].CopyTo(to[(start + by.Length)..]);
        Length += by.Length - length;
        _block = block;
        loop.Return(old);
    }

    /// <summary>The write of it has ended: what was to be let go meanwhile is.</summary>
    public void EndSending()
    {
        IsSending = false;
        if (_isReleaseDue)
        {
            Release();
        }
    }

    /// <summary>Lets it go, as soon as it is not being written.</summary>
    public void Release()
    {
        _isReleaseDue = IsSending;
        if (_block is not null && !IsSending)
        {
            loop.Return(_block);
            _block = null;
        }
    }

    private bool TryMakeRoom(int bytes, int max)
    {
        BlockPool blocks = loop.Blocks;
        if (bytes > max || blocks.IsTight)
        {
            return false;
        }

        if (bytes <= _block!.UsableBytes)
        {
            return true;
        }

        // Twice as much as before, so that a body of many small pieces is not copied for each of them.
        Block? larger = blocks.TryRent(Math.Min(max, Math.Max(bytes, 2 * _block.UsableBytes)));
        if (larger is null)
        {
            return false;
        }

        Bytes.Span.CopyTo(larger.Array.AsSpan(Block.Start));
        loop.Return(_block);
        _block = larger;
        return true;
    }
}
