using System.Diagnostics;

namespace L7Engine.Http;

/// <summary>Finds the data in a chunked body, whatever pieces it arrives in (RFC 9112 section 7.1).</summary>
/// <param name="maxExtensionBytes">Chunk extensions, over the whole body.</param>
/// <param name="maxTrailerBytes">Trailer lines, without the empty line that ends them.</param>
/// <remarks>A mutable struct: keep it in a field, pass it by reference. Not thread-safe.</remarks>
internal struct ChunkedDecoder(int maxExtensionBytes, int maxTrailerBytes, int maxTrailerFields)
{
    private ChunkLineParser _line = new(maxExtensionBytes);
    private Place _place;
    private long _remaining;

    private enum Place : byte
    {
        Line,
        Data,
        DataCr,
        DataLf,
        Trailers,
        End,
        Failed,
    }

    public HttpFault Fault { get; private set; }

    /// <summary>The trailer lines in the input of the step that returned <see cref="ChunkedStep.End"/>.</summary>
    public ByteRange Trailers { get; private set; }

    public readonly bool IsEnd => _place == Place.End;

    /// <summary>Body bytes handed out so far.</summary>
    public long BodyBytes { get; private set; }

    /// <summary>Data bytes of the present chunk that are still to come.</summary>
    public readonly long ChunkBytesLeft => _remaining;

    /// <param name="input">What follows the bytes that the step before consumed.</param>
    /// <param name="consumed">Up to the end of the data, of the message, or of what could be used.</param>
    /// <param name="data">Body bytes, as a range of the input; empty unless the result is Data.</param>
    /// <returns>NeedMore leaves a trailer section that is not whole unconsumed; all else is kept inside.</returns>
    public ChunkedStep Step(ReadOnlySpan<byte> input, out int consumed, out ByteRange data)
    {
        data = default;
        consumed = 0;
        while (true)
        {
            switch (_place)
            {
                case Place.End:
                    return ChunkedStep.End;
                case Place.Failed:
                    return ChunkedStep.Invalid;
                case Place.Trailers:
                    return StepTrailers(input, ref consumed);
                case Place.Data when consumed < input.Length:
                    data = TakeData(input.Length, ref consumed);
                    return ChunkedStep.Data;
                case Place.Data:
                    return ChunkedStep.NeedMore;
                default:
                    if (consumed == input.Length)
                    {
                        return ChunkedStep.NeedMore;
                    }

                    Advance(input[consumed++]);
                    break;
            }
        }
    }

    /// <summary>Says that the input of the last step began this many bytes into what the caller looks at.</summary>
    internal void ShiftTrailers(int bytes) => Trailers = Trailers with { Start = Trailers.Start + bytes };

    private ByteRange TakeData(int inputBytes, ref int consumed)
    {
        var data = new ByteRange(consumed, (int)Math.Min(_remaining, inputBytes - consumed));
        consumed = data.End;
        BodyBytes += data.Length;
        _remaining -= data.Length;
        if (_remaining == 0)
        {
            _place = Place.DataCr;
        }

        return data;
    }

    /// <summary>Takes one byte of what lies between the data.</summary>
    private void Advance(byte next)
    {
        switch (_place)
        {
            case Place.Line:
                AdvanceLine(next);
                break;
            case Place.DataCr when next == '\r':
                _place = Place.DataLf;
                break;
            case Place.DataLf when next == '\n':
                _place = Place.Line;
                break;
            default:
                Fail(HttpFault.BadChunkEnd);
                break;
        }
    }

    private void AdvanceLine(byte next)
    {
        switch (_line.Add(next, out HttpFault fault))
        {
            case ParseStatus.Complete:
                _remaining = _line.Size;
                _place = _remaining == 0 ? Place.Trailers : Place.Data;
                break;
            case ParseStatus.Invalid:
                Fail(fault);
                break;
            case ParseStatus.NeedMore:
                break;
            default:
                throw new UnreachableException();
        }
    }

    /// <remarks>RFC 9112 section 7.1.2. The section is read whole, from its start, each time.</remarks>
    private ChunkedStep StepTrailers(ReadOnlySpan<byte> input, ref int consumed)
    {
        // What lies past the limit is not looked at, so that the fault does not depend on how much has arrived.
        int maxEnd = consumed + maxTrailerBytes + 2;
        bool isFull = input.Length >= maxEnd;
        int end = consumed;
        ParseStatus status = ParseTrailers(isFull ? input[..maxEnd] : input, ref end, out HttpFault fault);
        if (status == ParseStatus.Complete)
        {
            Trailers = new ByteRange(consumed, end - 2 - consumed);
            consumed = end;
            _place = Place.End;
            return ChunkedStep.End;
        }

        if (status == ParseStatus.NeedMore && !isFull)
        {
            return ChunkedStep.NeedMore;
        }

        Fail(status == ParseStatus.NeedMore ? HttpFault.TrailersTooLarge : fault);
        return ChunkedStep.Invalid;
    }

    private readonly ParseStatus ParseTrailers(ReadOnlySpan<byte> input, ref int end, out HttpFault fault)
    {
        fault = HttpFault.None;
        for (int fields = 0; end < input.Length; fields++)
        {
            if (input[end] == '\r')
            {
                return FieldSectionParser.ParseEmptyLine(input, ref end, out fault);
            }

            if (fields == maxTrailerFields)
            {
                fault = HttpFault.TrailersTooLarge;
                return ParseStatus.Invalid;
            }

            ParseStatus status = FieldLineParser.Parse(input, end, out FieldLine line, out fault);
            if (status != ParseStatus.Complete)
            {
                return status;
            }

            end = line.LineEnd;
        }

        return ParseStatus.NeedMore;
    }

    private void Fail(HttpFault why)
    {
        Fault = why;
        _place = Place.Failed;
    }
}
