using System.Text.RegularExpressions;
using NUnit.Framework;

namespace L7Engine.Tests.Tidy;

/// <summary>What may be written only at home, or nowhere.</summary>
[TestFixture]
internal sealed class BannedWordsTests
{
    private const string Engine = "engine/";
    private const string Library = SourceTree.Library;
    private const string Transport = Library + "Transport/";

    /// <param name="Words">A regular expression over code, without comments and literals.</param>
    /// <param name="In">The folder it is banned from.</param>
    /// <param name="Homes">The files and folders in there where it may be.</param>
    internal sealed record Ban(string Because, string Words, string In, params string[] Homes)
    {
        public override string ToString() => Because;
    }

    private static readonly Ban[] Bans =
    [
        new("The loop's tick is the time",
            @"\b(DateTime(Offset)?\.(UtcNow|Now|Today)|Environment\.TickCount(64)?|Stopwatch)\b", Library, Transport),
        new("Nothing sleeps",
            @"\b(Task\.Delay|Thread\.Sleep|SpinWait|PeriodicTimer)\b", Library, Transport),
        new("A test does not wait",
            @"\b(Task\.Delay|Thread\.Sleep|SpinWait|PeriodicTimer)\b", "tests/L7Engine.Tests/"),
        new("Only the transport knows a socket",
            @"\b(Socket|SafeSocketHandle|SocketAsyncEventArgs|NetworkStream|TcpClient|TcpListener)\b", Library, Transport),
        new("Error codes and address families of sockets are named where listed",
            @"\bSystem\.Net\.Sockets\b", Library,
            Transport,
            Library + "ListenException.cs",
            Library + "Backends/Names/AddressOrder.cs",
            Library + "Clients/LoopSet.cs",
            Library + "Diagnostics/PeerAddress.cs",
            Library + "Proxying/BackendAttempts.cs", Library + "Proxying/Connecting.cs"),
        new("Memory is safe", @"\bunsafe\b", Engine),
        new("Native calls are in one folder", @"\b(DllImport|LibraryImport)\b", Engine, Transport + "Epoll/"),
        new("Parsing does not wait", @"\b(async|await)\b", Library + "Http/"),
        new("The wheel does not wait", @"\b(async|await)\b", Library + "Timing/"),
        new("A partial class hides its size; what a source generator completes is listed",
            @"\bpartial\s+(class|struct|record|interface)\b", Engine,
            Library + "Diagnostics/EngineLog.cs",
            Engine + "L7Engine.Host/HostLog.cs"),
        new("The library does not print", @"\bConsole\b", Library),
    ];

    [TestCaseSource(nameof(Bans))]
    public void Words_stay_at_home(Ban ban)
    {
        var found = from file in SourceTree.FilesIn(ban.In)
                    where !ban.Homes.Any(home => file.Path.StartsWith(home, StringComparison.Ordinal))
                    from match in Regex.Matches(file.Code, ban.Words)
                    select $"{file.Path}: {match.Value}";

        Assert.That(found, Is.Empty);
    }

    // An exception that nobody needs any more would let the next one in unseen.
    [TestCaseSource(nameof(Bans))]
    public void A_file_that_is_listed_as_a_home_has_need_of_it(Ban ban)
    {
        var idle = from home in ban.Homes
                   where home.EndsWith(".cs", StringComparison.Ordinal)
                   let file = SourceTree.FilesIn(ban.In).SingleOrDefault(f => f.Path == home)
                   where file is null || !Regex.IsMatch(file.Code, ban.Words)
                   select home;

        Assert.That(idle, Is.Empty);
    }

    [Test]
    public void Nothing_is_left_for_later([Values("engine/", "tests/", "benchmarks/", "samples/")] string folder)
    {
        string[] marks = ["TO" + "DO", "FIX" + "ME", "HA" + "CK"];

        var found = from file in SourceTree.FilesIn(folder)
                    from mark in marks
                    where Regex.IsMatch(file.Text, $@"\b{mark}\b")
                    select $"{file.Path}: {mark}";

        Assert.That(found, Is.Empty);
    }
}
