namespace L7Engine.Http;

/// <summary>Where bytes lie in the input they were parsed from. Holds no reference to them.</summary>
/// <param name="Start">Offset from the first byte of the input, in bytes.</param>
/// <param name="Length">Length in bytes. An <see cref="int"/>: a length that wraps hides fields
/// (CVE-2021-40346).</param>
internal readonly record struct ByteRange(int Start, int Length)
{
    public bool IsEmpty => Length == 0;

    public int End => Start + Length;

    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> input) => input.Slice(Start, Length);
}
