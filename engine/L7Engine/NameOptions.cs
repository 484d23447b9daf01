using L7Engine.Configuration;

namespace L7Engine;

/// <summary>How the names of backends become addresses.</summary>
/// <remarks>
/// The system resolves them, off the loops. Each address is a backend of its own. The last addresses that a name had
/// stay in use while it cannot be resolved.
/// </remarks>
public sealed record NameOptions
{
    /// <summary>Time from the end of one resolution of a name to the next.</summary>
    /// <value>Default 30 s. Range 1 s to 1 day.</value>
    /// <remarks>
    /// The system's resolver does not tell how long its answer holds: this stands in for it. Sooner where no address of
    /// the name serves, and after a failure: first after 1 s, then 2 s, 4 s, and so on up to this.
    /// </remarks>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a resolution may take before it counts as failed, and a start or change waits no longer.
    /// </summary>
    /// <value>Default 5 s. Range 100 ms to 1 min.</value>
    /// <remarks>An answer that comes later is taken all the same. Origin: a try of the resolver of glibc.</remarks>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Which of a name's addresses are used.</summary>
    /// <value>Default <see cref="NameAddresses.All"/>.</value>
    public NameAddresses Addresses { get; init; } = NameAddresses.All;

    /// <summary>Addresses of one name that are used: the first in their order.</summary>
    /// <value>Default 64. Range 1 to 1,024.</value>
    public int MaxAddresses { get; init; } = 64;

    internal void Validate(ConfigErrors errors)
    {
        errors.RequireDuration(Interval, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        errors.RequireDuration(Timeout, ConfigErrors.Tick, TimeSpan.FromMinutes(1));
        errors.RequireDefined(Addresses);
        errors.RequireRange(MaxAddresses, 1, 1_024);
    }
}
