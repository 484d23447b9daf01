namespace L7Engine.Host.Configuration;

/// <summary>Something wrong in the file.</summary>
/// <param name="Offset">Where, in bytes.</param>
/// <param name="Path">Where, as a path; empty for the file as a whole.</param>
/// <param name="Message">What is wrong; what would be right.</param>
internal readonly record struct ConfigProblem(int Offset, string Path, string Message);

/// <summary>Everything wrong in one file.</summary>
internal sealed class ConfigProblems
{
    private readonly List<ConfigProblem> _all = [];

    public int Count => _all.Count;

    /// <summary>In the order of the file.</summary>
    public IEnumerable<ConfigProblem> InOrder => _all.OrderBy(p => p.Offset);

    public void Add(int offset, string path, string message) => _all.Add(new ConfigProblem(offset, path, message));

    public void Add(ConfigNode node, string message) => Add(node.Offset, node.Path, message);

    /// <summary>Whether what stands at the path could not be read, so that its value here is only a stand-in.</summary>
    public bool Cover(string path) => _all.Exists(p => p.Path.Length == 0 || path == p.Path
        || (path.StartsWith(p.Path, StringComparison.Ordinal) && path[p.Path.Length] is '.' or '['));
}
