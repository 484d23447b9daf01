namespace L7Engine.Http;

/// <param name="End">Offset just after the line's CRLF.</param>
internal readonly record struct StatusLine(HttpVersion Version, int Status, ByteRange Reason, int End);

/// <summary>Reads a status line, in place (RFC 9112 section 4). The reason, and the SP before it, may be
/// missing.</summary>
internal static class StatusLineParser
{
    private const int StatusStart = VersionParser.Bytes + 1;
    private const int StatusEnd = StatusStart + 3;

    /// <param name="maxLineBytes">Longest accepted line, without its CRLF.</param>
    /// <remarks>Left to right: a prefix of an invalid line needs more, or is invalid for the same reason.</remarks>
    public static ParseStatus Parse(
        ReadOnlySpan<byte> input, int maxLineBytes, out StatusLine line, out HttpFault fault)
    {
        line = default;
        ParseStatus status = VersionParser.Parse(input, out HttpVersion version, out fault);
        if (status != ParseStatus.Complete)
        {
            return status;
        }

        if (!HasStatusShape(input))
        {
            return Invalid(HttpFault.BadStatusLine, out fault);
        }

        if (input.Length <= StatusEnd)
        {
            return ParseStatus.NeedMore;
        }

        status = ParseReason(input, maxLineBytes, out ByteRange reason, out int lineEnd, out fault);
        line = new StatusLine(version, StatusOf(input), reason, lineEnd);
        return status;
    }

    /// <summary>True when what is there of SP, a digit from 1 to 9, two digits and SP or CR is right.</summary>
    private static bool HasStatusShape(ReadOnlySpan<byte> line) =>
        (line.Length <= VersionParser.Bytes || line[VersionParser.Bytes] == ' ')
        && (line.Length <= StatusStart || line[StatusStart] is >= (byte)'1' and <= (byte)'9')
        && (line.Length <= StatusStart + 1 || char.IsAsciiDigit((char)line[StatusStart + 1]))
        && (line.Length <= StatusStart + 2 || char.IsAsciiDigit((char)line[StatusStart + 2]))
        && (line.Length <= StatusEnd || line[StatusEnd] is (byte)' ' or (byte)'\r');

    private static int StatusOf(ReadOnlySpan<byte> line) =>
        ((line[StatusStart] - '0') * 100) + ((line[StatusStart + 1] - '0') * 10) + line[StatusStart + 2] - '0';

    private static ParseStatus ParseReason(
        ReadOnlySpan<byte> input, int maxLineBytes, out ByteRange reason, out int lineEnd, out HttpFault fault)
    {
        int start = input[StatusEnd] == ' ' ? StatusEnd + 1 : StatusEnd;
        bool isMoreThanAllowed = input.Length > maxLineBytes;
        ReadOnlySpan<byte> text = (isMoreThanAllowed ? input[..(maxLineBytes + 1)] : input)[start..];
        int length = text.IndexOfAny(HttpBytes.Controls);
        reason = new ByteRange(start, Math.Max(length, 0));
        lineEnd = reason.End;
        if (length < 0)
        {
            fault = isMoreThanAllowed ? HttpFault.StatusLineTooLong : HttpFault.None;
            return isMoreThanAllowed ? ParseStatus.Invalid : ParseStatus.NeedMore;
        }

        return text[length] == '\r'
            ? FieldSectionParser.ParseEmptyLine(input, ref lineEnd, out fault)
            : Invalid(FieldLineParser.ControlFault(text[length]), out fault);
    }

    private static ParseStatus Invalid(HttpFault why, out HttpFault fault)
    {
        fault = why;
        return ParseStatus.Invalid;
    }
}
