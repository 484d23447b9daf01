using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace L7Engine.Load.Bench.Report;

/// <summary>HTML that is being written. What is put into a hole of its text is escaped; only other HTML is not.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class Html
{
    private readonly StringBuilder _text = new();

    /// <summary>Makes a piece of HTML.</summary>
    public static Html Of(EscapingHandler text) => new Html().Add(text);

    /// <summary>Makes one piece of many.</summary>
    public static Html Join<T>(IEnumerable<T> items, Func<T, Html> piece)
    {
        var all = new Html();
        foreach (T item in items)
        {
            all._text.Append(piece(item)._text);
        }

        return all;
    }

    /// <summary>Adds what is written, its holes escaped.</summary>
    public Html Add(EscapingHandler text)
    {
        _text.Append(text.Text);
        return this;
    }

    public override string ToString() => _text.ToString();

    /// <summary>Escapes the holes of an interpolated string.</summary>
    [InterpolatedStringHandler]
    internal readonly ref struct EscapingHandler
    {
        public EscapingHandler(int literalLength, int formattedCount) =>
            Text = new StringBuilder(literalLength + (formattedCount * 16));

        public StringBuilder Text { get; }

        public void AppendLiteral(string text) => Text.Append(text);

        public void AppendFormatted(Html html) => Text.Append(html._text);

        public void AppendFormatted(string? text) => Text.Append(WebUtility.HtmlEncode(text));

        public void AppendFormatted(int number) => Text.Append(number.ToString(CultureInfo.InvariantCulture));

        /// <summary>A coordinate: to a tenth of a pixel.</summary>
        public void AppendFormatted(double number) =>
            Text.Append(number.ToString("0.#", CultureInfo.InvariantCulture));
    }
}
