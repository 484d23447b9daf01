namespace L7Engine.Tests.Support;

internal enum SegmentKind : byte
{
    Data,
    Syn,
    SynAck,
    Fin,
    Reset,
}

/// <summary>Something on its way. Bytes lie in the flow's ring, in the order of its segments.</summary>
/// <param name="DueAt">Virtual time of its arrival.</param>
internal readonly record struct Segment(SegmentKind Kind, int Bytes, long DueAt);
