using System.Runtime.InteropServices;

namespace L7Engine.Load.Bench.Machine;

/// <summary>Reads where a run takes place.</summary>
internal static class EnvironmentReader
{
    private static readonly string[] Settings =
    [
        "net/core/somaxconn", "net/ipv4/tcp_max_syn_backlog", "net/ipv4/tcp_tw_reuse", "net/ipv4/tcp_max_tw_buckets",
        "net/ipv4/ip_local_port_range", "net/ipv4/tcp_fin_timeout", "net/ipv4/tcp_congestion_control",
    ];

    /// <summary>Reads it as it is before a run, whose own load would be in it otherwise.</summary>
    public static BenchEnvironment Read(DateTimeOffset began) => new()
    {
        Began = began,
        Processor = ProcessorOf(ReadText("/proc/cpuinfo") ?? ""),
        Cores = Processors.Allowed().Count,
        Kernel = $"Linux {ReadText("/proc/sys/kernel/osrelease")}",
        Runtime = Runtime,
        Settings =
        [
            .. Settings.Select(s => new NamedText(s.Replace('/', '.'), ReadText($"/proc/sys/{s}") ?? "not known")),
            new NamedText("open files of a process", OpenFilesOf(ReadText("/proc/self/limits") ?? "")),
            new NamedText("load average before the run", ReadText("/proc/loadavg") ?? "not known"),
            .. TextsOf("CPU quota of the control group", "/sys/fs/cgroup/cpu.max"),
            .. TextsOf("CPU frequency governor", "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        ],
    };

    /// <summary>True when the code was compiled before it was started.</summary>
    /// <remarks>A runtime tells its host's list of assemblies; native code has none. What is asked of dynamic code is
    /// answered for native code alike, because the project is made for it.</remarks>
    public static bool IsNative => AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") is null;

    private static string Runtime =>
        $"{RuntimeInformation.FrameworkDescription}, {(IsNative ? "Native AOT" : "JIT")}";

    /// <summary>The name in <c>/proc/cpuinfo</c>; processors other than those of PCs may have none.</summary>
    public static string ProcessorOf(string cpuinfo) =>
        SystemText.After("model name", cpuinfo)?.Split(':', 2)[1].Trim()
            ?? RuntimeInformation.ProcessArchitecture.ToString();

    /// <summary>The soft limit in <c>/proc/PID/limits</c>.</summary>
    public static string OpenFilesOf(string limits) =>
        SystemText.After("Max open files", limits)?.Split(' ')[0] ?? "unknown";

    // Not every machine has one.
    private static IEnumerable<NamedText> TextsOf(string name, string path) =>
        ReadText(path) is { } text ? [new NamedText(name, text)] : [];

    private static string? ReadText(string path) => SystemText.Read(path)?.Trim().Replace('\t', ' ');
}
