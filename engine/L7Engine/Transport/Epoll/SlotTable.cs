using System.Diagnostics;

namespace L7Engine.Transport.Epoll;

/// <summary>What the events of a loop belong to, by slot and generation.</summary>
/// <remarks>
/// Not thread-safe: the loop's thread owns it. A slot is used again, a generation of it never: an event that was
/// reported before its descriptor was closed finds nothing, whoever has that descriptor's number or its slot since.
/// </remarks>
internal sealed class SlotTable
{
    private readonly Stack<int> _free = new();
    private object?[] _sources = new object?[16];
    private int[] _generations = new int[16];
    private int _used;

    public int Count => _used - _free.Count;

    public int Add(object source)
    {
        if (!_free.TryPop(out int slot))
        {
            slot = _used++;
            if (slot == _sources.Length)
            {
                // By half: what is twice as large as needed is memory that each connection pays for.
                Array.Resize(ref _sources, slot + (slot / 2));
                Array.Resize(ref _generations, slot + (slot / 2));
            }
        }

        _sources[slot] = source;
        return slot;
    }

    public int GenerationOf(int slot) => _generations[slot];

    /// <returns>Null when what had the slot in that generation has left it.</returns>
    public object? Find(int slot, int generation) =>
        (uint)slot < (uint)_used && _generations[slot] == generation ? _sources[slot] : null;

    public void Remove(int slot)
    {
        Debug.Assert(_sources[slot] is not null, "A slot is left once.");
        _sources[slot] = null;
        _generations[slot]++;
        _free.Push(slot);
    }

    /// <summary>What is in the table now; it may leave the table while it is looked at.</summary>
    public object[] ToArray() => [.. _sources.OfType<object>()];
}
