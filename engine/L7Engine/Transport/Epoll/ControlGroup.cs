using System.Globalization;

namespace L7Engine.Transport.Epoll;

/// <summary>The control group of this process, of either version, as far as it limits memory.</summary>
/// <param name="root">The root of the file system: <c>/</c>.</param>
internal sealed class ControlGroup(string root)
{
    /// <summary>
    /// The least limit of the group and of those that it is in; a very large number when there is none.
    /// </summary>
    public long MemoryLimitBytes => Math.Min(
        LeastLimit("sys/fs/cgroup", PathOf(controller: ""), "memory.max"),
        LeastLimit("sys/fs/cgroup/memory", PathOf(controller: "memory"), "memory.limit_in_bytes"));

    // Each line is "number:controllers:path"; that of version 2 names no controller.
    private string PathOf(string controller)
    {
        foreach (string line in LinesOf("proc/self/cgroup"))
        {
            string[] parts = line.Split(':', 3);
            if (parts.Length == 3 && parts[1].Split(',').Contains(controller))
            {
                return parts[2].Trim('/');
            }
        }

        return "";
    }

    // In a container the path may be one outside of it; then the group is at the top of what is mounted.
    private long LeastLimit(string mount, string path, string file)
    {
        long least = long.MaxValue;
        for (string? at = path; at is not null; at = at.Length == 0 ? null : Path.GetDirectoryName(at))
        {
            string text = LinesOf(Path.Combine(mount, at, file)).FirstOrDefault("");
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long limit))
            {
                least = Math.Min(least, limit);
            }
        }

        return least;
    }

    private string[] LinesOf(string path)
    {
        try
        {
            return File.ReadAllLines(Path.Combine(root, path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
