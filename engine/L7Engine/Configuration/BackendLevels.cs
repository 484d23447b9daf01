using L7Engine.Backends.Health;
using L7Engine.Diagnostics;

namespace L7Engine.Configuration;

/// <summary>Counts the backends of each group by their state, for the meter.</summary>
internal static class BackendLevels
{
    private const string Drained = "drained";

    /// <summary>In lower case, as tags are written.</summary>
    private static readonly (BackendHealth Health, string Name)[] States =
        [.. Enum.GetValues<BackendHealth>().Select(health => (health, health.ToString().ToLowerInvariant()))];

    /// <returns>Every state of every group, those that nobody is in, too: so that one that ends is seen to.</returns>
    public static IEnumerable<BackendLevel> Of(GroupPlan[] groups)
    {
        foreach (GroupPlan group in groups)
        {
            BackendHealthState[] members = [.. group.Backends.Select(backend => backend.State.Health)];
            string name = group.Options.Name;
            foreach ((BackendHealth health, string state) in States)
            {
                yield return new BackendLevel(name, state, members.Count(m => !m.IsDrained && m.Health == health));
            }

            yield return new BackendLevel(name, Drained, members.Count(m => m.IsDrained));
        }
    }
}
