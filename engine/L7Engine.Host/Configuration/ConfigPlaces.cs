using L7Engine.Host.Text;

namespace L7Engine.Host.Configuration;

/// <summary>Where in a file that was read its settings stand, for what turns out to be wrong with them later.</summary>
internal sealed class ConfigPlaces(ConfigSource source, ConfigNode root)
{
    /// <returns>A line per error, <c>file:line:column: path: message</c>, in the order of the file.</returns>
    public IReadOnlyList<string> LinesOf(IReadOnlyList<ConfigurationError> errors)
    {
        var problems = new ConfigProblems();
        foreach (ConfigurationError error in errors)
        {
            problems.Add(NearestTo(error.Path).Offset, error.Path, error.Message);
        }

        return LinesOf(problems, source);
    }

    public static IReadOnlyList<string> LinesOf(ConfigProblems problems, ConfigSource source) =>
        [.. problems.InOrder.Select(problem => LineOf(problem, source))];

    /// <returns>What stands at the path, or what would contain it.</returns>
    public ConfigNode NearestTo(string path)
    {
        ConfigNode nearest = root;
        while (ChildOn(path, nearest) is ConfigNode child)
        {
            nearest = child;
        }

        return nearest;
    }

    private static ConfigNode? ChildOn(string path, ConfigNode node) =>
        node.Members.Values.Select(m => m.Value).Concat(node.Items).FirstOrDefault(child => IsOn(path, child.Path));

    private static bool IsOn(string path, string prefix) => path.StartsWith(prefix, StringComparison.Ordinal)
        && (path.Length == prefix.Length || path[prefix.Length] is '.' or '[');

    private static string LineOf(ConfigProblem problem, ConfigSource source)
    {
        (int line, int column) = source.At(problem.Offset);
        string where = problem.Path.Length == 0 ? "" : $"{problem.Path}: ";
        return PlainText.OneLine(string.Create(null, $"{source.Name}:{line}:{column}: {where}{problem.Message}"));
    }
}
