using System.Numerics;

namespace L7Engine.Tests.Support;

/// <summary>Bytes in order, first in, first out. Grows to what was needed once and allocates no more.</summary>
internal sealed class ByteRing
{
    private byte[] _bytes = new byte[256];
    private int _first;

    public int Count { get; private set; }

    public void Add(ReadOnlySpan<byte> source)
    {
        Reserve(Count + source.Length);
        int place = (_first + Count) & (_bytes.Length - 1);
        int untilWrap = Math.Min(source.Length, _bytes.Length - place);
        source[..untilWrap].CopyTo(_bytes.AsSpan(place));
        source[untilWrap..].CopyTo(_bytes);
        Count += source.Length;
    }

    public void Take(Span<byte> destination)
    {
        int untilWrap = Math.Min(destination.Length, _bytes.Length - _first);
        _bytes.AsSpan(_first, untilWrap).CopyTo(destination);
        _bytes.AsSpan(0, destination.Length - untilWrap).CopyTo(destination[untilWrap..]);
        _first = (_first + destination.Length) & (_bytes.Length - 1);
        Count -= destination.Length;
    }

    /// <summary>The longest piece from the first byte on that lies in one place.</summary>
    public ReadOnlySpan<byte> Peek() => _bytes.AsSpan(_first, Math.Min(Count, _bytes.Length - _first));

    public void Skip(int count)
    {
        _first = (_first + count) & (_bytes.Length - 1);
        Count -= count;
    }

    /// <summary>Forgets the newest bytes.</summary>
    public void DropLast(int count) => Count -= count;

    private void Reserve(int count)
    {
        if (count <= _bytes.Length)
        {
            return;
        }

        byte[] larger = new byte[(int)BitOperations.RoundUpToPowerOf2((uint)count)];
        int held = Count;
        Take(larger.AsSpan(0, held));
        (_bytes, _first, Count) = (larger, 0, held);
    }
}
