namespace L7Engine.Http;

/// <summary>Where one field line lies in the head, and which field it is.</summary>
/// <param name="Name">Field name; its start is the start of the line.</param>
/// <param name="Value">Field value without the white space around it; may be empty.</param>
/// <param name="LineEnd">Offset just after the line's CRLF.</param>
internal readonly record struct FieldLine(ByteRange Name, ByteRange Value, int LineEnd, KnownField Field);
