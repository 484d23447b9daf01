using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace L7Engine.Load.Bench.Roles;

/// <summary>Holds the process of a peer: it ends with the input of this one, and so with the run.</summary>
internal static class PeerRole
{
    private const int Terminate = 15;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <param name="words">The program and its arguments.</param>
    /// <returns>Done when the input has ended, or the peer.</returns>
    public static async Task RunAsync(string[] words, Stream input, TextWriter output, TextWriter errors)
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
        peer.OutputDataReceived += (_, line) => Forward(errors, line.Data);
        peer.ErrorDataReceived += (_, line) => Forward(errors, line.Data);
        peer.Start();
        peer.BeginOutputReadLine();
        peer.BeginErrorReadLine();
        string number = peer.Id.ToString(CultureInfo.InvariantCulture);
        Task served = RoleLines.ServeAsync(input, output, number, _ => Task.FromResult(number));
        await Task.WhenAny(served, peer.WaitForExitAsync());
        await EndAsync(peer);
    }

    private static async Task EndAsync(Process peer)
    {
        if (!peer.HasExited)
        {
            _ = Kill(peer.Id, Terminate);
        }

        try
        {
            await peer.WaitForExitAsync().WaitAsync(Grace);
        }
        catch (TimeoutException)
        {
            peer.Kill(entireProcessTree: true);
        }
    }

    private static void Forward(TextWriter errors, string? line)
    {
        if (!string.IsNullOrWhiteSpace(line))
        {
            errors.WriteLine(line);
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int process, int signal);
}
