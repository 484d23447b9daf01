using System.Buffers.Text;

namespace L7Engine.Http;

/// <summary>What some answers carry besides their text.</summary>
/// <param name="WithAllow">Write Allow (405, and OPTIONS).</param>
/// <param name="RetryAfterSeconds">Write Retry-After when above 0.</param>
internal readonly record struct AnswerExtras(bool WithAllow = false, int RetryAfterSeconds = 0);

/// <summary>Writes the engine's own answers: fixed text, no byte of the request, no product name.</summary>
internal static class AnswerWriter
{
    /// <summary>The most bytes that <see cref="Write"/> needs.</summary>
    public const int MaxBytes = 512;

    public static int Write(
        Span<byte> destination, int status, ReadOnlySpan<byte> date, bool close, bool withBody, AnswerExtras extras = default)
    {
        return Utf8Formatter.TryFormat(status, destination, out int n) && close && withBody && extras.WithAllow ? date.Length + n : n;
    }
}
