using System.Globalization;
using System.Runtime.InteropServices;

namespace L7Engine.Load.Bench.Machine;

/// <summary>Processors, and who runs on which.</summary>
internal static class Processors
{
    private const int MaxProcessors = 1_024;

    /// <summary>Those that this process may use.</summary>
    public static IReadOnlyList<int> Allowed() =>
        SystemText.After("Cpus_allowed_list:", SystemText.Read("/proc/self/status")) is { } list
            ? ListOf(list)
            : [.. Enumerable.Range(0, Environment.ProcessorCount)];

    /// <summary>Orders them so that no two of one core come before every core had its turn: two threads of a core
    /// slow each other down.</summary>
    /// <param name="siblingsOf">The processors of the same core, itself included.</param>
    public static IReadOnlyList<int> SpreadOverCores(
        IReadOnlyList<int> processors, Func<int, IReadOnlyList<int>> siblingsOf) =>
        [.. processors.OrderBy(p => siblingsOf(p).Count(s => s < p && processors.Contains(s)))];

    /// <summary>The processors of the same core, itself included; alone where the kernel does not tell.</summary>
    public static IReadOnlyList<int> SiblingsOf(int processor)
    {
        string path = string.Create(
            CultureInfo.InvariantCulture, $"/sys/devices/system/cpu/cpu{processor}/topology/thread_siblings_list");
        return SystemText.Read(path) is { } list ? ListOf(list) : [processor];
    }

    /// <summary>Reads a list such as <c>0-2,5</c>.</summary>
    public static IReadOnlyList<int> ListOf(string text) =>
    [
        .. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).SelectMany(part =>
        {
            int[] ends = [.. part.Split('-').Select(n => int.Parse(n, CultureInfo.InvariantCulture))];
            return Enumerable.Range(ends[0], ends[^1] - ends[0] + 1);
        }),
    ];

    /// <summary>Starts something on one processor: a process inherits it from the thread that starts it.</summary>
    /// <param name="processor">Null leaves it to the system.</param>
    public static T StartOn<T>(int? processor, Func<T> start)
    {
        if (processor is not { } one)
        {
            return start();
        }

        ulong[] before = new ulong[MaxProcessors / 64];
        ulong[] mask = new ulong[MaxProcessors / 64];
        mask[one / 64] = 1UL << (one % 64);
        bool isPinned = GetAffinity(0, Bytes(before), ref before[0]) >= 0
            && SetAffinity(0, Bytes(mask), ref mask[0]) == 0;
        try
        {
            return start();
        }
        finally
        {
            if (isPinned)
            {
                _ = SetAffinity(0, Bytes(before), ref before[0]);
            }
        }
    }

    private static nint Bytes(ulong[] mask) => mask.Length * sizeof(ulong);

    // 0 is the calling thread.
    [DllImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static extern int SetAffinity(int thread, nint bytes, ref ulong mask);

    [DllImport("libc", EntryPoint = "sched_getaffinity", SetLastError = true)]
    private static extern int GetAffinity(int thread, nint bytes, ref ulong mask);
}
