using System.Diagnostics;
using System.Globalization;
using L7Engine.Load.Bench.Machine;

namespace L7Engine.Load.Bench.Roles;

/// <summary>Holds the process of a peer: it ends with the input of this one, and so with the run.</summary>
internal static class PeerRole
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LastWordsTime = TimeSpan.FromMilliseconds(200);

    /// <param name="folder">What the peer keeps on disk: it goes when the peer does.</param>
    /// <param name="words">The program and its arguments.</param>
    /// <returns>Done when the input has ended, or the peer.</returns>
    public static async Task RunAsync(
        string folder, string[] words, Stream input, TextWriter output, TextWriter errors)
    {
        using var peer = new Process
        {
            StartInfo = new ProcessStartInfo(words[0], words[1..])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        peer.OutputDataReceived += (_, line) => Forward(errors, line.Data);
        peer.ErrorDataReceived += (_, line) => Forward(errors, line.Data);

        // Waiting for it would also wait for the end of its output, which its own children hold open.
        peer.EnableRaisingEvents = true;
        peer.Exited += (_, _) => ended.TrySetResult();
        peer.Start();
        peer.BeginOutputReadLine();
        peer.BeginErrorReadLine();
        string number = peer.Id.ToString(CultureInfo.InvariantCulture);
        Task served = RoleLines.ServeAsync(input, output, number, _ => Task.FromResult(number));
        if (await Task.WhenAny(served, ended.Task) == served)
        {
            await EndAsync(peer, ended.Task);
        }
        else
        {
            await HearLastWordsAsync(peer);
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task EndAsync(Process peer, Task ended)
    {
        _ = Signals.Send(peer.Id, Signals.Terminate);
        try
        {
            await ended.WaitAsync(Grace);
        }
        catch (TimeoutException)
        {
            peer.Kill(entireProcessTree: true);
        }
    }

    private static async Task HearLastWordsAsync(Process peer)
    {
        try
        {
            await peer.WaitForExitAsync().WaitAsync(LastWordsTime);
        }
        catch (TimeoutException)
        {
            // Its children live, and hold its output. They end with the group of this process.
        }
    }

    private static void Forward(TextWriter errors, string? line)
    {
        if (!string.IsNullOrWhiteSpace(line))
        {
            errors.WriteLine(line);
        }
    }
}
