using L7Engine.Configuration;

namespace L7Engine.Clients;

/// <summary>A configuration that may take the place of the one in force: what is wrong with it, what it changes.
/// </summary>
internal sealed class NextConfiguration
{
    private readonly Snapshot _inForce;

    public NextConfiguration(
        LoadBalancerOptions options, Snapshot inForce, BoundListener[] bound, ConfiguredNames names)
    {
        _inForce = inForce;
        Errors = options.Validate();
        if (Errors.Count > 0)
        {
            return;
        }

        Snapshot = inForce.Next(names.Resolve(bound.Select(b => b.Address), options));
        Listeners = new ListenerChange(bound, Snapshot.Listeners);
        var errors = new ConfigErrors();
        FixedSettings.Check(inForce.Options, options, errors);
        Listeners.Check(errors);
        Errors = errors.All;
    }

    /// <summary>Every broken rule, and everything that cannot change; with any, nothing else is here.</summary>
    public IReadOnlyList<ConfigurationError> Errors { get; }

    public Snapshot Snapshot { get; } = null!;

    public ListenerChange Listeners { get; } = null!;

    public ApplyResult Result()
    {
        (int kept, int added, int removed) = Snapshot.BackendsSince(_inForce);
        return new ApplyResult(
            Listeners.KeptCount, Listeners.Added.Length, Listeners.Removed.Length, kept, added, removed);
    }
}
