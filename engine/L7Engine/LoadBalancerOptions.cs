using L7Engine.Configuration;

namespace L7Engine;

/// <summary>The whole configuration of one <see cref="LoadBalancer"/>.</summary>
/// <remarks>Immutable. The path of an error names members as the JSON file does: camelCase, no <c>Bytes</c>.</remarks>
public sealed record LoadBalancerOptions
{
    /// <summary>The addresses that clients connect to.</summary>
    /// <value>Default empty, which is an error: at least one.</value>
    public IReadOnlyList<ListenerOptions> Listeners { get; init; } = [];

    /// <summary>Which request goes to which group. The most specific host wins, then the longest path.</summary>
    /// <value>Default empty: everything goes to the one group. With several groups, empty is an error.</value>
    public IReadOnlyList<RouteOptions> Routes { get; init; } = [];

    /// <summary>The groups of backends.</summary>
    /// <value>Default empty, which is an error: at least one.</value>
    public IReadOnlyList<BackendGroupOptions> Groups { get; init; } = [];

    /// <summary>Every size and count.</summary>
    public Limits Limits { get; init; } = new();

    /// <summary>Every duration that bounds a wait.</summary>
    public Timeouts Timeouts { get; init; } = new();

    /// <summary>Event loops; each is one thread that owns its connections.</summary>
    /// <value>Default 0: one per processor. Range 0 to 1,024.</value>
    public int Loops { get; init; }

    /// <summary>How many loops that makes on this machine.</summary>
    internal int LoopCount => Loops > 0 ? Loops : Environment.ProcessorCount;

    /// <summary>Checks every rule.</summary>
    /// <returns>All broken rules at once, those between parts last; empty when it is valid.</returns>
    public IReadOnlyList<ConfigurationError> Validate()
    {
        var errors = new ConfigErrors();
        for (int i = 0; i < Listeners.Count; i++)
        {
            Listeners[i].Validate(errors.In("listeners", i));
        }

        for (int i = 0; i < Routes.Count; i++)
        {
            Routes[i].Validate(errors.In("routes", i));
        }

        for (int i = 0; i < Groups.Count; i++)
        {
            Groups[i].Validate(errors.In("groups", i));
        }

        Limits.Validate(errors.In("limits"));
        Timeouts.Validate(errors.In("timeouts"));
        errors.RequireRange(Loops, 0, 1_024);
        CrossRules.Check(this, errors);
        return errors.All;
    }
}
