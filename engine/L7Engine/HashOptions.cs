using L7Engine.Configuration;

namespace L7Engine;

/// <summary>How <see cref="BalancingPolicy.ConsistentHash"/> picks a backend.</summary>
public sealed record HashOptions
{
    /// <summary>What of a request decides; requests that lack it take turns.</summary>
    /// <value>Default <see cref="HashInput.ClientAddress"/>.</value>
    public HashInput On { get; init; } = HashInput.ClientAddress;

    /// <summary>The name of the field, where <see cref="On"/> is <see cref="HashInput.Header"/>.</summary>
    /// <value>Default null. Required there, and an error elsewhere.</value>
    public string? Header { get; init; }

    /// <summary>How many times its share of all requests in flight a backend may have; past it, the next one serves.
    /// </summary>
    /// <value>Default 1.25. 0 is no bound; else 1 to 100.</value>
    /// <remarks>
    /// The share is by weight, among the backends that are available. It holds exactly on one loop; with N of them it
    /// may be exceeded by N - 1, because they pick at the same time. Source: Mirrokni, Thorup and Zadimoghaddam,
    /// "Consistent Hashing with Bounded Loads" (2018).
    /// </remarks>
    public double BoundedLoad { get; init; } = 1.25;

    internal void Validate(ConfigErrors errors)
    {
        errors.RequireDefined(On);
        if (On == HashInput.Header && !HttpText.IsToken(Header))
        {
            string found = Header is null ? "missing" : $"\"{Header}\"";
            errors.Add("header", $"is {found}; it must be the name of a field");
        }
        else if (On != HashInput.Header && Header is not null)
        {
            errors.Add("header", "has no effect here; remove it, or let on be \"header\"");
        }

        errors.RequireFactorOrZero(BoundedLoad, 1, 100);
    }
}
