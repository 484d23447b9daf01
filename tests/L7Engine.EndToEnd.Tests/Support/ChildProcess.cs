using System.Diagnostics;
using System.Runtime.InteropServices;

namespace L7Engine.EndToEnd.Tests.Support;

/// <summary>A process that the test started. It does not outlive the test, however that ends.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ChildProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Output.Add(line.Data);
        process.ErrorDataReceived += (_, line) => Errors.Add(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public OutputLines Output { get; } = new();

    public OutputLines Errors { get; } = new();

    public int Id => _process.Id;

    public static ChildProcess Start(string file, params IEnumerable<string> arguments) =>
        new(new Process
        {
            StartInfo = new ProcessStartInfo(file, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            },
        });

    /// <returns>The exit code, once it has ended and all its output was read.</returns>
    public async Task<int> ExitAsync()
    {
        await Patience.ForAsync(_process.WaitForExitAsync(), $"the end of {Id}, which wrote:\n{Output}\n{Errors}");
        return _process.ExitCode;
    }

    /// <summary>Waits on this thread, and allocates next to nothing while it does.</summary>
    public bool WaitForExit() => _process.WaitForExit(Patience.Cap);

    public void Terminate() => Signal(PosixSignal.SIGTERM);

    public void Interrupt() => Signal(PosixSignal.SIGINT);

    public void HangUp() => Signal(PosixSignal.SIGHUP);

    /// <summary>Ends it at once, without a word (SIGKILL).</summary>
    public void Kill() => Signal(9);

    /// <summary>Lets it hang: it runs no more, and the kernel goes on for it (SIGSTOP).</summary>
    public void Suspend() => Signal(19);

    /// <summary>Lets it go on (SIGCONT).</summary>
    public void Resume() => Signal(18);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Signal(PosixSignal signal)
    {
        int number = signal switch
        {
            PosixSignal.SIGTERM => 15,
            PosixSignal.SIGHUP => 1,
            _ => 2,
        };
        Signal(number);
    }

    private void Signal(int number)
    {
        if (Kill(Id, number) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            throw new InvalidOperationException($"Process {Id} cannot be signalled: errno {error}");
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int process, int signal);
}
