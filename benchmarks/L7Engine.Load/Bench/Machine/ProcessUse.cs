using System.Globalization;
using System.Runtime.InteropServices;

namespace L7Engine.Load.Bench.Machine;

/// <summary>What a process and those that it started have used.</summary>
/// <param name="CpuNanoseconds">Of all its threads on all processors, kernel and user.</param>
/// <param name="ResidentBytes">Memory; what two processes share counts for each.</param>
internal sealed record ProcessUse(long CpuNanoseconds, long ResidentBytes)
{
    /// <returns>0 of what has ended.</returns>
    public static ProcessUse Read(int process)
    {
        var all = new ProcessUse(0, 0);
        foreach (int each in TreeOf(process))
        {
            all = new ProcessUse(
                all.CpuNanoseconds + CpuOf(each), all.ResidentBytes + ResidentOf(ReadText($"/proc/{each}/status")));
        }

        return all;
    }

    /// <summary>The process, those that it started, and so on.</summary>
    public static IEnumerable<int> TreeOf(int process)
    {
        yield return process;
        foreach (string thread in ThreadsOf(process))
        {
            foreach (string child in ReadText(thread + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                foreach (int each in TreeOf(int.Parse(child, CultureInfo.InvariantCulture)))
                {
                    yield return each;
                }
            }
        }
    }

    /// <summary>The times of a <c>stat</c> file, in nanoseconds, to a hundredth of a second. The name of a process may
    /// hold spaces and brackets.</summary>
    public static long TicksOf(string text)
    {
        string[] behindName = text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        const int User = 11;
        return behindName.Length <= User + 1 ? 0 : 10_000_000 * (
            long.Parse(behindName[User], CultureInfo.InvariantCulture)
            + long.Parse(behindName[User + 1], CultureInfo.InvariantCulture));
    }

    /// <summary>Resident memory of a <c>status</c> file, in bytes.</summary>
    public static long ResidentOf(string text)
    {
        string number = SystemText.After("VmRSS:", text)?.Split(' ')[0] ?? "";
        return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long kilobytes)
            ? kilobytes * 1_024
            : 0;
    }

    // The clock of the process counts its threads to the nanosecond, those that have ended, too.
    private static long CpuOf(int process)
    {
        Span<long> time = [0, 0];
        const int SchedulerClock = 2;
        return GetTime((~process << 3) | SchedulerClock, ref time[0]) == 0
            ? (time[0] * 1_000_000_000) + time[1]
            : TicksOf(ReadText($"/proc/{process}/stat"));
    }

    private static string[] ThreadsOf(int process)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{process}/task");
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    // What has ended between two looks has no files any more.
    private static string ReadText(string path) => SystemText.Read(path) ?? "";

    [DllImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static extern int GetTime(int clock, ref long time);
}
