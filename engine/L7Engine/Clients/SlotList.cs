namespace L7Engine.Clients;

/// <summary>A list of slots, in the order in which they were appended. The links are kept beside, by slot.</summary>
/// <remarks>Not thread-safe: one thread owns it. A mutable struct: do not copy it. The default is empty.</remarks>
internal struct SlotList
{
    // One more than the slot, so that 0 is none.
    private int _first;
    private int _last;

    public readonly bool IsEmpty => _first == 0;

    /// <summary>The slot that was appended before the others; -1 when there is none.</summary>
    public readonly int First => _first - 1;

    public void Append(int slot, SlotLink[] links)
    {
        links[slot] = new SlotLink { Previous = _last };
        if (_last == 0)
        {
            _first = slot + 1;
        }
        else
        {
            links[_last - 1].Next = slot + 1;
        }

        _last = slot + 1;
    }

    public void Remove(int slot, SlotLink[] links)
    {
        SlotLink link = links[slot];
        if (link.Previous == 0)
        {
            _first = link.Next;
        }
        else
        {
            links[link.Previous - 1].Next = link.Next;
        }

        if (link.Next == 0)
        {
            _last = link.Previous;
        }
        else
        {
            links[link.Next - 1].Previous = link.Previous;
        }
    }
}

/// <summary>The neighbours of a slot in its list: one more than their slots, 0 for none.</summary>
internal struct SlotLink
{
    public int Next;
    public int Previous;
}
