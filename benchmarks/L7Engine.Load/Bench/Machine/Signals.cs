using System.Runtime.InteropServices;

namespace L7Engine.Load.Bench.Machine;

/// <summary>Signals to processes (<c>kill</c>).</summary>
internal static class Signals
{
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <param name="process">Negative: the whole group that it leads.</param>
    /// <returns>0, or -1 when there is no such process any more.</returns>
    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static extern int Send(int process, int signal);
}
