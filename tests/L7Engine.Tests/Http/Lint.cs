using System.Text.RegularExpressions;

namespace L7Engine.Tests.Http;

/// <summary>A second opinion on what we send: naive, strict, and written without the engine's parser.</summary>
internal static partial class Lint
{
    /// <returns>What is wrong with a stream of requests, or of responses with a body each; empty when nothing
    /// is.</returns>
    public static List<string> Stream(byte[] bytes, bool areRequests)
    {
        List<string> wrong = [];
        string rest = Wire.Text(bytes);
        while (rest.Length > 0)
        {
            int end = rest.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end < 0)
            {
                wrong.Add("a head that does not end");
                return wrong;
            }

            string head = rest[..end];
            rest = rest[(end + 4)..];
            if (!LintMessage(head, ref rest, areRequests, wrong))
            {
                return wrong;
            }
        }

        return wrong;
    }

    /// <returns>False when nothing more can be read: the message is truncated or wrong.</returns>
    private static bool LintMessage(string head, ref string rest, bool isRequest, List<string> wrong)
    {
        string text = LineEnds().Replace(head, "\n");
        if (BareLineFeed().IsMatch(head) || Forbidden().IsMatch(text.Replace("\n", "", StringComparison.Ordinal)))
        {
            wrong.Add("a bare CR or control byte");
        }

        string[] lines = text.Split('\n');
        Regex start = isRequest ? RequestLine() : StatusLine();
        if (!start.IsMatch(lines[0]))
        {
            wrong.Add($"start line: {lines[0]}");
        }

        var fields = lines.Skip(1).Select(line => FieldLine().Match(line)).ToList();
        wrong.AddRange(fields.Where(f => !f.Success).Select(_ => "a malformed field line"));
        var known = fields.Where(f => f.Success)
            .ToLookup(f => f.Groups[1].Value.ToUpperInvariant(), f => f.Groups[2].Value);
        LintFields(known, isRequest, wrong);
        bool isFramed = known["CONTENT-LENGTH"].Any() || known["TRANSFER-ENCODING"].Any();
        if (!isRequest && !isFramed && HasBody().IsMatch(lines[0]))
        {
            // The rest is the body: it ends where the connection does.
            return false;
        }

        return wrong.Count == 0 && SkipBody(known, ref rest, wrong);
    }

    private static void LintFields(ILookup<string, string> known, bool isRequest, List<string> wrong)
    {
        if (isRequest && known["HOST"].Count() != 1)
        {
            wrong.Add("not exactly one Host");
        }

        string[] lengths = [.. known["CONTENT-LENGTH"]];
        string[] codings = [.. known["TRANSFER-ENCODING"]];
        bool isKnown = lengths.All(l => Digits().IsMatch(l)) && codings.All(c => c == "chunked");
        if (lengths.Length + codings.Length > 1 || !isKnown)
        {
            wrong.Add("ambiguous framing");
        }

        string[] options =
            [.. known["CONNECTION"].SelectMany(v => v.Split(',')).Select(o => o.Trim().ToUpperInvariant())];
        string[] ours = ["CLOSE", "KEEP-ALIVE", "UPGRADE", "TE"];
        wrong.AddRange(options.Except(ours).Select(o => $"the option {o} is not ours"));
        wrong.AddRange(known.Select(f => f.Key)
            .Where(name => name is "PROXY-CONNECTION" or "HTTP2-SETTINGS"
                || (name is "UPGRADE" or "TE" && !options.Contains(name))
                || (name is not ("CONTENT-LENGTH" or "TRANSFER-ENCODING")
                    && NotLetters().Replace(name, "") is "CONTENTLENGTH" or "TRANSFERENCODING"))
            .Select(name => $"the field {name} is for one hop only, or misleads"));
    }

    private static bool SkipBody(ILookup<string, string> known, ref string rest, List<string> wrong)
    {
        if (known["CONTENT-LENGTH"].FirstOrDefault() is { } length)
        {
            bool isWhole = decimal.Parse(length, null) <= rest.Length;
            rest = isWhole ? rest[int.Parse(length, null)..] : "";
            return isWhole;
        }

        while (known["TRANSFER-ENCODING"].Any())
        {
            if (TrailerSection().Match(rest) is { Success: true } last)
            {
                rest = rest[last.Length..];
                return true;
            }

            Match line = ChunkLine().Match(rest);
            int size = line.Success ? Convert.ToInt32(line.Groups[1].Value, 16) : -1;
            if (size < 1 || (rest.Length >= line.Length + size + 2 && rest.Substring(line.Length + size, 2) != "\r\n"))
            {
                wrong.AddRange(rest.Length > 0 ? ["a malformed chunk"] : []);
                return false;
            }

            if (rest.Length < line.Length + size + 2)
            {
                return false;
            }

            rest = rest[(line.Length + size + 2)..];
        }

        return true;
    }

    [GeneratedRegex("\r\n")]
    private static partial Regex LineEnds();

    [GeneratedRegex("(?<!\r)\n")]
    private static partial Regex BareLineFeed();

    [GeneratedRegex("[\x00-\x08\x0A-\x1F\x7F]")]
    private static partial Regex Forbidden();

    [GeneratedRegex(@"\A[!#$%&'*+.^_`|~0-9A-Za-z-]+ (/[\x21-\x22\x24-\x7E]*|\*) HTTP/1\.1\z")]
    private static partial Regex RequestLine();

    [GeneratedRegex(@"\AHTTP/1\.1 [1-9][0-9][0-9] [\t \x21-\x7E\x80-\xFF]*\z")]
    private static partial Regex StatusLine();

    [GeneratedRegex("^HTTP/1.1 (?!1|204|304)")]
    private static partial Regex HasBody();

    [GeneratedRegex(@"\A([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*\z")]
    private static partial Regex FieldLine();

    [GeneratedRegex(@"\A[0-9]+\z")]
    private static partial Regex Digits();

    [GeneratedRegex("[^A-Z]")]
    private static partial Regex NotLetters();

    [GeneratedRegex(@"\A([1-9a-f][0-9a-f]*)\r\n")]
    private static partial Regex ChunkLine();

    [GeneratedRegex(@"\A0\r\n([!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t \x21-\x7E\x80-\xFF]*\r\n)*\r\n")]
    private static partial Regex TrailerSection();
}
