using System.Diagnostics;

namespace L7Engine.Transport;

/// <summary>The buffers of one loop: stacks of blocks of four sizes, under one budget in bytes.</summary>
/// <remarks>
/// Not thread-safe: the loop's thread owns it. Last in, first out, so that the block that is rented next is the one
/// whose memory is still in the processor's cache.
/// </remarks>
internal sealed class BlockPool(long budgetBytes)
{
    /// <summary>Usable bytes of the block that bodies are relayed with.</summary>
    public const int RelayBytes = 64 * 1024;

    /// <summary>
    /// The smallest budget that a loop gets on with, in bytes: a request and its response, on their way side by side,
    /// and what is being moved.
    /// </summary>
    public const int LeastBudgetBytes = 4 * RelayBytes;

    internal const int Oversize = -1;

    private static readonly int[] Sizes = [1024, 4 * 1024, 32 * 1024, RelayBytes];

    private readonly Block?[] _free = new Block?[Sizes.Length];
    private readonly int[] _freeCount = new int[Sizes.Length];
    private readonly int[] _lowest = new int[Sizes.Length];

    /// <summary>Bytes in blocks that are rented or kept for the next rent.</summary>
    public long AllocatedBytes { get; private set; }

    public int RentedCount { get; private set; }

    /// <summary>Bytes in blocks that are rented.</summary>
    public long RentedBytes { get; private set; }

    /// <summary>True when half of the budget is rented: nobody should hold more than is used.</summary>
    public bool IsTight => RentedBytes > budgetBytes / 2;

    /// <summary>Takes a block of at least so many usable bytes.</summary>
    /// <returns>The block, or null when the budget is spent: wait until one is returned.</returns>
    public Block? TryRent(int minBytes) => CanRent(minBytes) ? Rent(minBytes) : null;

    /// <summary>
    /// One block there is always, whatever the budget. Free blocks of any size do not stand in the way.
    /// </summary>
    public bool CanRent(int minBytes) =>
        RentedCount == 0 || RentedBytes + UsableBytesOf(minBytes, ClassOf(minBytes)) <= budgetBytes;

    /// <summary>Takes a block even when that goes over the budget: for small pieces that cannot wait.</summary>
    public Block Rent(int minBytes)
    {
        int sizeClass = ClassOf(minBytes);
        Block block =
            sizeClass != Oversize && _free[sizeClass] is { } free ? PopFree(free) : Allocate(minBytes, sizeClass);
        Debug.Assert(!block.IsRented);
        block.IsRented = true;
        RentedCount++;
        RentedBytes += block.UsableBytes;
        return block;
    }

    public void Return(Block block)
    {
        Debug.Assert(block.IsRented, "A block goes back once.");
        TakeBack(block);
        Poison(block);
        if (block.SizeClass == Oversize)
        {
            AllocatedBytes -= block.UsableBytes;
            return;
        }

        block.Next = _free[block.SizeClass];
        _free[block.SizeClass] = block;
        _freeCount[block.SizeClass]++;
    }

    /// <summary>Takes a rented block out of the count for good: somebody may still use its memory.</summary>
    public void Forget(Block block)
    {
        Debug.Assert(block.IsRented, "Only a rented block can be lost.");
        TakeBack(block);
        AllocatedBytes -= block.UsableBytes;
    }

    /// <summary>
    /// Lets go of half of the blocks that nobody needed since the last call. Call it about once a second.
    /// </summary>
    /// <returns>True when the next call may find something to let go of, though nothing happens until then.</returns>
    public bool Trim()
    {
        bool hasSurplus = false;
        for (int sizeClass = 0; sizeClass < Sizes.Length; sizeClass++)
        {
            // One block stays for the next request; a burst's worth of them does not.
            for (int surplus = _lowest[sizeClass] / 2; surplus > 0; surplus--)
            {
                Drop(sizeClass);
            }

            _lowest[sizeClass] = _freeCount[sizeClass];
            hasSurplus |= _lowest[sizeClass] > 1;
        }

        return hasSurplus;
    }

    private Block PopFree(Block block)
    {
        _free[block.SizeClass] = block.Next;
        block.Next = null;
        int left = --_freeCount[block.SizeClass];
        _lowest[block.SizeClass] = Math.Min(_lowest[block.SizeClass], left);
        return block;
    }

    private Block Allocate(int minBytes, int sizeClass)
    {
        int usableBytes = UsableBytesOf(minBytes, sizeClass);
        MakeRoomFor(usableBytes);
        AllocatedBytes += usableBytes;
        return new Block(usableBytes, sizeClass);
    }

    // What lies free in another size is of no use to whom wants this one.
    private void MakeRoomFor(int bytes)
    {
        for (int sizeClass = Sizes.Length - 1; sizeClass >= 0; sizeClass--)
        {
            while (AllocatedBytes + bytes > budgetBytes && _free[sizeClass] is not null)
            {
                Drop(sizeClass);
            }
        }
    }

    private void Drop(int sizeClass)
    {
        Block block = PopFree(_free[sizeClass]!);
        AllocatedBytes -= block.UsableBytes;
    }

    private void TakeBack(Block block)
    {
        block.IsRented = false;
        RentedCount--;
        RentedBytes -= block.UsableBytes;
    }

    private static int UsableBytesOf(int minBytes, int sizeClass) =>
        sizeClass == Oversize ? minBytes : Sizes[sizeClass];

    private static int ClassOf(int minBytes)
    {
        for (int sizeClass = 0; sizeClass < Sizes.Length; sizeClass++)
        {
            if (minBytes <= Sizes[sizeClass])
            {
                return sizeClass;
            }
        }

        return Oversize;
    }

    // A slice that outlives its block must be seen in a test, not in another client's response.
    [Conditional("DEBUG")]
    private static void Poison(Block block) => block.Array.AsSpan().Fill(0xDD);
}
