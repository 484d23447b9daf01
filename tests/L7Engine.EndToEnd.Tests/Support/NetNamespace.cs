using System.Diagnostics;
using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace L7Engine.EndToEnd.Tests.Support;

/// <summary>A network of its own, with no way in or out but those that a test makes. Needs root.</summary>
internal sealed class NetNamespace : IDisposable
{
    private const int CloneNewNet = 0x40000000;
    private const string Prefix = "l7engine-";

    private static int _made;

    private NetNamespace(string name) => Name = name;

    /// <summary>Holds the id of this process, so that what a killed one left is known.</summary>
    public string Name { get; }

    /// <summary>Skips the test where namespaces cannot be made.</summary>
    public static NetNamespace Create()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            Tool.SkipFor("network namespaces need root, on Linux");
        }

        string name = string.Create(
            CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref _made)}");
        ToolResult added = Run("netns", "add", name);
        if (added.ExitCode != 0)
        {
            Tool.SkipFor($"network namespaces cannot be made here: {added}");
        }

        var created = new NetNamespace(name);
        created.Ip("link", "set", "lo", "up");
        return created;
    }

    /// <summary>Deletes what processes left that were killed.</summary>
    public static void DeleteOrphans()
    {
        const string Folder = "/run/netns";
        foreach (string path in Directory.Exists(Folder) ? Directory.GetFiles(Folder, Prefix + "*") : [])
        {
            string name = Path.GetFileName(path);
            if (int.TryParse(name.Split('-')[1], CultureInfo.InvariantCulture, out int owner)
                && owner != Environment.ProcessId && !Directory.Exists($"/proc/{owner}"))
            {
                _ = Run("netns", "delete", name);
            }
        }
    }

    /// <summary>Runs <c>ip</c> in it.</summary>
    public void Ip(params string[] arguments)
    {
        ToolResult result = Run(["-n", Name, .. arguments]);
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {result}");
        }
    }

    /// <summary>Does something on a thread in it. Sockets and threads that it makes stay there for good.</summary>
    public T Do<T>(Func<T> function)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Enter();
                result = function();
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }

    /// <summary>A number that its kernel counts, such as <c>TCPKeepAlive</c> for the probes sent.</summary>
    public long Count(string name) => Do(() =>
    {
        string[] lines = File.ReadAllLines("/proc/thread-self/net/netstat");
        int names = Array.FindIndex(lines, line => line.Split(' ').Contains(name));
        int column = Array.IndexOf(lines[names].Split(' '), name);
        return long.Parse(lines[names + 1].Split(' ')[column], CultureInfo.InvariantCulture);
    });

    public void Dispose() => _ = Run("netns", "delete", Name);

    private static ToolResult Run(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(Tool.Require("ip"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new ToolResult(process.ExitCode, output, errors.Result);
    }

    private void Enter()
    {
        using SafeHandle file = File.OpenHandle($"/run/netns/{Name}");
        if (SetNamespace((int)file.DangerousGetHandle(), CloneNewNet) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            throw new InvalidOperationException($"Namespace {Name} cannot be entered: errno {error}");
        }
    }

    [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static extern int SetNamespace(int descriptor, int kind);
}
