using System.Text.RegularExpressions;

namespace L7Engine.Tests.Tidy;

/// <summary>One file of the repository.</summary>
/// <param name="Path">From the root of the repository, with slashes.</param>
internal sealed partial record SourceFile(string Path, string Text)
{
    public string[] Lines => Text.Split('\n');

    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>The text without what comments and literals say: rules about code must not trip over words.</summary>
    public string Code { get; } = CommentOrLiteral().Replace(Text, "\"\"");

    // In the order in which they hide each other: a quote in a comment opens nothing, nor do slashes in a literal.
    [GeneratedRegex(
        """
        //[^\n]* | /\*.*?\*/ | (?<raw>"{3,}).*?\k<raw> | (?:@\$?|\$@)"(?:[^"]|"")*" | "(?:\\.|[^"\\\n])*" | '(?:\\.[^']*|[^'\\\n])'
        """,
        RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex CommentOrLiteral();
}
