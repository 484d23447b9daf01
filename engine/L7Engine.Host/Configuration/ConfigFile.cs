using L7Engine.Host.Text;

namespace L7Engine.Host.Configuration;

/// <summary>A configuration file, read and checked.</summary>
internal static class ConfigFile
{
    // Far beyond any configuration; it stops a path that never ends, such as /dev/zero.
    private const int MaxBytes = 16 * 1_024 * 1_024;

    /// <param name="lines">A line per problem, <c>file:line:column: path: message</c>; empty when it is valid.</param>
    /// <returns>The options; null when there are problems.</returns>
    public static LoadBalancerOptions? Read(string path, out IReadOnlyList<string> lines) =>
        Read(path, out lines, out _);

    /// <inheritdoc cref="Read(string, out IReadOnlyList{string})"/>
    /// <param name="places">Where its settings stand; null when it could not be read.</param>
    public static LoadBalancerOptions? Read(
        string path, out IReadOnlyList<string> lines, out ConfigPlaces? places)
    {
        places = null;
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
                return Parse(new ConfigSource(path, bytes.ToArray()), out lines, out places);
            }

            lines = [PlainText.OneLine($"{path}: is longer than {SizeText.Of(MaxBytes)}; that is no configuration")];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            lines = [PlainText.OneLine($"{path}: cannot be read: {e.Message}")];
        }

        return null;
    }

    /// <inheritdoc cref="Read(string, out IReadOnlyList{string}, out ConfigPlaces?)"/>
    public static LoadBalancerOptions? Parse(
        ConfigSource source, out IReadOnlyList<string> lines, out ConfigPlaces? places)
    {
        places = null;
        var problems = new ConfigProblems();
        ConfigNode? root = new ConfigReader(source, problems).Read();
        LoadBalancerOptions? options = null;
        if (root is not null)
        {
            options = ConfigObject.Read(root, problems, ConfigBinder.Options);
            places = new ConfigPlaces(source, root);
            AddBrokenRules(options.Validate(), places, problems);
        }

        lines = ConfigPlaces.LinesOf(problems, source);
        return lines.Count == 0 ? options : null;
    }

    // What could not be read was replaced by a default: rules that this default breaks are no news.
    private static void AddBrokenRules(
        IReadOnlyList<ConfigurationError> errors, ConfigPlaces places, ConfigProblems problems)
    {
        ConfigurationError[] news = [.. errors.Where(e => !problems.Cover(e.Path))];
        foreach (ConfigurationError error in news)
        {
            problems.Add(places.NearestTo(error.Path).Offset, error.Path, error.Message);
        }
    }
}
