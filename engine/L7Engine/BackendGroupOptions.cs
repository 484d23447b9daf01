using L7Engine.Configuration;

namespace L7Engine;

/// <summary>Backends that can serve the same requests, and how one of them is picked.</summary>
public sealed record BackendGroupOptions
{
    /// <summary>The name that routes use.</summary>
    /// <value>Default <c>default</c>. Not empty, and unique among the groups.</value>
    public string Name { get; init; } = "default";

    /// <summary>How a backend is picked.</summary>
    /// <value>Default <see cref="BalancingPolicy.RoundRobin"/>.</value>
    public BalancingPolicy Policy { get; init; } = BalancingPolicy.RoundRobin;

    /// <summary>Makes a policy of your own, which picks instead of <see cref="Policy"/>.</summary>
    /// <value>Default null. Has no place in a file.</value>
    /// <remarks>
    /// Called once for each loop at the start, on the thread that starts, and for each configuration that is applied,
    /// on the loop's thread. If it throws, round robin picks instead, as where the policy fails.
    /// </remarks>
    public Func<BalancingPolicyContext, IBalancingPolicy>? CustomPolicy { get; init; }

    /// <summary>What <see cref="BalancingPolicy.ConsistentHash"/> goes by.</summary>
    public HashOptions Hash { get; init; } = new();

    /// <summary>Whether a client stays with the backend that served it first.</summary>
    public AffinityOptions Affinity { get; init; } = new();

    /// <summary>The backends.</summary>
    /// <value>Default empty, which is an error: at least one, no address or name twice.</value>
    public IReadOnlyList<BackendOptions> Backends { get; init; } = [];

    /// <summary>The idle connections that are kept for reuse.</summary>
    public PoolOptions Pool { get; init; } = new();

    /// <summary>The requests that wait while all backends have as many as they may.</summary>
    public QueueOptions Queue { get; init; } = new();

    /// <summary>How many requests may be sent again.</summary>
    public RetryOptions Retries { get; init; } = new();

    /// <summary>How those backends that have a name are found.</summary>
    public NameOptions Names { get; init; } = new();

    /// <summary>The checks that ask each backend whether it is well.</summary>
    public HealthCheckOptions Health { get; init; } = new();

    /// <summary>When a backend that fails requests is left out for a while.</summary>
    public EjectionOptions Ejection { get; init; } = new();

    /// <summary>Time over which the weight of a backend that comes up grows from a tenth to all of it.</summary>
    /// <value>Default 0: all of it at once. Else 100 ms to 1 h. Not for those that were there from the start.</value>
    /// <remarks>Origin: nginx <c>slow_start</c>; the tenth is Envoy's.</remarks>
    public TimeSpan SlowStart { get; init; }

    internal void Validate(ConfigErrors errors)
    {
        errors.RequireName(Name);
        errors.RequireDefined(Policy);
        Hash.Validate(errors.In("hash"));
        Affinity.Validate(errors.In("affinity"));
        if (Backends.Count == 0)
        {
            errors.Add("backends", "is empty; a group needs at least one backend");
        }

        for (int i = 0; i < Backends.Count; i++)
        {
            Backends[i].Validate(errors.In("backends", i));
        }

        Pool.Validate(errors.In("pool"));
        Queue.Validate(errors.In("queue"));
        Retries.Validate(errors.In("retries"));
        Names.Validate(errors.In("names"));
        Health.Validate(errors.In("health"));
        Ejection.Validate(errors.In("ejection"));
        errors.RequireDurationOrZero(SlowStart, ConfigErrors.Tick, TimeSpan.FromHours(1));
    }
}
