using System.Buffers;
using System.IO.Pipelines;
using L7Engine.Http;

namespace L7Engine.Backends.Health;

/// <summary>Reads the answer to a health check up to the end of its final head.</summary>
/// <remarks>Not thread-safe: one loop owns it. Checks take turns at it: nothing of a head outlives a call.</remarks>
internal sealed class CheckAnswer(HeadLimits limits)
{
    private const int MaxInterim = 32;

    private readonly ResponseHead _head = new();

    /// <summary>Takes what was read, and lets go of what is of no more use.</summary>
    /// <param name="interimCount">Interim responses so far.</param>
    /// <param name="status">The status of the final response; 0 before.</param>
    /// <returns>None while more has to be read; Passed for a response of whatever status.</returns>
    public CheckResult Take(
        PipeReader reader, in ReadResult read, KnownMethod method, ref int interimCount, out int status)
    {
        status = 0;
        ReadOnlySequence<byte> received = read.Buffer;
        while (!received.IsEmpty)
        {
            ReadOnlySpan<byte> bytes = received.IsSingleSegment ? received.FirstSpan : received.ToArray();
            ParseStatus parsed = _head.Parse(bytes, method, limits);
            if (parsed == ParseStatus.NeedMore)
            {
                break;
            }

            bool isInterim = parsed == ParseStatus.Complete && _head.IsInterim && interimCount++ < MaxInterim;
            if (!isInterim)
            {
                bool isFinal = parsed == ParseStatus.Complete && _head.Status >= 200;
                status = isFinal ? _head.Status : 0;
                reader.AdvanceTo(received.End);
                return isFinal ? CheckResult.Passed : CheckResult.Malformed;
            }

            received = received.Slice(_head.TotalBytes);
        }

        reader.AdvanceTo(received.Start, received.End);
        return read.IsCompleted ? CheckResult.Closed : CheckResult.None;
    }
}
