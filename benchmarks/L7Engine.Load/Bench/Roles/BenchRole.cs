using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;

namespace L7Engine.Load.Bench.Roles;

/// <summary>What a process is that a run starts: this program again, with words that nobody else needs.</summary>
public static class BenchRole
{
    internal const string Generator = "generator";
    internal const string Backend = "backend";
    internal const string Engine = "engine";
    internal const string Peer = "peer";

    /// <summary>Plays the role until the input ends.</summary>
    /// <param name="words">The role and what it is told.</param>
    /// <exception cref="ListenException">A port cannot be listened on.</exception>
    public static Task RunAsync(IReadOnlyList<string> words, Stream input, TextWriter output, TextWriter errors)
    {
        // Out of the terminal's group: Ctrl-C is for the run, which ends its processes when it has read them.
        _ = BeginSession();
        return words.ToArray() switch
        {
            [Generator] => GeneratorRole.RunAsync(input, output),
            [Backend, var first, var second] => BackendRole.RunAsync(NumberOf(first), NumberOf(second), input, output),
            [Engine, var backend, var port] =>
                EngineRole.RunAsync(IPEndPoint.Parse(backend), NumberOf(port), input, output),
            [Peer, var folder, .. var program] => PeerRole.RunAsync(folder, program, input, output, errors),
            _ => throw new ArgumentException("no such role", nameof(words)),
        };
    }

    private static int NumberOf(string word) => int.Parse(word, CultureInfo.InvariantCulture);

    [DllImport("libc", EntryPoint = "setsid", SetLastError = true)]
    private static extern int BeginSession();
}
