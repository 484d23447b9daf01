namespace L7Engine.Host.Configuration;

/// <summary>Makes the configuration of a run: of a file, or of flags alone.</summary>
/// <remarks>
/// What to listen on and where to send comes from one of the two, never from both: which part of a file a flag
/// would replace could only be guessed. The other flags override what the file says.
/// </remarks>
internal static class RunConfiguration
{
    /// <param name="lines">One line per problem; empty when the configuration is valid.</param>
    /// <returns>The configuration; null when there are problems.</returns>
    public static LoadBalancerOptions? Of(RunArguments arguments, out IReadOnlyList<string> lines) =>
        Of(arguments, out lines, out _);

    /// <inheritdoc cref="Of(RunArguments, out IReadOnlyList{string})"/>
    /// <param name="places">Where in the file its settings stand; null without a file that could be read.</param>
    public static LoadBalancerOptions? Of(
        RunArguments arguments, out IReadOnlyList<string> lines, out ConfigPlaces? places)
    {
        places = null;
        lines = [.. UsageProblems(arguments)];
        if (lines.Count > 0)
        {
            return null;
        }

        LoadBalancerOptions? options = arguments.ConfigPath is null
            ? OfFlags(arguments)
            : ConfigFile.Read(arguments.ConfigPath, out lines, out places);
        if (options is null)
        {
            return null;
        }

        options = Override(options, arguments);
        lines = [.. options.Validate().Select(e => $"l7engine: {FlagOf(e.Path)}: {e.Message}")];
        return lines.Count == 0 ? options : null;
    }

    private static IEnumerable<string> UsageProblems(RunArguments arguments)
    {
        bool hasFile = arguments.ConfigPath is not null;
        if (hasFile && (arguments.Listen.Count > 0 || arguments.Backends.Count > 0))
        {
            yield return "l7engine: --config: says where to listen and send; leave out --listen and --backend";
        }

        if (!hasFile && arguments.Listen.Count == 0)
        {
            yield return "l7engine: --listen: is missing; give it at least once, or --config FILE";
        }

        if (!hasFile && arguments.Backends.Count == 0)
        {
            yield return "l7engine: --backend: is missing; give it at least once, or --config FILE";
        }
    }

    private static LoadBalancerOptions OfFlags(RunArguments arguments) => new()
    {
        Listeners =
        [
            .. arguments.Listen.Select((address, i) =>
                new ListenerOptions { Name = string.Create(null, $"listen-{i + 1}"), Address = address }),
        ],
        Groups =
        [
            new BackendGroupOptions
            {
                Backends = [.. arguments.Backends.Select(address => new BackendOptions { Address = address })],
            },
        ],
    };

    private static LoadBalancerOptions Override(LoadBalancerOptions options, RunArguments arguments) => options with
    {
        Loops = arguments.Loops ?? options.Loops,
        Listeners =
        [
            .. options.Listeners.Select(listener => listener with
            {
                SharePort = listener.SharePort || arguments.SharePort,
                KeepAlive = arguments.Close ? listener.KeepAlive with { Enabled = false } : listener.KeepAlive,
            }),
        ],
    };

    // A file was valid before it was overridden: what is wrong here was said by a flag.
    private static string FlagOf(string path) => path switch
    {
        "loops" => "--loops",
        _ when path.StartsWith("listeners", StringComparison.Ordinal) => "--listen",
        _ when path.StartsWith("groups", StringComparison.Ordinal) => "--backend",
        _ => path,
    };
}
