using L7Engine.Host.Text;

namespace L7Engine.Host.Configuration;

/// <summary>A configuration file, read and checked.</summary>
internal static class ConfigFile
{
    // Far beyond any configuration; it stops a path that never ends, such as /dev/zero.
    private const int MaxBytes = 16 * 1_024 * 1_024;

    /// <param name="lines">A line per problem, <c>file:line:column: path: message</c>; empty when it is valid.</param>
    /// <returns>The options; null when there are problems.</returns>
    public static LoadBalancerOptions? Read(string path, out IReadOnlyList<string> lines)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            var bytes = new MemoryStream();
            byte[] block = new byte[16 * 1_024];
            while (bytes.Length <= MaxBytes && file.Read(block) is int count and > 0)
            {
                bytes.Write(block, 0, count);
            }

            if (bytes.Length <= MaxBytes)
            {
                return Parse(new ConfigSource(path, bytes.ToArray()), out lines);
            }

            lines = [PlainText.OneLine($"{path}: is longer than {SizeText.Of(MaxBytes)}; that is no configuration")];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            lines = [PlainText.OneLine($"{path}: cannot be read: {e.Message}")];
        }

        return null;
    }

    /// <inheritdoc cref="Read"/>
    public static LoadBalancerOptions? Parse(ConfigSource source, out IReadOnlyList<string> lines)
    {
        var problems = new ConfigProblems();
        ConfigNode? root = new ConfigReader(source, problems).Read();
        LoadBalancerOptions? options = null;
        if (root is not null)
        {
            options = ConfigObject.Read(root, problems, ConfigBinder.Options);
            AddBrokenRules(options.Validate(), root, problems);
        }

        lines = [.. problems.InOrder.Select(p => LineOf(p, source))];
        return lines.Count == 0 ? options : null;
    }

    // What could not be read was replaced by a default: rules that this default breaks are no news.
    private static void AddBrokenRules(
        IReadOnlyList<ConfigurationError> errors, ConfigNode root, ConfigProblems problems)
    {
        ConfigurationError[] news = [.. errors.Where(e => !problems.Cover(e.Path))];
        foreach (ConfigurationError error in news)
        {
            problems.Add(NearestTo(error.Path, root).Offset, error.Path, error.Message);
        }
    }

    /// <returns>What stands at the path, or what would contain it.</returns>
    private static ConfigNode NearestTo(string path, ConfigNode root)
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
