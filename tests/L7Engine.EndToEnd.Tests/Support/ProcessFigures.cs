using System.Globalization;

namespace L7Engine.EndToEnd.Tests.Support;

/// <summary>What the kernel says about a process.</summary>
internal static class ProcessFigures
{
    // The unit of /proc/PID/stat: sysconf(_SC_CLK_TCK) is 100 on every Linux that .NET runs on.
    private const int ClockTicksPerSecond = 100;

    /// <summary>The most memory it ever had resident, in KiB.</summary>
    public static long PeakResidentKiB(int process) => Status(process, "VmHWM:");

    /// <summary>Processor time of all its threads, in user and in kernel mode.</summary>
    public static TimeSpan ProcessorTime(int process)
    {
        // The name comes second and may hold anything; the last parenthesis ends it.
        string stat = File.ReadAllText($"/proc/{process}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        long ticks = Number(fields[11]) + Number(fields[12]);
        return TimeSpan.FromSeconds((double)ticks / ClockTicksPerSecond);
    }

    /// <summary>The threads of loops in this process.</summary>
    public static int LoopThreads() => Directory.GetDirectories("/proc/self/task")
        .Count(folder => NameOfThread(folder).StartsWith("l7engine loop", StringComparison.Ordinal));

    /// <summary>What the descriptors of this process stand for.</summary>
    public static string[] Descriptors() =>
        [.. Directory.GetFiles("/proc/self/fd").Select(path => new FileInfo(path).LinkTarget ?? "gone")];

    private static string NameOfThread(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "comm")).Trim();
        }
        catch (IOException)
        {
            return "gone";
        }
    }

    private static long Status(int process, string field) => Number(
        File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith(field, StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^2]);

    private static long Number(string digits) => long.Parse(digits.Trim(), CultureInfo.InvariantCulture);
}
