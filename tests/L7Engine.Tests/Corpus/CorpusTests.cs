using L7Engine.Http;
using L7Engine.Tests.Http;
using NUnit.Framework;

namespace L7Engine.Tests.Corpus;

/// <summary>Messages that have broken or tested other parsers. The data is not part of the project.</summary>
[TestFixture]
internal sealed class CorpusTests
{
    private const string BytesAfterClose =
        "What follows a message that says close is never read as a message, so there is nothing to refuse "
        + "(RFC 9112 section 9.6).";

    /// <summary>Records that our own law decides otherwise, each with its reason.</summary>
    private static readonly Dictionary<string, string> Exceptions = new()
    {
        ["llhttp:request/connection#03"] = BytesAfterClose,
        ["llhttp:request/connection#09"] = BytesAfterClose,
        ["llhttp:request/connection#10"] = BytesAfterClose,
        ["llhttp:response/connection#06"] = BytesAfterClose,
        ["llhttp:response/connection#08"] = BytesAfterClose,
    };

    private static readonly string[] Files =
    [
        "cve-repro", "httparse-request", "httparse-response", "hyper-chunk", "kestrel-httpparsing",
        "llhttp-request", "llhttp-request-hosted", "llhttp-response",
        "picohttpparser-request", "picohttpparser-response",
    ];

    [TestCaseSource(nameof(Files))]
    public void Every_record_ends_as_it_must(string file)
    {
        List<string> wrong = [];
        foreach (CorpusRecord record in Records(file))
        {
            string? what = Judge(record, Run(record, record.Raw.Length));
            wrong.AddRange(what is null || Exceptions.ContainsKey(record.Id) ? [] : [$"{record.Id}: {what}"]);
        }

        Assert.That(wrong, Is.Empty, string.Join('\n', wrong));
    }

    [TestCaseSource(nameof(Files))]
    public void Every_record_ends_the_same_byte_by_byte(string file)
    {
        List<string> wrong = [];
        foreach (CorpusRecord record in Records(file))
        {
            string whole = Summary(Run(record, record.Raw.Length));
            string pieces = Summary(Run(record, 1));
            wrong.AddRange(whole == pieces ? [] : [$"{record.Id}:\n{whole}\n{pieces}"]);
        }

        Assert.That(wrong, Is.Empty, string.Join('\n', wrong));
    }

    private static Play Run(CorpusRecord record, int pieceBytes)
    {
        Play play = record.Type == "request" ? new RequestPlay(record.Raw) : new ResponsePlay(record.Raw);
        play.Run(pieceBytes);
        return play;
    }

    /// <returns>What is wrong, or null.</returns>
    private static string? Judge(CorpusRecord record, Play play)
    {
        List<string> lint = Lint.Stream([.. play.Sent], record.Type == "request");
        if (lint.Count > 0)
        {
            return $"sent on, but wrong: {string.Join("; ", lint)}";
        }

        string end = $"{play.End}, {play.Fault}, {play.Messages.Count} sent on";
        return record.Expect switch
        {

            // A head that never ends reaches nobody, and a response that is cut short is seen to be.
            "reject" when play.End == PlayEnd.Done => $"not refused: {end}",
            "reject" when play is RequestPlay { End: PlayEnd.Waiting, Messages.Count: > 0 } => $"not refused: {end}",
            "accept" when play.End == PlayEnd.Refused || play.Messages.Count == 0 => $"not accepted: {end}",
            "incomplete" when play is { End: PlayEnd.Done } => $"did not wait: {end}",
            _ => null,
        };
    }

    /// <summary>What must not depend on the pieces: verdicts, heads and bodies, but not where chunks are cut.</summary>
    private static string Summary(Play play) =>
        $"{play.End} {play.Fault.StatusCode} " + string.Join(
            '|', play.Messages.Select(m => $"{m.Head} {m.IsWhole} {Convert.ToHexString([.. m.Body])}"));

    private static IEnumerable<CorpusRecord> Records(string file)
    {
        string? named = Environment.GetEnvironmentVariable("L7_CORPUS");
        string path = Path.Combine(named ?? Beside(), file + ".jsonl");
        if (!File.Exists(path))
        {
            bool isRequired = named is not null && Environment.GetEnvironmentVariable("CI") == "true";
            Assert.That(isRequired, Is.False, $"L7_CORPUS is set, but there is no {path}.");
            Assert.Ignore($"There is no {path}. L7_CORPUS says where the corpus is.");
        }

        return CorpusRecord.Read(path);
    }

    private static string Beside()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "L7Engine.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder?.FullName ?? ".", "..", "shared", "corpus");
    }
}
