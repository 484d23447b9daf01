namespace L7Engine.Http;

/// <summary>Reads the field lines of a head up to the empty line that ends it.</summary>
internal static class FieldSectionParser
{
    /// <param name="start">Where the first line starts.</param>
    /// <param name="end">Offset just after the empty line; when more is needed, where the open line starts.</param>
    public static ParseStatus Parse(
        ReadOnlySpan<byte> input, int start, int maxFields, FieldTable fields, out int end, out HttpFault fault)
    {
        end = start;
        fault = HttpFault.None;
        while (end < input.Length)
        {
            if (input[end] == '\r')
            {
                return ParseEmptyLine(input, ref end, out fault);
            }

            if (fields.Count == maxFields)
            {
                fault = HttpFault.TooManyFields;
                return ParseStatus.Invalid;
            }

            ParseStatus status = FieldLineParser.Parse(input, end, out FieldLine line, out fault);
            if (status != ParseStatus.Complete)
            {
                return status;
            }

            fields.Add(line);
            end = line.LineEnd;
        }

        return ParseStatus.NeedMore;
    }

    /// <summary>Reads CRLF at <paramref name="end"/>, where CR has been seen, and moves past it.</summary>
    public static ParseStatus ParseEmptyLine(ReadOnlySpan<byte> input, ref int end, out HttpFault fault)
    {
        fault = HttpFault.None;
        if (end + 1 == input.Length)
        {
            return ParseStatus.NeedMore;
        }

        if (input[end + 1] != '\n')
        {
            fault = HttpFault.BareCarriageReturn;
            return ParseStatus.Invalid;
        }

        end += 2;
        return ParseStatus.Complete;
    }
}
