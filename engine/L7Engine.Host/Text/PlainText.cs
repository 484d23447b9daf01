using System.Globalization;
using System.Text;

namespace L7Engine.Host.Text;

/// <summary>Text that may hold bytes of a peer or of a file, made fit for one line of a terminal or a log.</summary>
internal static class PlainText
{
    /// <returns>The text with every character escaped that could break the line or change what a reader sees.</returns>
    public static string OneLine(string text)
    {
        int first = IndexOfUnsafe(text);
        if (first < 0)
        {
            return text;
        }

        var line = new StringBuilder(text, 0, first, text.Length + 16);
        foreach (char c in text.AsSpan(first))
        {
            _ = c switch
            {
                '\r' => line.Append("\\r"),
                '\n' => line.Append("\\n"),
                '\t' => line.Append("\\t"),
                _ when IsUnsafe(c) => line.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => line.Append(c),
            };
        }

        return line.ToString();
    }

    private static int IndexOfUnsafe(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (IsUnsafe(text[i]))
            {
                return i;
            }
        }

        return -1;
    }

    // Control covers C0 (with ESC), DEL and C1; Format covers the marks that reorder text (Unicode Annex 9) and
    // those that have no width; a lone surrogate is no character.
    private static bool IsUnsafe(char c) => c > '~' || c < ' '
        ? char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate
        : false;
}
