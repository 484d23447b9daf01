using System.Diagnostics;

namespace L7Engine.Timing;

/// <summary>One slot of the wheel: a ring closed by the bucket itself, so that no end is a special case.</summary>
/// <remarks>
/// <code>
///   ┌─► bucket ◄─► entry ◄─► entry ◄─► entry ◄─┐
///   └──────────────────────────────────────────┘
/// </code>
/// </remarks>
internal sealed class Bucket : TimerEntry
{
    public Bucket() => Next = Previous = this;

    public bool IsEmpty => Next == this;

    public void Add(TimerEntry entry)
    {
        Debug.Assert(!entry.IsScheduled, "An entry is in one bucket at most.");
        entry.Previous = Previous;
        entry.Next = this;
        Previous!.Next = entry;
        Previous = entry;
    }

    /// <summary>Takes a linked entry out of whichever ring it is in. O(1).</summary>
    public static void Unlink(TimerEntry entry)
    {
        Debug.Assert(entry.IsScheduled, "Only a linked entry can be unlinked.");
        entry.Previous!.Next = entry.Next;
        entry.Next!.Previous = entry.Previous;
        entry.Next = entry.Previous = null;
    }

    /// <summary>Moves all entries to <paramref name="other"/>, which must be empty. O(1).</summary>
    public void SpliceTo(Bucket other)
    {
        Debug.Assert(other.IsEmpty, "What the other ring holds would be lost.");
        if (IsEmpty)
        {
            return;
        }

        (other.Next, other.Previous) = (Next, Previous);
        other.Next!.Previous = other;
        other.Previous!.Next = other;
        Next = Previous = this;
    }

    protected internal override void OnDue() => throw new UnreachableException();
}
