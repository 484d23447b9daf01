namespace L7Engine.Transport;

/// <summary>A piece of pinned memory that bytes are received into and sent from. Rented from one loop's pool.</summary>
internal sealed class Block(int usableBytes, int sizeClass)
{
    /// <summary>Free bytes kept in front of what is received, so that a rewritten head fits before the body.</summary>
    public const int HeadroomBytes = 256;

    /// <summary>Free bytes kept behind what is received, for the end of a chunk and the last chunk.</summary>
    public const int TailroomBytes = 16;

    /// <summary>Head room, usable bytes, tail room.</summary>
    public byte[] Array { get; } =
        GC.AllocateUninitializedArray<byte>(HeadroomBytes + usableBytes + TailroomBytes, pinned: true);

    /// <summary>Index of the first usable byte.</summary>
    public const int Start = HeadroomBytes;

    /// <summary>Index after the last usable byte.</summary>
    public int End => Array.Length - TailroomBytes;

    public int UsableBytes => Array.Length - HeadroomBytes - TailroomBytes;

    /// <summary>
    /// Which stack of the pool it belongs to; <see cref="BlockPool.Oversize"/> for one that is not pooled.
    /// </summary>
    internal int SizeClass { get; } = sizeClass;

    internal Block? Next { get; set; }

    internal bool IsRented { get; set; }
}
